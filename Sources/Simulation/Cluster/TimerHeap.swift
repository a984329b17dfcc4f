/// The next moment of each of many owners, the earliest first: a binary heap that knows where each
/// owner stands, so that a moment can be changed in logarithmic time.
struct TimerHeap: Sendable {
  private var heap: [Int32] = []
  private var position: [Int32] = []
  private var times: [Double] = []

  /// Owners, numbered from 0.
  var count: Int { times.count }

  /// The owner whose moment comes first (of several at the same time, the one with the smallest
  /// number); nil without owners.
  var first: (owner: Int, time: Double)? {
    guard let owner = heap.first else { return nil }
    return (Int(owner), times[Int(owner)])
  }

  /// Adds an owner without a moment; its number is ``count`` before.
  mutating func addOwner() {
    times.append(.infinity)
    position.append(Int32(heap.count))
    heap.append(Int32(times.count - 1))
  }

  /// Sets the moment of an owner; infinity for none.
  mutating func set(_ owner: Int, to time: Double) {
    times[owner] = time
    let place = siftUp(Int(position[owner]))
    siftDown(place)
  }

  private func comesBefore(_ left: Int32, _ right: Int32) -> Bool {
    let a = times[Int(left)]
    let b = times[Int(right)]
    return a < b || (a == b && left < right)
  }

  private mutating func siftUp(_ start: Int) -> Int {
    var place = start
    let owner = heap[place]
    while place > 0 {
      let parent = (place - 1) / 2
      guard comesBefore(owner, heap[parent]) else { break }
      move(heap[parent], to: place)
      place = parent
    }
    move(owner, to: place)
    return place
  }

  private mutating func siftDown(_ start: Int) {
    var place = start
    let owner = heap[place]
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, comesBefore(heap[child + 1], heap[child]) { child += 1 }
      guard comesBefore(heap[child], owner) else { break }
      move(heap[child], to: place)
      place = child
    }
    move(owner, to: place)
  }

  private mutating func move(_ owner: Int32, to place: Int) {
    heap[place] = owner
    position[Int(owner)] = Int32(place)
  }
}
