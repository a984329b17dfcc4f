import CZlib

/// Unpacks a gzip stream piece by piece; several members one after another are one stream.
final class GzipStream {
  /// Why a stream can't be unpacked.
  enum Failure: Error {
    /// It is damaged; zlib's reason.
    case damaged(String)
  }

  private var stream = z_stream()
  private var output = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var isComplete = false
  private var isOpen = false

  /// Whether a file that begins with `bytes` is compressed with gzip.
  static func begins(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

  init() throws(Failure) {
    // 15 + 16: the largest window, gzip header and checksum.
    let status = inflateInit2_(
      &stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .damaged("out of memory") }
    isOpen = true
  }

  deinit { if isOpen { inflateEnd(&stream) } }

  /// Unpacks `bytes` and hands what comes out to `take`.
  ///
  /// - Returns: what is wrong with the stream; nil for nothing so far.
  func unpack<Problem: Error>(
    _ bytes: [UInt8], _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) -> Failure? {
    var input = bytes
    return try input.withUnsafeMutableBufferPointer { (source) throws(Problem) -> Failure? in
      stream.next_in = source.baseAddress
      stream.avail_in = uInt(source.count)
      while stream.avail_in > 0 {
        if isComplete, !beginMember() { return nil }
        let (status, produced) = step()
        if produced > 0 { try take(output[..<produced]) }
        switch status {
        case Z_STREAM_END: isComplete = true
        case Z_OK, Z_BUF_ERROR: break
        default:
          return .damaged(stream.msg.map { String(cString: $0) } ?? "zlib error \(status)")
        }
      }
      // The last step may have filled the output and left some behind.
      while !isComplete {
        let (_, produced) = step()
        guard produced > 0 else { break }
        try take(output[..<produced])
      }
      return nil
    }
  }

  /// Another member may follow the last one; zeros after it are padding.
  ///
  /// - Returns: whether there is more.
  private func beginMember() -> Bool {
    while stream.avail_in > 0, let next = stream.next_in, next.pointee == 0 {
      stream.next_in = next + 1
      stream.avail_in -= 1
    }
    guard stream.avail_in > 0 else { return false }
    isComplete = false
    return inflateReset(&stream) == Z_OK
  }

  private func step() -> (status: Int32, produced: Int) {
    let room = output.count
    return output.withUnsafeMutableBufferPointer { target in
      stream.next_out = target.baseAddress
      stream.avail_out = uInt(room)
      let status = inflate(&stream, Z_NO_FLUSH)
      return (status, room - Int(stream.avail_out))
    }
  }
}
