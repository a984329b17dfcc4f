/// Why bytes are not the archive or array they should be, as half a sentence.
struct FormatError: Error, Equatable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Reads little-endian numbers from untrusted bytes; every access is checked.
struct ByteReader {
  let bytes: [UInt8]

  /// The bytes from `offset` on.
  func slice(_ offset: Int, _ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw FormatError("The file is truncated or its directory points outside of it")
    }
    return bytes[offset..<(offset + count)]
  }

  func uint16(at offset: Int) throws(FormatError) -> Int {
    Int(Self.littleEndian(try slice(offset, 2)))
  }

  func uint32(at offset: Int) throws(FormatError) -> Int {
    Int(Self.littleEndian(try slice(offset, 4)))
  }

  /// A 64-bit size or offset; one that no file can have is refused here.
  func uint64(at offset: Int) throws(FormatError) -> Int {
    guard let value = Int(exactly: Self.littleEndian(try slice(offset, 8))) else {
      throw FormatError("The file states a size that is impossible")
    }
    return value
  }

  /// Up to eight bytes as one number.
  static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
