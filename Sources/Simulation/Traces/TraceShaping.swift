/// Cuts, repeats and multiplies a trace.
public struct TraceShaping: Sendable, Equatable {
  /// Takes only requests from here on, in seconds from the first one.
  public var from: Double
  /// Takes only requests before this time, in seconds from the first one; nil for all.
  public var until: Double?
  /// Plays what was taken this many times, one after another; at least 1.
  public var repetitions: Int
  /// How many requests each one becomes on average; 0.25 takes every fourth at random.
  public var scale: Double
  /// Moves each request by a random time of at most this many seconds, earlier or later, so that
  /// the copies of one request don't arrive together.
  public var jitterSeconds: Double

  /// The longest trace that can be simulated, in seconds: ten years.
  public static let longestTrace = 3.2e8

  /// Creates a shaping; by default the trace stays as it is.
  public init(
    from: Double = 0, until: Double? = nil, repetitions: Int = 1, scale: Double = 1,
    jitterSeconds: Double = 0
  ) {
    self.from = from
    self.until = until
    self.repetitions = repetitions
    self.scale = scale
    self.jitterSeconds = jitterSeconds
  }

  /// The shaped trace, its time zero where `from` was.
  ///
  /// - Parameter seed: two equal seeds give the same trace.
  /// - Throws: ``TraceError/empty(skippedLines:)`` when nothing is left, or that it is too much.
  public func apply(to trace: RequestTrace, seed: UInt64) throws(TraceError) -> RequestTrace {
    let window = trace.requests(from: from, to: until ?? .infinity)
    guard !window.isEmpty else { throw .empty(skippedLines: 0) }
    // A repetition begins one mean gap after the last request, or where the window ends.
    let last = trace.arrivals[window.upperBound - 1] - from
    let span = until.map { $0 - from } ?? last + last / Double(max(1, window.count - 1))
    let length = span * Double(repetitions)
    guard length <= Self.longestTrace else { throw .tooLong(length) }
    let expected = Double(window.count) * Double(repetitions) * max(scale, 0)
    guard expected <= Double(RequestTrace.mostRequests) else {
      throw .tooManyRequests(Int(min(expected, 1e18)))
    }
    var random = SimulationRandom(seed: seed, stream: 1)
    var shaped = RequestTrace()
    shaped.reserve(Int(expected * 1.01) + 16)
    for repetition in 0..<repetitions {
      let shift = Double(repetition) * span - from
      for index in window {
        for copy in 0..<copies(&random) {
          let arrival = jittered(trace.arrivals[index] + shift, within: length, &random)
          shaped.append(
            arrival: arrival, isl: trace.isl[index], osl: trace.osl[index],
            blocks: Self.blocks(of: trace, index, copy: copy + repetition * 1009))
        }
      }
    }
    guard !shaped.isEmpty else { throw .empty(skippedLines: 0) }
    return jitterSeconds > 0 ? shaped.sorted() : shaped
  }

  /// The copies of a request are other people's: they share prompts among themselves as the first ones
  /// do, not with each other.
  private static func blocks(of trace: RequestTrace, _ index: Int, copy: Int) -> [Int32] {
    let shift = Int32(truncatingIfNeeded: copy) &* 7_368_787
    return trace.blocks(of: index).map { $0 &+ shift }
  }

  private func copies(_ random: inout SimulationRandom) -> Int {
    guard scale != 1 else { return 1 }
    let whole = scale.rounded(.down)
    return Int(whole) + (random.uniform() < scale - whole ? 1 : 0)
  }

  /// `arrival`, moved at random; what would leave the trace is reflected at its end.
  private func jittered(
    _ arrival: Double, within length: Double, _ random: inout SimulationRandom
  ) -> Double {
    guard jitterSeconds > 0 else { return arrival }
    var moved = arrival + (2 * random.uniform() - 1) * jitterSeconds
    if moved < 0 { moved = -moved }
    if moved > length { moved = 2 * length - moved }
    return min(max(moved, 0), max(length, 0))
  }
}
