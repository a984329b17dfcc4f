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
  public var state: DecisionState
  /// What observing brought up that a person should know.
  public var warnings: [String]
  /// What people and the calendar have said, the calendar also of the time just ahead; nil for
  /// nothing, as in records of versions without it.
  public var controls: [Control]?
  /// How far ahead the calendar counts, in seconds: as long as a replica takes to start.
  public var controlLeadSeconds: Double?

  /// Creates an input.
  public init(
    time: Double, policy: PlanningPolicy, deployment: DeploymentPosition,
    traffic: TrafficInput? = nil, workers: WorkerInput? = nil,
    state: DecisionState = DecisionState(), warnings: [String] = [], controls: [Control]? = nil,
    controlLeadSeconds: Double? = nil
  ) {
    self.time = time
    self.policy = policy
    self.deployment = deployment
    self.traffic = traffic
    self.workers = workers
    self.state = state
    self.warnings = warnings
    self.controls = controls
    self.controlLeadSeconds = controlLeadSeconds
  }

  private enum CodingKeys: String, CodingKey {
    case time, policy, deployment, traffic, workers
    case state = "memory"
    case warnings, controls, controlLeadSeconds
  }
}

extension DecisionInput {
  /// What is decided from: what one moment showed, and what is known when it has been learned.
  init(
    _ moment: ForecastMoment, deployment: DeploymentStatus, settings: PlannerSettings,
    hasProfile: Bool = true
  ) {
    let learned = moment.learned
    var policy = settings.policy(for: deployment)
    let knowledge =
      policy.throughput?.sizing.rule(policy).knowledge(learned.state.sizing) ?? SizingKnowledge()
    if settings.stabilizesByStartUp, let startUp = knowledge.startUpSeconds {
      // What goes now could be back after a start-up; a minute more for what wavers.
      policy.damping.scaleDownStabilizationSeconds = startUp + Double(DemandModel.holdBeyondLead)
    }
    let workers = learned.observation.workers
    let time = learned.observation.time
    // A replica that is ordered now is there when the calendar's next window begins.
    let lead = max(
      knowledge.startUpSeconds ?? 0, Double(settings.predictor.startupDelaySeconds),
      Double(policy.throughput?.intervalSeconds ?? 0))
    let windows = settings.calendar?.controls(at: time, ahead: lead) ?? []
    let controls = windows + learned.state.controls.without(endedBy: time)
    if let budget = windows.inForce(at: time).last(where: { $0.gpuBudget != nil })?.gpuBudget {
      policy.gpuBudget = max(budget, GPUBudget(policy).minimumGPUs)
    }
    self.init(
      time: learned.observation.time, policy: policy,
      deployment: settings.position(deployment, workers: workers).givingUp(knowledge.abandoned),
      traffic: learned.newest.map { newest in
        TrafficInput(
          newest: newest, forecast: moment.forecast, slowdown: knowledge.slowdown,
          indexOfDispersion: knowledge.indexOfDispersion,
          query: learned.observation.traffic?.query, headroom: knowledge.headroom,
          engine: hasProfile ? nil : knowledge.engine, cachedShare: knowledge.cachedShare)
      },
      workers: workers.map {
        WorkerInput(
          samples: $0.samples, failure: $0.failure, state: learned.state.load, limits: $0.limits)
      },
      state: learned.state.decision,
      warnings: deployment.warnings + learned.observation.warnings
        + (hasProfile ? knowledge.contradictions : []),
      controls: controls.isEmpty ? nil : controls,
      controlLeadSeconds: windows.isEmpty ? nil : lead)
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
  /// How many times as slow as profiled engines are, the newest interval taken into account.
  public var slowdown: EngineSlowdown
  /// Variance over mean of the arrivals in short times, a moving average; nil when unknown.
  public var indexOfDispersion: Double?
  /// How much more than the forecast is planned for; nil under a rule that plans for the forecast.
  public var headroom: [Component: DemandHeadroom]?
  /// The engines as they were learned; nil where a profile tells what they do.
  public var engine: LearnedEngine?
  /// Share of the prompt tokens that caches are counted on to hold; nil where nothing tells.
  public var cachedShare: Double?

  /// Creates an input.
  public init(
    newest: TrafficReading, forecast: TrafficForecast?,
    slowdown: EngineSlowdown = EngineSlowdown(), indexOfDispersion: Double? = nil,
    query: String? = nil, headroom: [Component: DemandHeadroom]? = nil,
    engine: LearnedEngine? = nil, cachedShare: Double? = nil
  ) {
    self.engine = engine
    self.cachedShare = cachedShare
    self.newest = newest
    self.query = query
    self.forecast = forecast
    self.slowdown = slowdown
    self.indexOfDispersion = indexOfDispersion
    self.headroom = headroom
  }

  private enum CodingKeys: String, CodingKey {
    case newest, query, forecast
    case slowdown = "correction"
    case indexOfDispersion, headroom, engine, cachedShare
  }
}

/// What is known of the workers.
public struct WorkerInput: Codable, Sendable, Equatable {
  /// This invocation's samples, oldest first; empty when there are none.
  public var samples: [WorkerSample]
  /// Why the newest sample is missing, as a sentence.
  public var failure: String?
  /// The regressions and what is known of each worker, these samples already learned.
  public var state: LoadState
  /// What the workers state of their limits; nil where they state nothing.
  public var limits: EngineLimits?

  /// Creates an input.
  public init(
    samples: [WorkerSample], failure: String? = nil, state: LoadState,
    limits: EngineLimits? = nil
  ) {
    self.limits = limits
    self.samples = samples
    self.failure = failure
    self.state = state
  }

  private enum CodingKeys: String, CodingKey {
    case samples, failure, limits
    case state = "memory"
  }
}
