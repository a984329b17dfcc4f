/// Splits a command line into words as a POSIX shell does, without expanding anything.
///
/// Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting.
enum ShellWords {
  /// The words of `line`. A quotation mark that is never closed quotes to the end.
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        isEscaped = false
        // Inside double quotes a backslash only escapes these.
        if quote == "\"", !"\"\\$`\n".contains(character) { word = (word ?? "") + "\\" }
        // An escaped line break joins two lines.
        if character != "\n" { word = (word ?? "") + String(character) }
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let complete = word { words.append(complete) }
    return words
  }
}
