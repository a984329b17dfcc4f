/// The running sequences of a batch, the one that is done first at the top: a binary heap.
struct SequenceHeap: Sendable {
  /// A running sequence.
  struct Entry: Sendable {
    /// Progress of its batch at which it has all its tokens.
    var finish: Double
    /// When its first token came.
    var firstTokenAt: Double
    /// Its request.
    var request: Int32
    /// Prompt tokens.
    var isl: Int32
    /// Tokens that it came to generate.
    var tokens: Int32
  }

  private var entries: [Entry] = []

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var first: Entry? { entries.first }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard Self.comesBefore(entry, entries[parent]) else { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, Self.comesBefore(entries[child + 1], entries[child]) {
        child += 1
      }
      guard Self.comesBefore(entries[child], last) else { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = last
  }

  /// Equal finishes go by request, so that the order never depends on the heap's history.
  private static func comesBefore(_ left: Entry, _ right: Entry) -> Bool {
    left.finish < right.finish || (left.finish == right.finish && left.request < right.request)
  }
}
