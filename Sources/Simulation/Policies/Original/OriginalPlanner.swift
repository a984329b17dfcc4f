import EngineProfiles
import Forecasting
import Planning

/// The rules of the original planner (release 1.0.0), mistakes included, as a baseline: a process
/// that lives on, with a throughput loop every adjustment interval and a load loop every few
/// seconds.
///
/// Modelled, with their numbers in the list of the original's faults: requests counted at
/// completion and engines planned to be busy all the time (13), no minimum of points for the Kalman
/// filter (3), idle intervals learned as lengths of 0 (6), the prefill slowdown that only lowers
/// (14), the load rule's faults (23, 24, 26, 27), and a floor that counts only when the load rule
/// decides something (28). A deployment that is not ready is left alone: the throughput loop drops
/// its decision, the load loop waits.
///
/// Kinder to it than the truth: its decode surface, whose overshoot asks for far too many or too
/// few replicas, is replaced by this planner's (9–11); its scrapes never fail (17); it has no
/// budget (16); ARIMA and Prophet are this planner's (1, 4, 5).
public struct OriginalPlanner: ScalingPolicy {
  /// What it is called.
  public let name: String
  private let policy: PlanningPolicy
  private let profile: EngineProfile?
  private let loadPeriodSeconds: Double
  private let sampleCount: Int

  private var requestCount: SeriesPredictor
  private(set) var isl: SeriesPredictor
  private var osl: SeriesPredictor
  private var slowdown = EngineSlowdown()
  private var floor: [Component: Int] = [:]
  private var rules: [OriginalLoadRule] = []

  /// Creates the baseline.
  ///
  /// - Parameters:
  ///   - policy: targets, minimum, GPUs, which of the two loops run, and how; budget, damping and
  ///     hold of it are not used.
  ///   - predictor: how the traffic is forecast.
  ///   - loadPeriodSeconds: how often the load loop runs.
  ///   - sampleCount: samples of the router's page in each period.
  /// - Throws: ``SimulationError`` for aggregated workers, which are not modelled.
  public init(
    name: String, policy: PlanningPolicy, predictor: PredictorSettings, profile: EngineProfile?,
    loadPeriodSeconds: Double = 5, sampleCount: Int = 10
  ) throws(SimulationError) {
    guard policy.mode != .agg else {
      throw .badSetting(
        "The original's rules are modelled for prefill and decode workers; leave the policy 'original' out with --mode agg."
      )
    }
    self.name = name
    self.policy = policy
    self.profile = profile
    self.loadPeriodSeconds = loadPeriodSeconds
    self.sampleCount = max(1, sampleCount)
    var predictor = predictor
    predictor.kalmanMinimumPoints = 1
    requestCount = SeriesPredictor(settings: predictor)
    isl = SeriesPredictor(settings: predictor)
    osl = SeriesPredictor(settings: predictor)
    if let load = policy.load {
      rules = policy.mode.components.map {
        OriginalLoadRule(component: $0, targets: policy.targets, policy: load)
      }
    }
  }

  /// The adjustment interval.
  public var trafficIntervalSeconds: Int? { policy.throughput?.intervalSeconds }

  /// Spread evenly over the period of the load loop.
  public var sampling: WorkerSampling {
    policy.load == nil
      ? .none
      : WorkerSampling(
        count: sampleCount,
        spreadSeconds: loadPeriodSeconds * Double(sampleCount - 1) / Double(sampleCount))
  }

  /// Every few seconds with the load loop, else every adjustment interval.
  public func nextLook(after time: Double) -> Double {
    let period =
      policy.load == nil ? Double(policy.throughput?.intervalSeconds ?? 180) : loadPeriodSeconds
    return multiple(of: period, after: time)
  }

  /// What the loops want.
  ///
  /// - Throws: ``PlanningError`` when the profile lacks a part.
  public mutating func targets(for metrics: ClusterMetrics) throws -> [Component: Int] {
    let planned = try throughputPlan(metrics)
    if policy.load == nil { return metrics.deployment.readiness.isReady ? planned ?? [:] : [:] }
    if let planned { floor = planned }
    return metrics.deployment.readiness.isReady ? loadTargets(metrics) : [:]
  }

  // MARK: Throughput

  private mutating func throughputPlan(_ metrics: ClusterMetrics) throws -> [Component: Int]? {
    guard let throughput = policy.throughput, let newest = metrics.intervals.last?.observation,
      let profile
    else { return nil }
    requestCount.observe(newest.requestCount, intervalEnd: newest.intervalEnd)
    isl.observe(newest.isl ?? 0, intervalEnd: newest.intervalEnd)
    osl.observe(newest.osl ?? 0, intervalEnd: newest.intervalEnd)
    // Without a single one of its metrics it skips the interval.
    guard newest.isl != nil, newest.osl != nil, newest.ttftMilliseconds != nil,
      newest.itlMilliseconds != nil, newest.requestDurationSeconds != nil
    else { return nil }
    if throughput.usesCorrection, policy.load == nil {
      slowdown = slowdown.updated(
        by: newest, profile: profile, intervalSeconds: throughput.intervalSeconds,
        decodeWorkers: metrics.deployment.components[.decode]?.ready)
    }
    guard let count = requestCount.forecast()?.first, let input = isl.forecast()?.first,
      let output = osl.forecast()?.first
    else { return nil }
    let forecast = TrafficForecast(
      predictor: requestCount.settings.kind, requestCount: count, isl: input, osl: output)
    return try CapacitySizing(
      policy: policy, intervalSeconds: throughput.intervalSeconds, slowdown: slowdown
    ).size(forecast, profile: profile).mapValues(\.replicas)
  }

  // MARK: Load

  private mutating func loadTargets(_ metrics: ClusterMetrics) -> [Component: Int] {
    guard let newest = metrics.samples.last else { return [:] }
    var counts: [Component: Int] = [:]
    var isMismatch = false
    for index in rules.indices {
      let component = rules[index].component
      let workers = newest.workers.filter { $0.component == component }
      rules[index].learn(workers)
      let ready = metrics.deployment.components[component]?.ready ?? 0
      counts[component] = ready
      if workers.count != ready { isMismatch = true }
    }
    guard !isMismatch else { return [:] }
    var targets = counts
    for rule in rules {
      let workers = newest.workers.filter { $0.component == rule.component }
      let desired = rule.desired(
        count: counts[rule.component] ?? 0, newest: workers,
        meanISL: Self.meanISL(metrics.samples, rule.component))
      if let desired { targets[rule.component] = desired }
    }
    guard targets != counts else { return [:] }
    return targets.merging(floor) { max($0, $1) }.filter { counts[$0.key] != nil }
  }

  static func meanISL(_ samples: [WorkerSample], _ component: Component) -> Double {
    var sum = 0.0
    var count = 0.0
    for sample in samples {
      for worker in sample.workers where worker.component == component {
        guard let isl = worker.lastISL else { continue }
        sum += isl
        count += 1
      }
    }
    return count > 0 ? sum / count : 0
  }
}
