/// Everything the user decided about how to plan. A decision is a function of this, of what was
/// observed and of what was remembered.
public struct PlanningPolicy: Codable, Sendable, Equatable {
  /// What is scaled.
  public var mode: DeploymentMode
  /// The latency targets.
  public var targets: LatencyTargets
  /// The fewest replicas of a component, at least 1.
  public var minimumReplicas: Int
  /// Other minimums of single components; nil where all have the same.
  public var ownMinimums: [Component: Int]?
  /// The fewest GPUs that all scaled components hold together; nil for no limit.
  public var minimumGPUs: Int?
  /// Limits that the workers stated; nil where they state nothing.
  public var engineLimits: EngineLimits?
  /// The most replicas by which throughput-based scaling changes a component in one decision; nil for
  /// any number.
  public var maximumThroughputStep: Int?
  /// The most GPUs that all scaled components may hold together; nil for no limit.
  public var gpuBudget: Int?
  /// GPUs of one replica, at least 1, for every component the mode scales.
  public var gpusPerReplica: [Component: Int]
  /// Throughput-based scaling; nil when it is off.
  public var throughput: ThroughputPolicy?
  /// Load-based scaling; nil when it is off.
  public var load: LoadPolicy?
  /// How fast counts may change.
  public var damping: Damping
  /// What to do when a hold lasts too long.
  public var hold: HoldPolicy

  /// Creates a policy.
  public init(
    mode: DeploymentMode, targets: LatencyTargets, minimumReplicas: Int = 1, gpuBudget: Int? = nil,
    gpusPerReplica: [Component: Int], throughput: ThroughputPolicy? = nil, load: LoadPolicy? = nil,
    damping: Damping = Damping(), hold: HoldPolicy = HoldPolicy()
  ) {
    self.mode = mode
    self.targets = targets
    self.minimumReplicas = minimumReplicas
    self.gpuBudget = gpuBudget
    self.gpusPerReplica = gpusPerReplica
    self.throughput = throughput
    self.load = load
    self.damping = damping
    self.hold = hold
  }

  /// The fewest replicas of `component`.
  public func minimum(of component: Component) -> Int {
    ownMinimums?[component] ?? minimumReplicas
  }

  /// GPUs of one replica of `component`, never below 1.
  public func gpus(of component: Component) -> Int { max(1, gpusPerReplica[component] ?? 1) }
}

/// How throughput-based scaling is set up.
public struct ThroughputPolicy: Codable, Sendable, Equatable {
  /// Length of the adjustment interval in seconds, at least 1.
  public var intervalSeconds: Int
  /// Whether observed latencies correct the profiled ones.
  public var usesCorrection: Bool
  /// How traffic becomes replicas.
  public var sizing: SizingRule
  /// What is believed of engines without a profile; nil for the nearest to nothing in particular.
  public var enginePrior: EnginePriorChoice?

  /// Creates the policy.
  public init(
    intervalSeconds: Int = 180, usesCorrection: Bool = true, sizing: SizingRule = .capacity,
    enginePrior: EnginePriorChoice? = nil
  ) {
    self.enginePrior = enginePrior
    self.intervalSeconds = intervalSeconds
    self.usesCorrection = usesCorrection
    self.sizing = sizing
  }
}

extension ThroughputPolicy {
  /// Decodes a policy; before there was a choice, replicas were sized by capacity.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      intervalSeconds: try container.decode(Int.self, forKey: .intervalSeconds),
      usesCorrection: try container.decode(Bool.self, forKey: .usesCorrection),
      sizing: try container.decodeIfPresent(SizingRule.self, forKey: .sizing) ?? .capacity,
      enginePrior: try container.decodeIfPresent(EnginePriorChoice.self, forKey: .enginePrior))
  }
}

/// How the prior of engines without a profile is chosen.
public struct EnginePriorChoice: Codable, Sendable, Equatable {
  /// One of ``EnginePrior/shipped``; nil for the nearest to the model.
  public var name: String?
  /// The model's name, whose size tells which one is nearest; nil when unknown.
  public var model: String?

  /// Creates a choice.
  public init(name: String? = nil, model: String? = nil) {
    self.name = name
    self.model = model
  }
}

/// How load-based scaling is set up.
public struct LoadPolicy: Codable, Sendable, Equatable {
  /// Observations a regression looks back on, at least 1.
  public var learningWindow: Int
  /// Observations below which a regression says nothing, 1…`learningWindow`.
  public var minimumObservations: Int
  /// How much of the load that fits n − 1 workers must be free before one goes, 0…100.
  public var scalingDownSensitivityPercent: Double
  /// Seconds after its first sight in which a worker is counted but not learned from.
  public var warmUpSeconds: Double
  /// How to catch up with traffic; nil goes one step at a time by the newest sample.
  public var catchUp: LoadCatchUp?
  /// What is followed in place of latency targets; nil for these.
  public var target: OptimizationTarget?

  /// Creates the policy; the defaults are the original planner's.
  public init(
    learningWindow: Int = 50, minimumObservations: Int = 5,
    scalingDownSensitivityPercent: Double = 80, warmUpSeconds: Double = 0,
    catchUp: LoadCatchUp? = nil
  ) {
    self.learningWindow = learningWindow
    self.minimumObservations = minimumObservations
    self.scalingDownSensitivityPercent = scalingDownSensitivityPercent
    self.warmUpSeconds = warmUpSeconds
    self.catchUp = catchUp
  }
}

/// How fast replica counts may change. Nothing is damped by default.
public struct Damping: Codable, Sendable, Equatable {
  /// The highest recommendation of this many past seconds counts before anything shrinks; 0 is off.
  public var scaleDownStabilizationSeconds: Double
  /// The smallest loss of replicas that is worth a change, as a share of them; nil for any.
  public var smallestScaleDownShare: Double?
  /// The most replicas a component gains in one decision; nil for no limit.
  public var maximumScaleUpStep: Int?
  /// The most replicas a component loses in one decision; nil for no limit.
  public var maximumScaleDownStep: Int?

  /// Creates a damping.
  public init(
    scaleDownStabilizationSeconds: Double = 0, smallestScaleDownShare: Double? = nil,
    maximumScaleUpStep: Int? = nil, maximumScaleDownStep: Int? = nil
  ) {
    self.smallestScaleDownShare = smallestScaleDownShare
    self.scaleDownStabilizationSeconds = scaleDownStabilizationSeconds
    self.maximumScaleUpStep = maximumScaleUpStep
    self.maximumScaleDownStep = maximumScaleDownStep
  }
}

/// What to do when decisions are held for too long.
public struct HoldPolicy: Codable, Sendable, Equatable {
  /// Seconds after which the fallback acts; 0 for never.
  public var limitSeconds: Double
  /// Replicas to go to then; a component that is missing here stays as it is. The fallback never
  /// lowers a count.
  public var fallback: [Component: Int]

  /// Creates a policy; by default a hold lasts for ever and changes nothing.
  public init(limitSeconds: Double = 0, fallback: [Component: Int] = [:]) {
    self.limitSeconds = limitSeconds
    self.fallback = fallback
  }
}
