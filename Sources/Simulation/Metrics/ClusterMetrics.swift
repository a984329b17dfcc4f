import Planning

/// What a policy sees when it looks at the cluster: the same that the planner is told by
/// Prometheus, by the router's page and by the connector, and nothing else.
public struct ClusterMetrics: Sendable {
  /// When it began to look, Unix seconds.
  public var time: Double
  /// What the deployment says of the components that are scaled.
  public var deployment: DeploymentStatus
  /// The traffic intervals that became known since the last look, oldest first.
  public var intervals: [IntervalMetrics]
  /// The traffic steps that became known since the last look, oldest first; none unless the policy
  /// asks for steps.
  public var steps: [IntervalMetrics]
  /// Samples of the router's page, oldest first; as many as the policy asked for.
  public var samples: [WorkerSample]
  /// The frontend's gauge of requests in flight.
  public var inFlight: Int
  /// The frontend's gauge of requests without a first token.
  public var queued: Int
  /// How busy the ready workers of each component are.
  public var usage: [Component: ComponentUsage]

  /// Creates metrics.
  public init(
    time: Double, deployment: DeploymentStatus, intervals: [IntervalMetrics] = [],
    steps: [IntervalMetrics] = [], samples: [WorkerSample] = [], inFlight: Int = 0, queued: Int = 0,
    usage: [Component: ComponentUsage] = [:]
  ) {
    self.time = time
    self.deployment = deployment
    self.intervals = intervals
    self.steps = steps
    self.samples = samples
    self.inFlight = inFlight
    self.queued = queued
    self.usage = usage
  }
}

/// How busy the ready workers of a component are, as a resource metric would tell it.
public struct ComponentUsage: Sendable, Equatable {
  /// Ready workers.
  public var ready: Int
  /// Workers that are starting.
  public var starting: Int
  /// Sum over the ready workers of the share of time that they worked on prompts since the last
  /// look, 0…`ready`.
  public var busyWorkers: Double
  /// Sequences in decode or in line for it.
  public var sequences: Int
  /// Tokens of the KV cache that are promised, as a share of what the ready workers have.
  public var kvUsage: Double
  /// Prompt tokens whose first token has not come, on the ready workers and in line for one.
  public var promptTokens: Double
  /// Sum over the ready workers of the share of their KV cache that is in use, 0…`ready`.
  public var fullCaches: Double

  /// Creates a usage.
  public init(
    ready: Int, starting: Int, busyWorkers: Double, sequences: Int, kvUsage: Double,
    promptTokens: Double = 0, fullCaches: Double = 0
  ) {
    self.ready = ready
    self.starting = starting
    self.busyWorkers = busyWorkers
    self.sequences = sequences
    self.kvUsage = kvUsage
    self.promptTokens = promptTokens
    self.fullCaches = fullCaches
  }
}

/// What the frontend counted in one interval or step, as its metrics would tell it.
public struct IntervalMetrics: Sendable, Equatable, Codable {
  /// End of the interval, Unix seconds, a multiple of its length.
  public var end: Int
  /// Length in seconds, at least 1.
  public var seconds: Int
  /// What was counted in it, before ``extrapolation``.
  public var counters: FrontendCounters
  /// What counts are multiplied by because they were seen for a part of it only; 1 for counts that
  /// are exact.
  public var extrapolation: Double
  /// Requests in flight at its end.
  public var inFlight: Int
  /// Requests without a first token at its end.
  public var queued: Int
  /// Variance over mean of the arrivals in twelfths of it; nil without arrivals.
  public var indexOfDispersion: Double?

  /// Creates metrics of an interval.
  public init(
    end: Int, seconds: Int, counters: FrontendCounters, inFlight: Int, queued: Int,
    indexOfDispersion: Double? = nil, extrapolation: Double = 1
  ) {
    self.end = end
    self.seconds = seconds
    self.counters = counters
    self.inFlight = inFlight
    self.queued = queued
    self.indexOfDispersion = indexOfDispersion
    self.extrapolation = extrapolation
  }

  /// The interval as a traffic source would tell it.
  public var observation: TrafficObservation {
    var observation = TrafficObservation(
      intervalEnd: end, requestCount: Double(counters.completed) * extrapolation,
      isl: counters.isl.mean, osl: counters.osl.mean,
      ttftMilliseconds: counters.ttft.mean.map { $0 * 1000 },
      itlMilliseconds: counters.itl.mean.map { $0 * 1000 },
      requestDurationSeconds: counters.duration.mean,
      arrivals: Arrivals(
        count: Double(counters.started - counters.refused) * extrapolation, basis: .started,
        indexOfDispersion: indexOfDispersion),
      inFlightRequests: Double(inFlight), queuedRequests: Double(queued),
      spread: TrafficSpread(
        isl: counters.isl.bucketCounts(), osl: counters.osl.bucketCounts(),
        ttftMilliseconds: counters.ttft.bucketCounts(scale: 1000),
        itlMilliseconds: counters.itl.bucketCounts(scale: 1000)))
    if counters.routedTokens > 0 {
      observation.cacheHitRate = counters.cachedTokens / counters.routedTokens
    }
    return observation
  }
}
