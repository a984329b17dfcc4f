/// Breaks sentences into lines.
public enum TextWrap {
  /// The columns that a terminal has at least.
  public static let standardWidth = 80

  /// `text` in lines of at most `width` characters, broken at blanks; a longer word stays whole.
  ///
  /// - Parameters:
  ///   - first: what the first line begins with.
  ///   - rest: what the others begin with.
  public static func lines(
    _ text: String, width: Int = standardWidth, first: String = "", rest: String = ""
  ) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = rest
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}
