#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A floating-point number that is saved by its bits.
package protocol PackableNumber: BinaryFloatingPoint, Sendable {
  associatedtype Bits: FixedWidthInteger
  var bitPattern: Bits { get }
  init(bitPattern: Bits)
}

extension Double: PackableNumber {}
extension Float: PackableNumber {}

/// Numbers that are saved as the Base64 text of their bits (IEEE 754, little-endian).
///
/// A window of 500 values is read and written at each invocation; as decimal numbers that takes a
/// millisecond for each of the three series. A logarithm of work needs no more than the seven digits of
/// a `Float`: five bytes of text instead of twenty.
@propertyWrapper
package struct PackedNumbers<Number: PackableNumber>: Codable, Sendable, Equatable {
  /// The numbers.
  package var values: [Number]

  package var wrappedValue: [Number] {
    get { values }
    _modify { yield &values }
  }

  package init(wrappedValue: [Number]) { values = wrappedValue }

  package init(_ values: [Number] = []) { self.values = values }

  /// Decodes the numbers.
  ///
  /// - Throws: `DecodingError` when there is anything but finite numbers in it.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let bytes = try container.decode(Data.self)
    let size = MemoryLayout<Number.Bits>.size
    values = bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map { index in
        let bits = raw.loadUnaligned(fromByteOffset: index * size, as: Number.Bits.self)
        return Number(bitPattern: Number.Bits(littleEndian: bits))
      }
    }
    guard bytes.count.isMultiple(of: size), values.allSatisfy(\.isFinite) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "These are not the bits of finite numbers.")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var bytes = Data(capacity: values.count * MemoryLayout<Number.Bits>.size)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }

  /// Appends a number and drops the oldest ones beyond `limit`.
  package mutating func append(_ value: Number, limit: Int) {
    values.append(value)
    values.removeFirst(max(0, values.count - limit))
  }
}

package typealias PackedFloats = PackedNumbers<Float>
