import Forecasting

/// Everything that one decision rests on. It is saved with the decision, so that the decision can
/// be made again.
public struct DecisionInput: Codable, Sendable, Equatable {
  /// Unix seconds that count as now.
  public var time: Double
  /// What the user decided.
  public var policy: PlanningPolicy
  /// What the deployment looks like.
  public var deployment: DeploymentPosition
  /// The traffic; nil when throughput-based scaling is off.
  public var traffic: TrafficInput?
  /// The workers' load; nil when load-based scaling is off.
  public var workers: WorkerInput?
  /// What earlier decisions left.
  public var memory: DecisionMemory
  /// What observing brought up that a person should know.
  public var warnings: [String]

  /// Creates an input.
  public init(
    time: Double, policy: PlanningPolicy, deployment: DeploymentPosition,
    traffic: TrafficInput? = nil, workers: WorkerInput? = nil,
    memory: DecisionMemory = DecisionMemory(), warnings: [String] = []
  ) {
    self.time = time
    self.policy = policy
    self.deployment = deployment
    self.traffic = traffic
    self.workers = workers
    self.memory = memory
    self.warnings = warnings
  }
}

/// Where the deployment stands.
public struct DeploymentPosition: Codable, Sendable, Equatable {
  /// One component's counts.
  public struct Counts: Codable, Sendable, Equatable {
    /// Replicas there are (what a decision starts from); nil if unknown.
    public var current: Int?
    /// Replicas that the deployment asks for; nil when nobody has asked for any number.
    public var asked: Int?
    /// Replicas that are ready; nil if unknown.
    public var ready: Int?

    /// Creates counts.
    public init(current: Int?, asked: Int?, ready: Int?) {
      self.current = current
      self.asked = asked
      self.ready = ready
    }
  }

  /// The counts of every component that the mode scales.
  public var counts: [Component: Counts]
  /// Why nothing may be changed now, as a sentence; nil when it may.
  public var inProgress: String?
  /// Whether the connector takes no order at all now; nil where it would.
  public var refusesOrders: Bool?
  /// Whether all that is in progress is that workers which were asked for are not ready yet, so
  /// that more of them may be asked for; nil where it is not.
  public var mayGrow: Bool?

  /// Creates a position.
  public init(
    counts: [Component: Counts], inProgress: String? = nil, refusesOrders: Bool? = nil,
    mayGrow: Bool? = nil
  ) {
    self.counts = counts
    self.inProgress = inProgress
    self.refusesOrders = refusesOrders
    self.mayGrow = mayGrow
  }
}

/// What is known of the traffic.
public struct TrafficInput: Codable, Sendable, Equatable {
  /// The newest interval: measured, or why not.
  public var newest: TrafficReading
  /// The query that its requests were counted by; nil when an earlier invocation read it, or none.
  public var query: String?
  /// The forecast for the next interval; nil when there is nothing to forecast from.
  public var forecast: TrafficForecast?
  /// The correction factors, the newest interval taken into account; under `--sizing sla` those of
  /// the calibration.
  public var correction: CorrectionFactors
  /// Variance over mean of the arrivals in short times, a moving average; nil when unknown.
  public var indexOfDispersion: Double?
  /// How much more than the forecast is planned for under `--sizing sla`; nil under another rule.
  public var headroom: [Component: DemandHeadroom]?

  /// Creates an input.
  public init(
    newest: TrafficReading, forecast: TrafficForecast?,
    correction: CorrectionFactors = CorrectionFactors(), indexOfDispersion: Double? = nil,
    query: String? = nil, headroom: [Component: DemandHeadroom]? = nil
  ) {
    self.newest = newest
    self.query = query
    self.forecast = forecast
    self.correction = correction
    self.indexOfDispersion = indexOfDispersion
    self.headroom = headroom
  }
}

/// What is known of the workers.
public struct WorkerInput: Codable, Sendable, Equatable {
  /// This invocation's samples, oldest first; empty when there are none.
  public var samples: [WorkerSample]
  /// Why the newest sample is missing, as a sentence.
  public var failure: String?
  /// The regressions and worker memory, these samples already learned.
  public var memory: LoadMemory

  /// Creates an input.
  public init(samples: [WorkerSample], failure: String? = nil, memory: LoadMemory) {
    self.samples = samples
    self.failure = failure
    self.memory = memory
  }
}

/// What earlier decisions left for this one.
public struct DecisionMemory: Codable, Sendable, Equatable {
  /// The last throughput result; nil when there has been none.
  public var plan: ThroughputPlan?
  /// Recommendations of the stabilisation window, oldest first.
  public var recommendations: [Recommendation]
  /// Since when decisions have been held, Unix seconds; nil when the last one was not.
  public var holdSince: Double?

  /// Creates a memory.
  public init(
    plan: ThroughputPlan? = nil, recommendations: [Recommendation] = [], holdSince: Double? = nil
  ) {
    self.plan = plan
    self.recommendations = recommendations
    self.holdSince = holdSince
  }
}

/// A throughput result: the floor until the next one.
public struct ThroughputPlan: Codable, Sendable, Equatable {
  /// End of the interval that it was made after, Unix seconds.
  public var intervalEnd: Int
  /// Replicas of each component.
  public var replicas: [Component: Int]

  /// Creates a plan.
  public init(intervalEnd: Int, replicas: [Component: Int]) {
    self.intervalEnd = intervalEnd
    self.replicas = replicas
  }
}

/// What was wanted at one moment, for scale-down stabilisation.
public struct Recommendation: Codable, Sendable, Equatable {
  /// Unix seconds.
  public var time: Double
  /// Replicas wanted then.
  public var replicas: [Component: Int]

  /// Creates a recommendation.
  public init(time: Double, replicas: [Component: Int]) {
    self.time = time
    self.replicas = replicas
  }
}
