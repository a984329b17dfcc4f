import EngineProfiles
import Forecasting
import Invocation
import Planning

/// This planner: each look is one invocation of `run`, with the same ``Planner`` on what the cluster's
/// metrics show at that moment.
public struct PlannerScaling: ScalingPolicy {
  /// What it is called.
  public let name: String
  /// What the planner was told.
  public let settings: InvocationSettings
  private let planner: Planner
  private let periodSeconds: Double
  private let note: (@Sendable (PlannedMoment) -> Void)?
  private var state = PlannerState()
  private var history: History
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
    self.name = name
    self.settings = settings
    planner = Planner(settings: settings.planner, profile: profile)
    self.periodSeconds = periodSeconds
    history = History(warmUpTrace: warmUp)
    self.note = note
  }

  /// The adjustment interval.
  public var trafficIntervalSeconds: Int? { settings.planner.policy.throughput?.intervalSeconds }

  /// What the sizing rule wants.
  public var trafficStepSeconds: Int? {
    settings.planner.policy.throughput?.sizing.traits.stepSeconds
  }

  /// As set for load-based scaling.
  public var sampling: WorkerSampling {
    settings.planner.policy.load == nil
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
    let observation = Observation(
      time: metrics.time, deployment: metrics.deployment,
      traffic: planner.missingWindow(state, at: metrics.time)
        .map { Self.trafficReport($0, metrics) },
      steps: Self.stepReport(metrics),
      workers: settings.planner.policy.load == nil ? nil : Self.workerReport(metrics))
    let (learned, decided) = try planner.step(
      observation, of: metrics.deployment, history: history, state: state)
    state = decided.state
    history.intervals = learned.newTraffic.last.map { [$0] } ?? history.intervals
    lastDecision = decided.decision
    note?(PlannedMoment(decided, observations: learned.newTraffic))
    return decided.decision.status == .pending ? decided.decision.targets : [:]
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

  /// The short steps as a traffic source would report them.
  static func stepReport(_ metrics: ClusterMetrics) -> StepReport {
    StepReport(steps: metrics.steps.map { TrafficStep($0.observation, seconds: $0.seconds) })
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

  init(_ decided: DecidedMoment, observations: [TrafficObservation]) {
    record = DecisionRecord(input: decided.input, decision: decided.decision)
    self.observations = observations
  }
}
