#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Numbers that are saved as the Base64 text of their bits (IEEE 754 binary32, little-endian): a
/// logarithm of work needs no more than seven digits, and five bytes of text instead of twenty.
struct PackedFloats: Codable, Sendable, Equatable {
  var values: [Float]

  init(_ values: [Float] = []) { self.values = values }

  /// Decodes the numbers.
  ///
  /// - Throws: `DecodingError` when there is anything but finite numbers in it.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let bytes = try container.decode(Data.self)
    let size = MemoryLayout<UInt32>.size
    values = bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map { index in
        let bits = raw.loadUnaligned(fromByteOffset: index * size, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
    guard bytes.count.isMultiple(of: size), values.allSatisfy(\.isFinite) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "These are not the bits of finite numbers.")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var bytes = Data(capacity: values.count * MemoryLayout<UInt32>.size)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }

  /// Appends a number and drops the oldest ones beyond `limit`.
  mutating func append(_ value: Float, limit: Int) {
    values.append(value)
    values.removeFirst(max(0, values.count - limit))
  }
}
