import EngineProfiles
import Forecasting
import Foundation
import Invocation
import Planning
import Reporting
import Simulation
import TestSupport

/// Simulations that pages are made of.
enum SimulationScene {
  static let targets = LatencyTargets(ttftMilliseconds: 400, itlMilliseconds: 12)

  /// Traffic with swings and bursts on a small cluster.
  static func run(hours: Double = 1, mode: DeploymentMode = .disagg) throws -> SimulationRun {
    let trace = try SyntheticTraffic(
      seconds: hours * 3600, peakRate: 12, troughShare: 0.5, drift: 0.3, burstsPerHour: 4,
      burstStrength: 1, meanISL: 3000, meanOSL: 150
    ).trace(seed: 5)
    return try SimulationRun(
      trace: trace, profile: try profile(),
      settings: SimulationSettings(
        cluster: ClusterSettings(mode: mode, initialReplicas: [.prefill: 1, .decode: 1]),
        targets: targets, reportSeconds: 60))
  }

  static func profile() throws -> EngineProfile { try Fixture.profile() }

  /// `count` policies that differ in what they cost.
  static func comparison(_ run: SimulationRun, count: Int) throws -> PolicyComparison {
    PolicyComparison(
      try (1...count).map { number in
        try run.result(
          of: FixedReplicas(
            name: "fixed:prefill=\(number),decode=\((number + 1) / 2)",
            replicas: [.prefill: number, .decode: (number + 1) / 2]))
      })
  }

  /// A planner in both modes, and each of its decisions.
  static func planned(_ run: SimulationRun) throws -> (SimulationResult, [PlannedMoment]) {
    let moments = Moments()
    let settings = InvocationSettings(
      deployment: "simulated",
      planner: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: targets, gpusPerReplica: [:],
          throughput: ThroughputPolicy(intervalSeconds: 60), load: LoadPolicy()),
        predictor: PredictorSettings(kind: .kalman, intervalSeconds: 60)), metricSamples: 3,
      owner: "test")
    let result = try run.result(
      of: PlannerScaling(
        name: "planner", settings: settings, profile: try profile(), periodSeconds: 60,
        note: { moments.add($0) }))
    return (result, moments.all)
  }

  /// The planner's own view, gathered as `simulate --report` gathers it.
  static func view(_ run: SimulationRun, _ moments: [PlannedMoment]) -> ReportData {
    let epoch = Double(run.settings.epoch(intervalSeconds: 60))
    var data = ReportData(
      ReportHeading(
        title: "planner", mode: .disagg, targets: targets, intervalSeconds: 60,
        clock: .elapsed(since: epoch)), span: epoch...(epoch + run.end))
    for (index, moment) in moments.enumerated() {
      let document = DecisionDocument(
        moment.record.decision, id: index + 1, deployment: "simulated", status: .unchanged)
      for observation in moment.observations { data.add(observation) }
      data.add(
        ReportMoment(
          document, time: moment.record.decision.time, isChange: false, intervalSeconds: 60))
      data.decisions.insert(document, at: 0)
    }
    data.decisions = Array(data.decisions.prefix(50))
    data.regressions = moments.last.map { ReportRegression.all(of: $0.record) } ?? []
    return data
  }
}

/// Collects moments from a closure.
private final class Moments: @unchecked Sendable {
  private let lock = NSLock()
  private var moments: [PlannedMoment] = []

  func add(_ moment: PlannedMoment) { lock.withLock { moments.append(moment) } }
  var all: [PlannedMoment] { lock.withLock { moments } }
}
