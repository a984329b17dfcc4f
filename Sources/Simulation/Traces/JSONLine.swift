/// Scans one JSON object for the numbers of a few keys, skipping everything else (the block hashes
/// of a Mooncake line are most of it).
struct JSONLine {
  private var rest: ArraySlice<UInt8>

  /// The numbers of `keys` in the object that `line` is, in the order of `keys`, as text; nil for a
  /// key that is missing or has another kind of value. A string is returned with its quotation
  /// marks: it is there, but no number.
  ///
  /// - Throws: ``LineFault/notJSON(_:)`` when the line is no object, or not a whole one.
  static func numbers(
    _ line: ArraySlice<UInt8>, keys: [[UInt8]]
  ) throws(LineFault) -> [ArraySlice<UInt8>?] {
    var scanner = JSONLine(rest: line)
    var found = [ArraySlice<UInt8>?](repeating: nil, count: keys.count)
    try scanner.expect("{")
    scanner.skipBlanks()
    if scanner.take("}") { return found }
    repeat {
      let name = try scanner.string()
      try scanner.expect(":")
      scanner.skipBlanks()
      let start = scanner.rest.startIndex
      let isSimple = scanner.rest.first.map {
        $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "\"") || (48...57).contains($0)
      }
      try scanner.skipValue()
      if isSimple == true, let key = keys.firstIndex(where: { $0.elementsEqual(name) }) {
        found[key] = line[start..<scanner.rest.startIndex]
      }
    } while try scanner.takeSeparator(orEnd: "}")
    scanner.skipBlanks()
    guard scanner.rest.isEmpty else { throw .notJSON("something follows the object") }
    return found
  }

  private mutating func skipBlanks() {
    while let first = rest.first, DecimalNumber.isBlank(first) { rest.removeFirst() }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(LineFault) {
    skipBlanks()
    if take(character) { return }
    throw .notJSON(rest.isEmpty ? "it ends too early" : "'\(character)' is expected")
  }

  /// Takes `,` (true) or the end of an object or array (false).
  private mutating func takeSeparator(orEnd end: Unicode.Scalar) throws(LineFault) -> Bool {
    skipBlanks()
    if take(",") { return true }
    if take(end) { return false }
    throw .notJSON(rest.isEmpty ? "it ends too early" : "',' or '\(end)' is expected")
  }

  /// Takes a string; escapes stay as they are, for no key that is looked for has one.
  private mutating func string() throws(LineFault) -> ArraySlice<UInt8> {
    try expect("\"")
    let whole = rest
    let start = rest.startIndex
    while let byte = rest.first {
      if byte == UInt8(ascii: "\"") {
        let text = whole[start..<rest.startIndex]
        rest.removeFirst()
        return text
      }
      rest.removeFirst()
      if byte == UInt8(ascii: "\\"), !rest.isEmpty { rest.removeFirst() }
    }
    throw .notJSON("it ends inside a string")
  }

  /// Skips a value; nesting is counted, not recursed into, so that no input exhausts the stack.
  private mutating func skipValue() throws(LineFault) {
    var depth = 0
    repeat {
      skipBlanks()
      guard let first = rest.first else { throw .notJSON("it ends too early") }
      switch first {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        rest.removeFirst()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { throw .notJSON("a value is missing") }
        depth -= 1
        rest.removeFirst()
      case UInt8(ascii: "\""): _ = try string()
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw .notJSON("a value is missing") }
        rest.removeFirst()
      default: skipWord()
      }
    } while depth > 0
  }

  /// Skips a number, `true`, `false` or `null`.
  private mutating func skipWord() {
    rest.removeFirst()
    while let byte = rest.first, !DecimalNumber.isBlank(byte), !Self.delimiters.contains(byte) {
      rest.removeFirst()
    }
  }

  private static let delimiters: Set<UInt8> = Set(",:{}[]\"".utf8)
}
