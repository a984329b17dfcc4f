/// Text and numbers as they may stand in a page.
enum HTMLText {
  /// `text` with everything replaced that could end a text node or a quoted attribute, and without
  /// control characters, which HTML forbids.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A coordinate of an SVG drawing, to a tenth of a unit.
  static func coordinate(_ value: Double) -> String {
    guard value.magnitude < 1e6 else { return "0" }
    return fixed(value, decimals: 1)
  }

  /// A number as a person reads it: three to four significant digits, thousands grouped.
  static func number(_ value: Double) -> String {
    let magnitude = value.magnitude
    guard magnitude < 1e15 else { return value.isNaN ? "–" : "\(value)" }
    let decimals =
      magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 1 ? 2 : magnitude >= 0.01 ? 3 : 5
    return grouped(fixed(value, decimals: decimals))
  }

  /// A share as per cent.
  static func percent(_ share: Double) -> String {
    share.isFinite ? "\(fixed(min(max(share, -1e9), 1e9) * 100, decimals: 1)) %" : "–"
  }

  /// `value`, of a magnitude below 10^15, rounded to at most `decimals`, without trailing zeros.
  static func fixed(_ value: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard scaled.magnitude < 9e18 else { return "\(value)" }
    let digits = String(Int64(scaled.magnitude))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    var fraction = padded.suffix(decimals)
    while fraction.last == "0" { fraction.removeLast() }
    let whole = padded.dropLast(decimals)
    return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
  }

  /// Whole numbers of five and more digits with a thin space between thousands.
  private static func grouped(_ text: String) -> String {
    let digits = text.drop { $0 == "-" }
    guard digits.count > 4, !text.contains(".") else { return text }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "\u{202F}" }
      result.append(digit)
    }
    return (text.hasPrefix("-") ? "-" : "") + result
  }
}
