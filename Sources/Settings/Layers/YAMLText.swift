import Yams

/// The text of a YAML or JSON file before anybody looks at what it says.
enum YAMLText {
  /// Why a text can't be read, as the rest of a sentence. It never quotes the text: that may hold
  /// secrets.
  struct Problem: Error {
    let reason: String
  }

  /// Parses the first document; nil for an empty one.
  ///
  /// - Parameters:
  ///   - maximumBytes: the largest text that is parsed at all.
  ///   - maximumAliases: the most aliases (`*name`) it may use. A handful is harmless; many, each of
  ///     which repeats others, unfold to more than any memory holds.
  static func compose(
    _ text: String, maximumBytes: Int, maximumAliases: Int
  ) throws(Problem) -> Node? {
    guard text.utf8.count <= maximumBytes else {
      throw Problem(reason: "it has more than \(maximumBytes) bytes, more than any such file needs")
    }
    guard aliasCount(in: text) <= maximumAliases else {
      throw Problem(
        reason: "it uses more than \(maximumAliases) YAML aliases; write the values out")
    }
    do {
      return try Yams.compose(yaml: withoutMark(text), .basic, .default, .utf8)
    } catch {
      throw Problem(reason: reason(of: error))
    }
  }

  /// Whether a node is YAML's null: one of its words without quotes.
  static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// The text without a byte order mark, which the reader takes for a document of its own.
  private static func withoutMark(_ text: String) -> String {
    let scalars = text.unicodeScalars
    return scalars.first == "\u{FEFF}" ? String(scalars.dropFirst()) : text
  }

  /// Places that look like an alias: a star before a word, where a value can begin. A text in
  /// quotes can look like one too, so this may count too many, never too few.
  private static func aliasCount(in text: String) -> Int {
    var count = 0
    var before = UInt8(ascii: "\n")
    var isAfterStar = false
    for byte in text.utf8 {
      if isAfterStar, isWordByte(byte) { count += 1 }
      isAfterStar = byte == UInt8(ascii: "*") && !isWordByte(before)
      before = byte
    }
    return count
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The reader's complaint in one line, without the text around it.
  private static func reason(of error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .reader(let problem, _, _, _):
      problem
    case .duplicatedKeysInMapping(let keys, _):
      "it has the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) more than once"
    default:
      "it is neither YAML nor JSON"
    }
  }
}
