/// Files that are no text in UTF-8 or ASCII, told by their first bytes: what people have when a trace
/// can't be read, and what makes one of it that can.
enum ForeignEncoding {
  /// How many bytes are needed to tell.
  static let headBytes = 16

  /// Refuses a file that begins with `bytes` unless it may be text.
  static func refuse(_ bytes: ArraySlice<UInt8>) throws(TraceError) {
    if let name = name(of: Array(bytes.prefix(headBytes))) { throw .foreignEncoding(name) }
  }

  /// What a file that begins with `head` is, and what to do, as the end of a sentence; nil for
  /// anything that may be text.
  private static func name(of head: [UInt8]) -> String? {
    for (magic, kind, remedy) in magics where head.starts(with: magic) {
      return "\(kind); \(remedy)"
    }
    // Text in UTF-16 without a mark: every second byte of ASCII is zero.
    let zeros = head.indices.filter { head[$0] == 0 }
    if head.count >= 4, !zeros.isEmpty, zeros.count * 4 >= head.count {
      return "UTF-16 or binary; \(utf16)"
    }
    return nil
  }

  private static let utf16 =
    "make UTF-8 of it with 'iconv -f UTF-16 -t UTF-8 FILE' (PowerShell: '… | Out-File -Encoding utf8')"

  private static func unpack(_ program: String) -> String {
    "unpack it: '\(program) FILE | sla-planner simulate -'"
  }

  /// Sources: RFC 8878 (zstd), the formats' own descriptions; file(1)'s magic agrees.
  private static let magics: [(magic: [UInt8], kind: String, remedy: String)] = [
    ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd", unpack("zstd -dc")),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "compressed with xz", unpack("xz -dc")),
    ([0x42, 0x5a, 0x68], "compressed with bzip2", unpack("bzip2 -dc")),
    ([0x04, 0x22, 0x4d, 0x18], "compressed with lz4", unpack("lz4 -dc")),
    ([0x50, 0x4b, 0x03, 0x04], "a ZIP archive", unpack("unzip -p")),
    ([0x50, 0x41, 0x52, 0x31], "a Parquet file", "write it as CSV"),
    ([0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], "an Arrow file", "write it as CSV"),
    ([0x4f, 0x62, 0x6a, 0x01], "an Avro file", "write it as CSV"),
    // Before UTF-16, whose mark it begins with.
    ([0xff, 0xfe, 0x00, 0x00], "UTF-32", "make UTF-8 of it with 'iconv -f UTF-32 -t UTF-8 FILE'"),
    ([0xff, 0xfe], "UTF-16", utf16), ([0xfe, 0xff], "UTF-16", utf16),
  ]
}
