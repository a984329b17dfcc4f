/// Makes characters visible that would do something to a terminal or to its reader instead of
/// standing there: names, labels and messages come from servers and files.
///
/// Meant are control characters (C0 with escape sequences, DEL, C1) but for the line feed, and marks
/// that reorder, break or hide text (bidirectional controls, line and paragraph separators,
/// zero-width characters).
public enum VisibleText {
  /// `text` with each of them as `\u{9B}`.
  ///
  /// - Parameter keepsLines: whether line feeds stay; else they are blanks, and a message one line.
  public static func plain(_ text: String, keepsLines: Bool = true) -> String {
    replaced(text, keepsLines: keepsLines) { $0 == "A" ? " " : "\\u{\($0)}" }
  }

  /// JSON text with each of them as `\u009B`, which means the same: outside of strings there is
  /// none of them.
  public static func json(_ text: String) -> String {
    replaced(text, keepsLines: true) {
      "\\u" + String(repeating: "0", count: max(0, 4 - $0.count)) + $0
    }
  }

  private static func replaced(
    _ text: String, keepsLines: Bool, _ escape: (String) -> String
  ) -> String {
    func isHidden(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "\n" ? !keepsLines : isHiding(scalar)
    }
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isHidden(scalar) {
        result += escape(String(scalar.value, radix: 16, uppercase: true))
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isHiding(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f...0x9f, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff:
      true
    default: false
    }
  }
}
