import NumericalMethods

/// Requests in order of arrival: when each came, how long its prompt was and how much was
/// generated.
public struct RequestTrace: Sendable, Equatable {
  /// Arrivals in seconds from the first request, not decreasing, finite, at least 0.
  public private(set) var arrivals: [Double]
  /// Input sequence lengths in tokens, each 1…``longestSequence``.
  public private(set) var isl: [Int32]
  /// Output sequence lengths in tokens, each 1…``longestSequence``.
  public private(set) var osl: [Int32]
  /// Ids of the blocks of all prompts, one prompt's after another: equal ids are equal prefixes.
  /// Empty for traces that don't tell.
  private var blockIDs: [Int32] = []
  /// Where each request's ids begin; empty for traces that don't tell.
  private var blockStarts: [Int] = []

  /// Tokens of a prompt that an id stands for (Mooncake's).
  public static let blockTokens: Int32 = 512

  /// More tokens than any model takes: a larger length in a trace is a mistake.
  public static let longestSequence = 10_000_000
  /// Most requests that a trace may hold.
  public static let mostRequests = 50_000_000

  /// Creates a trace without requests.
  public init() {
    arrivals = []
    isl = []
    osl = []
  }

  /// Requests.
  public var count: Int { arrivals.count }
  /// Whether there is no request.
  public var isEmpty: Bool { arrivals.isEmpty }
  /// Seconds from time zero to the last arrival; 0 without requests.
  public var duration: Double { arrivals.last ?? 0 }

  /// Mean input sequence length in tokens; nil without requests.
  public var meanISL: Double? { Self.mean(isl[...]) }
  /// Mean output sequence length in tokens; nil without requests.
  public var meanOSL: Double? { Self.mean(osl[...]) }

  /// Adds a request that arrives no earlier than the last one.
  ///
  /// - Parameter blocks: ids of the prompt's blocks; empty when they are not told.
  mutating func append(arrival: Double, isl: Int32, osl: Int32, blocks: [Int32] = []) {
    if !blocks.isEmpty || !blockStarts.isEmpty {
      while blockStarts.count < arrivals.count { blockStarts.append(blockIDs.count) }
      blockStarts.append(blockIDs.count)
      blockIDs += blocks
    }
    arrivals.append(arrival)
    self.isl.append(isl)
    self.osl.append(osl)
  }

  /// Makes room for `count` requests.
  mutating func reserve(_ count: Int) {
    arrivals.reserveCapacity(count)
    isl.reserveCapacity(count)
    osl.reserveCapacity(count)
  }

  /// The trace with its requests in order of arrival (equal arrivals keep their order).
  func sorted() -> RequestTrace {
    let order = arrivals.indices.sorted { (arrivals[$0], $0) < (arrivals[$1], $1) }
    var result = RequestTrace()
    result.arrivals = order.map { arrivals[$0] }
    result.isl = order.map { isl[$0] }
    result.osl = order.map { osl[$0] }
    guard tellsBlocks else { return result }
    for index in order {
      result.blockStarts.append(result.blockIDs.count)
      result.blockIDs += blocks(of: index)
    }
    return result
  }

  /// Whether the trace tells which prompts begin alike.
  public var tellsBlocks: Bool { !blockStarts.isEmpty }

  /// Ids of a prompt's blocks; empty where they are not told.
  func blocks(of request: Int) -> ArraySlice<Int32> {
    guard request < blockStarts.count else { return [] }
    let end = request + 1 < blockStarts.count ? blockStarts[request + 1] : blockIDs.count
    return blockIDs[blockStarts[request]..<end]
  }

  /// The trace with its first arrival at time zero.
  func fromZero() -> RequestTrace {
    guard let first = arrivals.first, first != 0 else { return self }
    var result = self
    for i in result.arrivals.indices { result.arrivals[i] -= first }
    return result
  }

  /// Indices of the requests that arrive in `start`..<`end`, in seconds.
  func requests(from start: Double, to end: Double) -> Range<Int> {
    let lower = firstIndex(notBefore: start)
    return lower..<max(lower, firstIndex(notBefore: end))
  }

  /// Variance over mean of the arrivals in twelfths of some time; nil when nothing arrives.
  func indexOfDispersion(from start: Double, seconds: Double) -> Double? {
    let parts = 12
    let counts = (0..<parts).map { part in
      let begin = start + seconds * Double(part) / Double(parts)
      return Double(requests(from: begin, to: begin + seconds / Double(parts)).count)
    }
    let mean = counts.reduce(0, +) / Double(parts)
    guard mean > 0 else { return nil }
    return counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(parts - 1) / mean
  }

  /// Index of the first request that arrives at `time` or later; ``count`` if there is none.
  func firstIndex(notBefore time: Double) -> Int {
    bisect(-1, arrivals.count) { arrivals[$0] < time }.high
  }

  static func mean(_ lengths: ArraySlice<Int32>) -> Double? {
    lengths.isEmpty ? nil : Double(lengths.reduce(0) { $0 + Int($1) }) / Double(lengths.count)
  }
}
