/// The counters and histograms of the frontend, moved when the real one moves them: requests,
/// durations and output lengths at completion, TTFT and input length at the first token, ITL with
/// every token.
///
/// The buckets are those of a Dynamo frontend (releases 1.0.0 and 1.6.1, see the captures).
public struct FrontendCounters: Sendable, Equatable, Codable {
  /// Requests that arrived (`requests_started_total`).
  public internal(set) var started = 0
  /// Requests that were completed (`requests_total`).
  public internal(set) var completed = 0
  /// Requests that were refused because no KV cache holds them.
  public internal(set) var refused = 0
  /// Time to first token, seconds.
  public internal(set) var ttft = BucketedValues(bounds: [
    0, 0.0022, 0.0047, 0.01, 0.022, 0.047, 0.1, 0.22, 0.47, 1, 2.2, 4.7, 10, 22, 48, 100, 220, 480,
  ])
  /// Inter-token latency, seconds.
  public internal(set) var itl = BucketedValues(bounds: [
    0, 0.0018, 0.0033, 0.0059, 0.011, 0.02, 0.035, 0.064, 0.12, 0.21, 0.38, 0.69, 1.2, 2.3, 4.1,
    7.4, 13, 24, 44, 80,
  ])
  /// Duration of requests, seconds.
  public internal(set) var duration = BucketedValues(bounds: [
    0, 2, 4, 8, 16, 32, 64, 130, 260, 510,
  ])
  /// Input sequence length, tokens.
  public internal(set) var isl = BucketedValues(bounds: [
    0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000,
  ])
  /// Output sequence length, tokens.
  public internal(set) var osl = BucketedValues(bounds: [
    0, 100, 210, 430, 880, 1800, 3700, 7600, 16_000, 32_000,
  ])
  /// Prompt tokens that a worker's cache held when they were routed.
  public internal(set) var cachedTokens = 0.0
  /// Prompt tokens that were routed with their blocks known.
  public internal(set) var routedTokens = 0.0
  /// Seconds times requests in flight.
  public internal(set) var inFlightSeconds = 0.0

  /// Creates counters at zero.
  public init() {}

  /// What was counted since `earlier`.
  public func since(_ earlier: FrontendCounters) -> FrontendCounters {
    var difference = FrontendCounters()
    difference.started = started - earlier.started
    difference.completed = completed - earlier.completed
    difference.refused = refused - earlier.refused
    difference.ttft = ttft.since(earlier.ttft)
    difference.itl = itl.since(earlier.itl)
    difference.duration = duration.since(earlier.duration)
    difference.isl = isl.since(earlier.isl)
    difference.osl = osl.since(earlier.osl)
    difference.cachedTokens = cachedTokens - earlier.cachedTokens
    difference.routedTokens = routedTokens - earlier.routedTokens
    difference.inFlightSeconds = inFlightSeconds - earlier.inFlightSeconds
    return difference
  }
}
