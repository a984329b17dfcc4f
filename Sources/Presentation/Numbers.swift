/// Numbers as a person reads them; the same everywhere, whatever the locale.
public enum Numbers {
  /// Numbers beyond this are written with an exponent: an `Int64` holds no such number of
  /// thousandths.
  static let limit = 1e15

  /// `value` with exactly `decimals`: `12.50`. NaN is `–`, what is beyond 10^15 is left as it is.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, value.magnitude < limit else { return value.isNaN ? "–" : "\(value)" }
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % scale)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(units / scale).\(zeros)\(fraction)"
  }

  /// `value` with at most `decimals`, without zeros at its end: `12.5`, `12`; with more of them, up
  /// to six, where it would be shown as 0 and is not: 0.02 ms is not none.
  public static func short(_ value: Double, _ decimals: Int) -> String {
    let text = visible(value, decimals)
    guard text.utf8.contains(UInt8(ascii: ".")), value.magnitude < limit else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }

  /// As ``fixed(_:_:)``, with more decimals, up to six, where it would be shown as 0 and is not.
  public static func visible(_ value: Double, _ decimals: Int) -> String {
    var scale = 2.0
    for _ in 0..<decimals { scale *= 10 }
    let vanishes = value != 0 && (value * scale).magnitude < 1 && decimals < 6
    return vanishes ? visible(value, decimals + 1) : fixed(value, decimals)
  }

  /// `value` to the last digit, without a fraction where it is whole: `180`, `0.1`.
  public static func exact(_ value: Double) -> String {
    value.magnitude < limit ? Int(exactly: value).map(String.init) ?? "\(value)" : "\(value)"
  }

  /// Whole numbers as they are, others with four digits or more: `3000`, `12.35`, `0.01235`.
  public static func significant(_ value: Double) -> String {
    guard value.isFinite, value != value.rounded() else { return exact(value) }
    var decimals = 0
    var scale = 1.0
    while (value * scale).magnitude < 1000, decimals < 9 {
      scale *= 10
      decimals += 1
    }
    return short(value, decimals)
  }

  /// Three to five digits, thousands grouped from ten thousand on: `0.0123`, `12.35`, `12 346`.
  public static func grouped(_ value: Double) -> String {
    let magnitude = value.magnitude
    let decimals =
      magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 1 ? 2 : magnitude >= 0.01 ? 3 : 5
    let text = short(value, decimals)
    guard magnitude >= 9999.5, magnitude < limit else { return text }
    let digits = text.drop { $0 == "-" }
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "\u{202F}" }
      result.append(digit)
    }
    return result
  }

  /// A share of 1 as per cent with at most one decimal: `95 %`, `99.5 %`.
  public static func percent(_ share: Double) -> String {
    share.isFinite ? "\(short(share * 100, 1)) %" : "–"
  }

  /// `1 replica`, `2 replicas`.
  public static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
