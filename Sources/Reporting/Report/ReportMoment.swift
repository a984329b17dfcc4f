import Invocation
import Planning
import Presentation

/// What a report needs of one decision: light enough to be handed over by the hundred thousand.
public struct ReportMoment: Sendable, Equatable {
  /// One component's counts.
  public struct Counts: Sendable, Equatable {
    /// Replicas there were.
    public var current: Int?
    /// Replicas that the forecast needed.
    public var throughput: Int?
    /// The fewest that the throughput result allowed.
    public var floor: Int?
    /// Replicas decided on.
    public var final: Int?
    /// Tokens a second that one replica was taken to do; nil where nothing says so.
    public var tokensPerSecondPerReplica: Double?
    /// Why; nil where nothing decides by reasons (a policy of a simulation).
    public var reasons: DecisionReasons?

    /// Creates counts.
    public init(
      current: Int? = nil, throughput: Int? = nil, floor: Int? = nil, final: Int? = nil,
      tokensPerSecondPerReplica: Double? = nil, reasons: DecisionReasons? = nil
    ) {
      self.current = current
      self.throughput = throughput
      self.floor = floor
      self.final = final
      self.tokensPerSecondPerReplica = tokensPerSecondPerReplica
      self.reasons = reasons
    }
  }

  /// What was expected of an interval to come.
  public struct Forecast: Sendable, Equatable {
    /// End of the interval, Unix seconds.
    public var intervalEnd: Int
    /// The predictor.
    public var predictor: String
    /// Requests in the interval.
    public var requestCount: Double
    /// Mean input sequence length, tokens.
    public var isl: Double
    /// Mean output sequence length, tokens.
    public var osl: Double

    /// Creates a forecast.
    public init(
      intervalEnd: Int, predictor: String, requestCount: Double, isl: Double, osl: Double
    ) {
      self.intervalEnd = intervalEnd
      self.predictor = predictor
      self.requestCount = requestCount
      self.isl = isl
      self.osl = osl
    }
  }

  /// Which shares of an interval's requests were within the targets.
  public struct Attained: Sendable, Equatable {
    /// End of the interval, RFC 3339.
    public var intervalEnd: String
    /// Requests in the interval.
    public var requestCount: Double
    /// Share of the first tokens within the TTFT target; nil if unknown.
    public var ttft: Double?
    /// Share of the later tokens within the ITL target; nil if unknown.
    public var itl: Double?

    /// Creates shares.
    public init(intervalEnd: String, requestCount: Double, ttft: Double?, itl: Double?) {
      self.intervalEnd = intervalEnd
      self.requestCount = requestCount
      self.ttft = ttft
      self.itl = itl
    }
  }

  /// When it was decided, seconds.
  public var time: Double
  /// Whether a count was changed, or would have been in a dry run.
  public var isChange: Bool
  /// Whether something that the decision needs was missing or in the way.
  public var isHeld = false
  /// What became of the newest interval's requests; nil if unknown.
  public var attained: Attained?
  /// The components that are scaled.
  public var components: [Component: Counts]
  /// GPUs held from then on; nil if unknown.
  public var gpus: Int?
  /// How many times as slow as profiled engines were taken to be; nil where nothing is corrected.
  public var slowdown: EngineSlowdown?
  /// What was expected of the next interval.
  public var forecast: Forecast?

  /// Creates a moment.
  public init(
    time: Double, isChange: Bool = false, components: [Component: Counts], gpus: Int? = nil,
    slowdown: EngineSlowdown? = nil, forecast: Forecast? = nil
  ) {
    self.time = time
    self.isChange = isChange
    self.components = components
    self.gpus = gpus
    self.slowdown = slowdown
    self.forecast = forecast
  }

  /// The moment of a decision as it was printed.
  ///
  /// - Parameters:
  ///   - time: when it was made, Unix seconds.
  ///   - intervalSeconds: length of an adjustment interval; nil leaves the forecast out.
  public init(
    _ document: DecisionDocument, time: Double, isChange: Bool, intervalSeconds: Int?
  ) {
    let isInPlace = document.status == .applied || document.status == .unchanged
    let gpus = document.gpus
    self.init(
      time: time, isChange: isChange,
      components: document.components.mapValues {
        Counts(
          current: $0.current, throughput: $0.throughput, floor: $0.floor, final: $0.final,
          tokensPerSecondPerReplica: $0.capacity?.tokensPerSecondPerReplica,
          reasons: $0.reasons)
      },
      gpus: isInPlace ? gpus.after ?? gpus.before : gpus.before ?? gpus.after,
      slowdown: EngineSlowdown(
        prefill: document.correction.prefill, decode: document.correction.decode))
    isHeld = document.status == .held
    attained = document.observed.map {
      Attained(
        intervalEnd: $0.intervalEnd, requestCount: $0.requestCount, ttft: $0.ttftShare,
        itl: $0.itlShare)
    }
    guard let expected = document.forecast, let intervalSeconds,
      let end = Self.forecastEnd(document, time: time, intervalSeconds: intervalSeconds)
    else { return }
    // A plan for a quantile, or for a peak further ahead, is no forecast of that interval.
    forecast = Forecast(
      intervalEnd: end, predictor: expected.predictor,
      requestCount: expected.plan?.nextRequestCount ?? expected.requestCount,
      isl: expected.isl, osl: expected.osl)
  }

  /// The end of the interval after the one that was observed, or after the newest complete one.
  private static func forecastEnd(
    _ document: DecisionDocument, time: Double, intervalSeconds: Int
  ) -> Int? {
    let observed = document.observed.flatMap { Instant.rfc3339($0.intervalEnd) }
    let length = Double(intervalSeconds)
    guard intervalSeconds > 0, time.magnitude < 1e12 else { return nil }
    return Int(((observed ?? time) / length).rounded(.down) * length) + intervalSeconds
  }
}
