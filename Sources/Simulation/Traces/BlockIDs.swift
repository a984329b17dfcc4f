/// The block ids of a Mooncake line: `"hash_ids": [0, 14, 15]`.
enum BlockIDs {
  private static let key = Array("\"hash_ids\"".utf8)

  /// The ids; empty where there are none, or where something else stands there: a simulation without
  /// a prefix cache needs none.
  static func of(_ line: ArraySlice<UInt8>) -> [Int32] {
    guard let start = position(in: line) else { return [] }
    var ids: [Int32] = []
    var value: Int32?
    var rest = line[start...]
    while let byte = rest.first, byte != UInt8(ascii: "[") {
      guard byte == UInt8(ascii: ":") || DecimalNumber.isBlank(byte) else { return [] }
      rest.removeFirst()
    }
    for byte in rest.dropFirst() {
      if (48...57).contains(byte) {
        value = (value ?? 0) &* 10 &+ Int32(byte - 48)
        continue
      }
      if let id = value { ids.append(id) }
      value = nil
      if byte == UInt8(ascii: "]") { return ids }
      guard byte == UInt8(ascii: ",") || DecimalNumber.isBlank(byte) else { return [] }
    }
    return []
  }

  /// Where what follows the key begins.
  private static func position(in line: ArraySlice<UInt8>) -> Int? {
    var index = line.startIndex
    while index + key.count <= line.endIndex {
      if line[index] == key[0], line[index..<(index + key.count)].elementsEqual(key) {
        return index + key.count
      }
      index += 1
    }
    return nil
  }
}
