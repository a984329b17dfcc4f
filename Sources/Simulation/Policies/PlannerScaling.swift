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
  private let warmUp: [RecordedTraffic]
  private var memory = PlannerMemory()
  private var newest: TrafficObservation?
  private let note: (@Sendable (PlannedMoment) -> Void)?
  /// The latest decision; nil before the first.
  public private(set) var lastDecision: Decision?

  /// Creates the policy.
  ///
  /// - Parameters:
  ///   - settings: as `run` has them; nothing is sent anywhere.
  ///   - profile: the engine's profile; needed when throughput-based scaling is on.
  ///   - periodSeconds: how often it is invoked (the schedule of its CronJob).
  ///   - warmUp: recorded traffic that its predictors are warmed up on.
  ///   - note: is told of every decision.
  public init(
    name: String, settings: InvocationSettings, profile: EngineProfile?, periodSeconds: Double,
    warmUp: [RecordedTraffic] = [], note: (@Sendable (PlannedMoment) -> Void)? = nil
  ) {
    self.warmUp = warmUp
    self.note = note
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
    let learning = Learning(settings: settings, profile: profile, at: metrics.time)
    let traffic = learning.missingWindow(after: memory.predictors?.lastIntervalEnd).map {
      Self.trafficReport($0, metrics)
    }
    _ = learning.warmUp(&memory, before: traffic) { [warmUp] in warmUp }
    let workers = settings.policy.load == nil ? nil : Self.workerReport(metrics)
    let new = learning.learn(
      traffic: traffic, workers: workers, status: metrics.deployment, into: &memory)
    newest = new.last ?? newest

    let input = DecisionInput(
      time: metrics.time, settings: settings, status: metrics.deployment,
      newest: learning.newestReading(traffic) { newest }, workers: workers, memory: memory,
      warnings: [])
    let (decision, after) = try DecisionRule(input, profile: profile).decide()
    memory.decision = after
    lastDecision = decision
    note?(
      PlannedMoment(record: DecisionRecord(input: input, decision: decision), observations: new))
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
}

/// One decision of a simulated planner.
public struct PlannedMoment: Sendable {
  /// The decision with everything it rests on.
  public var record: DecisionRecord
  /// The traffic that was new to it, oldest first.
  public var observations: [TrafficObservation]
}
