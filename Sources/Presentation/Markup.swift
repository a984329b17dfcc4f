/// Text and numbers as they may stand in HTML, XML and SVG.
public enum Markup {
  /// `text` with everything replaced that could end a text node or a quoted attribute, and without
  /// control characters, which HTML and XML forbid.
  public static func escaped(_ text: String) -> String {
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
  public static func coordinate(_ value: Double) -> String {
    guard value.magnitude < 1e6 else { return "0" }
    return Numbers.short(value, 1)
  }
}
