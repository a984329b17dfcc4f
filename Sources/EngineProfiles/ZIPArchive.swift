import CZlib

/// The members of a ZIP archive held in memory, found through its central directory.
///
/// Stored and deflated members are read, ZIP64 fields are understood, checksums are verified.
/// Nothing is trusted: offsets and sizes are checked before use, and a member is never unpacked
/// beyond ``memberLimit``, whatever it claims.
///
/// Source: PKWARE, *APPNOTE.TXT – .ZIP File Format Specification*, version 6.3.10, sections
/// 4.3–4.5.
struct ZIPArchive {
  /// Largest member that is unpacked, in bytes.
  static let memberLimit = 1 << 20
  /// Most members that an archive may list.
  private static let entryLimit = 4096

  private struct Entry {
    var method: Int
    var isEncrypted: Bool
    var checksum: Int
    var compressedSize: Int
    var size: Int
    var headerOffset: Int
  }

  private let reader: ByteReader
  private var entries: [String: Entry] = [:]

  /// Reads the directory of an archive.
  init(_ bytes: [UInt8]) throws(FormatError) {
    reader = ByteReader(bytes: bytes)
    try readDirectory()
  }

  /// The members' names, sorted.
  var names: [String] { entries.keys.sorted() }

  /// Unpacks a member; nil when there is none of this name.
  func member(_ name: String) throws(FormatError) -> [UInt8]? {
    guard let entry = entries[name] else { return nil }
    guard !entry.isEncrypted else { throw FormatError("Member \(name) is encrypted") }
    guard entry.size <= Self.memberLimit else {
      throw FormatError("Member \(name) is larger than \(Self.memberLimit) bytes")
    }
    // The local header repeats the name and has extra fields of its own length.
    guard try reader.uint32(at: entry.headerOffset) == 0x0403_4b50 else {
      throw FormatError("Member \(name) is not where the directory says")
    }
    let nameLength = try reader.uint16(at: entry.headerOffset + 26)
    let extraLength = try reader.uint16(at: entry.headerOffset + 28)
    let packed = try reader.slice(
      entry.headerOffset + 30 + nameLength + extraLength, entry.compressedSize)

    let content: [UInt8]
    switch entry.method {
    case 0:
      guard entry.size == entry.compressedSize else {
        throw FormatError("Member \(name) is stored with two different sizes")
      }
      content = Array(packed)
    case 8:
      content = try inflated(packed, to: entry.size, name: name)
    default:
      throw FormatError("Member \(name) is compressed with unsupported method \(entry.method)")
    }
    let checksum = content.withUnsafeBufferPointer {
      crc32(0, $0.baseAddress, uInt($0.count))
    }
    // An empty buffer has no address, and zlib then answers with the initial value.
    guard content.isEmpty ? entry.checksum == 0 : Int(checksum) == entry.checksum else {
      throw FormatError("Member \(name) is damaged (its checksum differs)")
    }
    return content
  }
}

extension ZIPArchive {
  private mutating func readDirectory() throws(FormatError) {
    let end = try endOfDirectory()
    var count = try reader.uint16(at: end + 10)
    var offset = try reader.uint32(at: end + 16)
    if let end64 = try endOfDirectory64(before: end) {
      count = try reader.uint64(at: end64 + 32)
      offset = try reader.uint64(at: end64 + 48)
    }
    guard count <= Self.entryLimit else {
      throw FormatError("The archive lists \(count) members; a profile has a handful")
    }
    for _ in 0..<count {
      guard try reader.uint32(at: offset) == 0x0201_4b50 else {
        throw FormatError("The archive's directory is damaged")
      }
      let nameLength = try reader.uint16(at: offset + 28)
      let extraLength = try reader.uint16(at: offset + 30)
      let commentLength = try reader.uint16(at: offset + 32)
      let name = String(decoding: try reader.slice(offset + 46, nameLength), as: UTF8.self)
      var entry = Entry(
        method: try reader.uint16(at: offset + 10),
        isEncrypted: try reader.uint16(at: offset + 8) & 1 == 1,
        checksum: try reader.uint32(at: offset + 16),
        compressedSize: try reader.uint32(at: offset + 20),
        size: try reader.uint32(at: offset + 24),
        headerOffset: try reader.uint32(at: offset + 42))
      try readSizes64(
        into: &entry, from: offset + 46 + nameLength, to: offset + 46 + nameLength + extraLength)
      // As in Python's zipfile, the last member of a name is the one that counts.
      entries[name] = entry
      offset += 46 + nameLength + extraLength + commentLength
    }
  }

  /// Offset of the end-of-central-directory record, which a comment of at most 65,535 bytes
  /// may follow.
  private func endOfDirectory() throws(FormatError) -> Int {
    let size = reader.bytes.count
    var offset = size - 22
    while offset >= 0, offset >= size - 22 - 0xffff {
      if try reader.uint32(at: offset) == 0x0605_4b50,
        try reader.uint16(at: offset + 20) == size - offset - 22
      {
        return offset
      }
      offset -= 1
    }
    throw FormatError("This is not a complete ZIP archive, as an NPZ file is")
  }

  /// Offset of the ZIP64 end record, if its locator stands before the plain one.
  private func endOfDirectory64(before end: Int) throws(FormatError) -> Int? {
    let locator = end - 20
    guard locator >= 0, try reader.uint32(at: locator) == 0x0706_4b50 else { return nil }
    let record = try reader.uint64(at: locator + 8)
    guard try reader.uint32(at: record) == 0x0606_4b50 else {
      throw FormatError("The archive's ZIP64 directory is damaged")
    }
    return record
  }

  /// Takes the sizes and the offset that did not fit from the ZIP64 extra field.
  private func readSizes64(
    into entry: inout Entry, from start: Int, to end: Int
  ) throws(FormatError) {
    var offset = start
    while offset + 4 <= end {
      let length = try reader.uint16(at: offset + 2)
      if try reader.uint16(at: offset) == 1 {
        var field = offset + 4
        let fieldEnd = min(end, field + length)
        func next() throws(FormatError) -> Int {
          guard field + 8 <= fieldEnd else {
            throw FormatError("The archive's ZIP64 sizes are damaged")
          }
          defer { field += 8 }
          return try reader.uint64(at: field)
        }
        if entry.size == 0xffff_ffff { entry.size = try next() }
        if entry.compressedSize == 0xffff_ffff { entry.compressedSize = try next() }
        if entry.headerOffset == 0xffff_ffff { entry.headerOffset = try next() }
        return
      }
      offset += 4 + length
    }
  }

  /// Unpacks a raw deflate stream of which the unpacked size is known.
  private func inflated(
    _ packed: ArraySlice<UInt8>, to size: Int, name: String
  ) throws(FormatError) -> [UInt8] {
    var input = Array(packed)
    // One byte more than stated: a stream that holds more does not end, and is found out.
    var output = [UInt8](repeating: 0, count: size + 1)
    var stream = z_stream()
    // −15: the largest window, without a zlib header.
    guard
      inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw FormatError("Member \(name) can't be unpacked (out of memory)") }
    defer { inflateEnd(&stream) }
    let inputCount = uInt(input.count)
    let outputCount = uInt(output.count)
    let status = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = inputCount
        stream.next_out = target.baseAddress
        stream.avail_out = outputCount
        return inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END, Int(stream.total_out) == size else {
      throw FormatError("Member \(name) is damaged (it does not unpack to its stated size)")
    }
    output.removeLast()
    return output
  }
}
