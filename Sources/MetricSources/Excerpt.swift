/// Quotes the beginning of something that was not what was expected, for an error message.
enum Excerpt {
  /// The first `limit` bytes in single quotes, with white space collapsed and everything
  /// unprintable replaced; cut pieces end with "…".
  static func of(_ bytes: some Sequence<UInt8>, limit: Int = 120) -> String {
    let start = Array(bytes.prefix(limit + 1))
    var text = ""
    var isPendingSpace = false
    for scalar in String(decoding: start.prefix(limit), as: UTF8.self).unicodeScalars {
      if scalar.properties.isWhitespace {
        isPendingSpace = !text.isEmpty
        continue
      }
      if isPendingSpace { text += " " }
      isPendingSpace = false
      let isPrintable = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
      text.unicodeScalars.append(isPrintable ? scalar : "\u{fffd}")
    }
    return "'\(text)\(start.count > limit ? "…" : "")'"
  }
}
