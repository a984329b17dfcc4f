/// The traffic of one adjustment interval, of one model in one Dynamo namespace.
public struct TrafficObservation: Codable, Sendable, Equatable {
  /// End of the interval, Unix seconds, a multiple of the interval's length.
  public var intervalEnd: Int
  /// Requests completed in the interval, at least 0. Not whole: Prometheus extrapolates.
  public var requestCount: Double
  /// Mean input sequence length in tokens; nil when nothing is known of it (an idle interval).
  public var isl: Double?
  /// Mean output sequence length in tokens; nil when nothing is known of it.
  public var osl: Double?
  /// Mean time to first token in milliseconds; nil when nothing is known of it.
  public var ttftMilliseconds: Double?
  /// Mean inter-token latency in milliseconds; nil when nothing is known of it.
  public var itlMilliseconds: Double?
  /// Mean duration of a request in seconds; nil when nothing is known of it.
  public var requestDurationSeconds: Double?
  /// Requests that arrived in the interval; nil when the source can't tell them from completed
  /// ones.
  public var arrivals: Arrivals?
  /// Requests in flight at the interval's end, the queued ones among them; nil when unknown.
  public var inFlightRequests: Double?
  /// Requests without a first token at the interval's end; nil when unknown.
  public var queuedRequests: Double?
  /// How the interval's values are spread; nil when unknown.
  public var spread: TrafficSpread?
  /// Share of the prompt tokens that caches held already, 0…1; nil when unknown.
  public var cacheHitRate: Double?

  /// Creates an observation.
  public init(
    intervalEnd: Int, requestCount: Double, isl: Double? = nil, osl: Double? = nil,
    ttftMilliseconds: Double? = nil, itlMilliseconds: Double? = nil,
    requestDurationSeconds: Double? = nil, arrivals: Arrivals? = nil,
    inFlightRequests: Double? = nil, queuedRequests: Double? = nil, spread: TrafficSpread? = nil
  ) {
    self.intervalEnd = intervalEnd
    self.requestCount = requestCount
    self.isl = isl
    self.osl = osl
    self.ttftMilliseconds = ttftMilliseconds
    self.itlMilliseconds = itlMilliseconds
    self.requestDurationSeconds = requestDurationSeconds
    self.arrivals = arrivals
    self.inFlightRequests = inFlightRequests
    self.queuedRequests = queuedRequests
    self.spread = spread
  }
}

/// What a traffic source can say of one interval. *Unknown* is a case of its own, never zero.
public enum TrafficReading: Codable, Sendable, Equatable {
  /// The interval was measured (its request count may well be 0).
  case known(TrafficObservation)
  /// Nothing is known: the query failed, no series matched, or the samples are stale.
  case unknown(intervalEnd: Int, reason: String)

  /// End of the interval, Unix seconds.
  public var intervalEnd: Int {
    switch self {
    case .known(let observation): observation.intervalEnd
    case .unknown(let intervalEnd, _): intervalEnd
    }
  }

  /// The observation, if there is one.
  public var observation: TrafficObservation? {
    if case .known(let observation) = self { observation } else { nil }
  }
}
