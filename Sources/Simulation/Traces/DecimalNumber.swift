/// Reads decimal numbers from bytes.
enum DecimalNumber {
  /// The finite number that `text` spells, blanks around it allowed; nil for anything else.
  ///
  /// Up to 15 digits with a small exponent are exact in two doubles (Clinger's fast path); the
  /// rest goes through the standard library.
  static func value(_ text: ArraySlice<UInt8>) -> Double? {
    let text = trimmed(text)
    var rest = text
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    var mantissa = 0
    var digits = 0
    var decimals = 0
    while let digit = digit(rest.first) {
      rest.removeFirst()
      digits += 1
      if digits <= 15 { mantissa = mantissa * 10 + digit }
    }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      while let digit = digit(rest.first) {
        rest.removeFirst()
        digits += 1
        decimals += 1
        if digits <= 15 { mantissa = mantissa * 10 + digit }
      }
    }
    guard digits > 0 else { return nil }
    if rest.isEmpty, digits <= 15 {
      let magnitude = Double(mantissa) / powersOfTen[decimals]
      return isNegative ? -magnitude : magnitude
    }
    // What is left may only be an exponent: the standard library would also read 0x10 and "inf".
    guard text.count <= 400, rest.first.map({ $0 | 0x20 == UInt8(ascii: "e") }) ?? true,
      rest.dropFirst().allSatisfy({ (43...57).contains($0) }),
      let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }

  /// The decimals at the start of `rest`, as a number in 0..<1; removes them. Nil if there is none.
  static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double? {
    var value = 0
    var digits = 0
    while let digit = digit(rest.first) {
      rest.removeFirst()
      // The sixteenth decimal of a second is beyond any clock.
      if digits < 15 {
        value = value * 10 + digit
        digits += 1
      }
    }
    return digits > 0 ? Double(value) / powersOfTen[digits] : nil
  }

  /// `text` without blanks at its ends.
  static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = text
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func digit(_ byte: UInt8?) -> Int? {
    guard let byte, byte >= 48, byte <= 57 else { return nil }
    return Int(byte) - 48
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]
}
