/// The blocks that a worker's cache still holds of prompts it has seen; of too many the ones go that
/// were not asked for the longest (least recently used).
struct PrefixCache: Sendable {
  private let capacity: Int
  private var lastUse: [Int32: Int] = [:]
  private var clock = 0

  /// - Parameter capacity: blocks that it holds; 0 for none at all.
  init(capacity: Int) { self.capacity = capacity }

  /// Blocks at the beginning of a prompt that it holds.
  func held(_ blocks: ArraySlice<Int32>) -> Int {
    blocks.prefix { lastUse[$0] != nil }.count
  }

  /// Takes a prompt in.
  mutating func take(_ blocks: ArraySlice<Int32>) {
    guard capacity > 0 else { return }
    clock += 1
    for block in blocks { lastUse[block] = clock }
    guard lastUse.count > capacity else { return }
    // A tenth more than has to go: sorting costs as much for one block as for many.
    let surplus = lastUse.count - capacity * 9 / 10
    let oldest = lastUse.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(surplus)
    for entry in oldest { lastUse[entry.key] = nil }
  }
}
