#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Numbers as metrics pages and Prometheus write them: decimal, with an optional sign, fraction
/// and exponent, or `Inf`, `Infinity`, `NaN` in any case. No hexadecimal, no digit separators.
///
/// The result is the double nearest to the decimal number (ties to even), independent of the
/// locale; a number too large for a double is infinite, one too small is 0.
enum DecimalText {
  /// The value of the `count` bytes at `text`, or nil when they are not a number.
  static func value(_ text: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    var index = 0
    var isNegative = false
    if count > 0, text[0] == Ascii.minus || text[0] == Ascii.plus {
      isNegative = text[0] == Ascii.minus
      index = 1
    }
    let unsigned = index
    var mantissa: UInt64 = 0
    var scale = 0
    var hasDroppedDigits = false

    while index < count, text[index] &- Ascii.zero < 10 {
      hasDroppedDigits = !append(text[index], to: &mantissa) || hasDroppedDigits
      index += 1
    }
    var digits = index - unsigned
    if index < count, text[index] == Ascii.point {
      index += 1
      let fraction = index
      while index < count, text[index] &- Ascii.zero < 10 {
        hasDroppedDigits = !append(text[index], to: &mantissa) || hasDroppedDigits
        index += 1
      }
      scale = fraction - index
      digits -= scale
    }
    guard digits > 0 else {
      return nonFinite(text + unsigned, count - unsigned, isNegative: isNegative)
    }
    if index < count, text[index] | 0x20 == Ascii.e {
      guard let exponent = exponent(text, count, &index) else { return nil }
      scale += exponent
    }
    guard index == count else { return nil }
    if !hasDroppedDigits, let magnitude = exact(mantissa, scale) {
      return isNegative ? -magnitude : magnitude
    }
    return Double(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
  }

  /// The value of `text`, or nil when it is not a number.
  static func value(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return nil }
      return value(base, bytes.count)
    }
  }

  /// Appends a digit; false when the mantissa is full (it holds 19 digits) and the digit is lost.
  @inline(__always)
  private static func append(_ digit: UInt8, to mantissa: inout UInt64) -> Bool {
    guard mantissa < 1_000_000_000_000_000_000 else { return false }
    mantissa = mantissa &* 10 &+ UInt64(digit &- Ascii.zero)
    return true
  }

  /// Reads `e`, an optional sign and at least one digit; the result is held within ±100,000,
  /// far outside the range of a double.
  private static func exponent(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int
  ) -> Int? {
    index += 1
    var isNegative = false
    if index < count, text[index] == Ascii.minus || text[index] == Ascii.plus {
      isNegative = text[index] == Ascii.minus
      index += 1
    }
    let first = index
    var exponent = 0
    while index < count, text[index] &- Ascii.zero < 10 {
      exponent = min(exponent * 10 + Int(text[index] &- Ascii.zero), 100_000)
      index += 1
    }
    guard index > first else { return nil }
    return isNegative ? -exponent : exponent
  }

  /// `mantissa × 10^scale` where one multiplication or division of two exact doubles gives it
  /// correctly rounded, else nil.
  ///
  /// Source: W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990, §3
  /// (mantissa below 2⁵³, powers of ten up to 10²² are exact).
  @inline(__always)
  private static func exact(_ mantissa: UInt64, _ scale: Int) -> Double? {
    if mantissa == 0 { return 0 }
    guard mantissa <= 1 << 53, scale >= -22, scale <= 22 else { return nil }
    return scale < 0
      ? Double(mantissa) / powersOfTen[-scale] : Double(mantissa) * powersOfTen[scale]
  }

  private static func nonFinite(
    _ text: UnsafePointer<UInt8>, _ count: Int, isNegative: Bool
  ) -> Double? {
    guard count == 3 || count == 8 else { return nil }
    let word = String(
      decoding: UnsafeBufferPointer(start: text, count: count).lazy.map { $0 | 0x20 },
      as: UTF8.self)
    switch word {
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    case "nan": return .nan
    default: return nil
    }
  }
}

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
