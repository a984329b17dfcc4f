/// The fields of one CSV line (RFC 4180; whoever wants a quoted field to hold a line end joins the lines).
package enum CSVLine {
  /// The fields, without their quotation marks.
  ///
  /// - Throws: where a quoted field has no end.
  package static func fields(_ line: [UInt8]) throws -> [String] {
    var fields: [String] = []
    try forEachField(line[...]) { fields.append(String(decoding: $1, as: UTF8.self)) }
    return fields
  }

  /// Calls `take` with each field, counted from 0, without its quotation marks.
  static func forEachField(
    _ line: ArraySlice<UInt8>, _ take: (Int, ArraySlice<UInt8>) -> Void
  ) throws(LineFault) {
    var index = 0
    var rest = line
    while true {
      if rest.first == UInt8(ascii: "\"") {
        take(index, try quoted(&rest)[...])
      } else {
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
        take(index, rest[rest.startIndex..<end])
        rest = rest[end...]
      }
      guard rest.first == UInt8(ascii: ",") else { return }
      rest.removeFirst()
      index += 1
    }
  }

  /// The names in a header line.
  static func names(_ line: ArraySlice<UInt8>) throws(LineFault) -> [String] {
    var names: [String] = []
    try forEachField(line) { _, field in
      names.append(String(decoding: DecimalNumber.trimmed(field), as: UTF8.self))
    }
    return names
  }

  /// Takes a quoted field and what follows it up to the comma from `rest`.
  private static func quoted(_ rest: inout ArraySlice<UInt8>) throws(LineFault) -> [UInt8] {
    var field: [UInt8] = []
    rest.removeFirst()
    while let byte = rest.first {
      rest.removeFirst()
      if byte != UInt8(ascii: "\"") {
        field.append(byte)
      } else if rest.first == UInt8(ascii: "\"") {
        rest.removeFirst()
        field.append(byte)
      } else {
        while let next = rest.first, next != UInt8(ascii: ",") { rest.removeFirst() }
        return field
      }
    }
    throw .openQuote
  }
}
