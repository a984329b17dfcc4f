#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Numbers that are saved as the Base64 text of their bits (IEEE 754 binary64, little-endian).
///
/// A window of 500 values is read and written at each invocation; as decimal numbers that takes a
/// millisecond for each of the three series.
@propertyWrapper
struct PackedNumbers: Codable, Sendable, Equatable {
  var wrappedValue: [Double]

  init(wrappedValue: [Double]) { self.wrappedValue = wrappedValue }

  /// Decodes the numbers.
  ///
  /// - Throws: `DecodingError` when there is anything but finite numbers in it.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let bytes = try container.decode(Data.self)
    let size = MemoryLayout<UInt64>.size
    wrappedValue = bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map { index in
        let bits = raw.loadUnaligned(fromByteOffset: index * size, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: bits))
      }
    }
    guard bytes.count.isMultiple(of: size), wrappedValue.allSatisfy(\.isFinite) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "These are not the bits of finite numbers.")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var bytes = Data(capacity: wrappedValue.count * MemoryLayout<UInt64>.size)
    for value in wrappedValue {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }
}
