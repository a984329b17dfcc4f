import EngineProfiles
import Forecasting
import Invocation
import Planning

/// This planner: each look is one invocation of `run`, with the same learning, forecasting and
/// decision rule, on what the cluster's metrics show at that moment.
public struct PlannerScaling: ScalingPolicy {
  /// What it is called.
  public let name: String
  /// What the planner was told.
  public let settings: InvocationSettings
  private let profile: EngineProfile?
  private let periodSeconds: Double
  private var memory = PlannerMemory()
  private var newest: TrafficReading?
  /// The latest decision; nil before the first.
  public private(set) var lastDecision: Decision?

  /// Creates the policy.
  ///
  /// - Parameters:
  ///   - settings: as `run` has them; nothing is sent anywhere.
  ///   - profile: the engine's profile; needed when throughput-based scaling is on.
  ///   - periodSeconds: how often it is invoked (the schedule of its CronJob).
  public init(
    name: String, settings: InvocationSettings, profile: EngineProfile?, periodSeconds: Double
  ) {
    self.name = name
    self.settings = settings
    self.profile = profile
    self.periodSeconds = periodSeconds
  }

  /// The adjustment interval.
  public var trafficIntervalSeconds: Int? { settings.policy.throughput?.intervalSeconds }

  /// As set for load-based scaling.
  public var sampling: WorkerSampling {
    settings.policy.load == nil
      ? .none
      : WorkerSampling(
        count: settings.metricSamples, spreadSeconds: settings.sampleSpreadSeconds)
  }

  /// Every period.
  public func nextLook(after time: Double) -> Double { multiple(of: periodSeconds, after: time) }

  /// One invocation.
  ///
  /// - Throws: ``PlanningError`` when settings and cluster contradict each other.
  public mutating func targets(for metrics: ClusterMetrics) throws -> [Component: Int] {
    let learning = Learning(
      settings: settings, profile: profile, newestIntervalEnd: newestIntervalEnd(at: metrics.time))
    if settings.policy.throughput != nil, memory.predictors == nil {
      memory.predictors = learning.rebuiltPredictors([])
    }
    let traffic = learning.missingWindow(after: memory.predictors?.lastIntervalEnd).map {
      Self.trafficReport($0, metrics)
    }
    let workers = settings.policy.load == nil ? nil : Self.workerReport(metrics)
    let position = DeploymentPosition(
      metrics.deployment, workers: workers, mode: settings.policy.mode,
      countsWorkersByRouter: settings.countsWorkersByRouter)
    _ = learning.learnTraffic(
      traffic, into: &memory,
      decodeWorkers: position.counts[.decode].flatMap { $0.ready ?? $0.current })
    learning.learnWorkers(workers, into: &memory)

    let input = DecisionInput(
      time: metrics.time, policy: policy(for: metrics.deployment), deployment: position,
      traffic: trafficInput(traffic, at: metrics.time),
      workers: workers.map {
        WorkerInput(samples: $0.samples, failure: $0.failure, memory: memory.load)
      },
      memory: memory.decision)
    let (decision, after) = try DecisionRule(input, profile: profile).decide()
    memory.decision = after
    lastDecision = decision
    return decision.status == .pending ? decision.targets : [:]
  }

  /// The intervals of `window` as a traffic source would report them.
  static func trafficReport(_ window: TrafficWindow, _ metrics: ClusterMetrics) -> TrafficReport {
    let known = Dictionary(
      metrics.intervals.map { ($0.end, $0.observation) }, uniquingKeysWith: { $1 })
    return TrafficReport(
      readings: window.intervalEnds.map { end in
        known[end].map(TrafficReading.known)
          ?? .unknown(intervalEnd: end, reason: "the simulation begins later")
      })
  }

  /// The router's page as a worker source would report it.
  static func workerReport(_ metrics: ClusterMetrics) -> WorkerReport {
    WorkerReport(
      samples: metrics.samples, failure: metrics.samples.isEmpty ? "no sample was taken" : nil)
  }

  private func newestIntervalEnd(at time: Double) -> Int? {
    settings.policy.throughput.map { throughput in
      let interval = Double(throughput.intervalSeconds)
      return Int((time / interval).rounded(.down)) * throughput.intervalSeconds
    }
  }

  private func policy(for deployment: DeploymentStatus) -> PlanningPolicy {
    var policy = settings.policy
    for component in policy.mode.components {
      if let gpus = deployment.components[component]?.gpusPerReplica {
        policy.gpusPerReplica[component] = gpus
      }
    }
    return policy
  }

  private mutating func trafficInput(_ report: TrafficReport?, at time: Double) -> TrafficInput? {
    guard let end = newestIntervalEnd(at: time) else { return nil }
    if let last = report?.readings.last { newest = last }
    let reading =
      newest.flatMap { $0.intervalEnd >= end ? $0 : nil }
      ?? .unknown(intervalEnd: end, reason: "the interval was not read")
    return TrafficInput(
      newest: reading, forecast: memory.predictors?.forecast(), correction: memory.correction)
  }
}
