import EngineProfiles
import Forecasting
import Invocation
import Logging
import Planning
import Synchronization
import Testing

@testable import Simulation

/// `run` on the metrics that a simulation generated decides as the simulation's planner did.
struct SameDecisionTests {
  struct Modes: Sendable, CustomTestStringConvertible {
    var throughput: Bool
    var load: Bool
    var mode = DeploymentMode.disagg
    var predictor = PredictorKind.kalman
    var sizing = SizingRule.capacity
    var testDescription: String {
      "\(mode.rawValue)\(throughput ? " \(sizing) \(predictor.rawValue)" : "")\(load ? " load" : "")"
    }
  }

  @Test(
    "the real invocation decides as the simulated planner",
    arguments: [
      Modes(throughput: true, load: false), Modes(throughput: false, load: true),
      Modes(throughput: true, load: true), Modes(throughput: false, load: true, mode: .agg),
      Modes(throughput: true, load: false, mode: .agg),
      Modes(throughput: true, load: true, mode: .decode, predictor: .constant),
      Modes(throughput: true, load: false, predictor: .prophet),
      Modes(throughput: true, load: true, sizing: .sla(SLASizingPolicy())),
    ])
  func sameDecisions(_ modes: Modes) async throws {
    let recorded = try simulate(modes)
    #expect(recorded.looks.count > 15)
    #expect(recorded.looks.contains { $0.decision.status == .pending })

    let store = MemoryStore()
    for look in recorded.looks {
      let world = RecordedWorld(look: look)
      let invocation = Invocation(
        settings: recorded.settings, profile: recorded.profile,
        ports: InvocationPorts(
          store: store, traffic: modes.throughput ? world : nil,
          workers: modes.load ? world : nil, connector: world,
          clock: FixedClock(look.metrics.time)),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let document = try await invocation.run()
      let expected = DecisionDocument(
        look.decision, id: document.id, deployment: recorded.settings.deployment,
        status: look.decision.status == .pending ? .applied : look.decision.status)
      #expect(document == expected)
    }
  }

  @Test(
    "the planner knows the traffic whatever the length of its intervals", arguments: [7, 60, 613])
  func intervalLength(seconds: Int) throws {
    let log = Mutex<[Look]>([])
    let settings = InvocationSettings(
      deployment: "simulated",
      planner: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 250, itlMilliseconds: 10),
          gpusPerReplica: [:], throughput: ThroughputPolicy(intervalSeconds: seconds)),
        predictor: PredictorSettings(intervalSeconds: seconds)), owner: "test")
    let policy = Recorder(
      planner: PlannerScaling(
        name: "planner", settings: settings, profile: try Engines.h200(),
        periodSeconds: Double(seconds))
    ) { look in log.withLock { $0.append(look) } }
    _ = try SimulationRun(
      trace: Traces.poisson(rate: 1, count: 2000), profile: Engines.h200(), settings: .small()
    ).result(of: policy)
    let looks = log.withLock { $0 }
    #expect(looks.count >= 3)
    #expect(looks.allSatisfy { $0.decision.observed?.intervalEnd == Int($0.metrics.time) })
  }

  // MARK: Recording

  struct Look: Sendable {
    var metrics: ClusterMetrics
    var decision: Decision
  }

  struct Recorded {
    var looks: [Look]
    var settings: InvocationSettings
    var profile: EngineProfile
  }

  private func simulate(_ modes: Modes) throws -> Recorded {
    let profile = try Engines.h200()
    let targets = LatencyTargets(ttftMilliseconds: 250, itlMilliseconds: 10)
    let settings = InvocationSettings(
      deployment: "simulated",
      planner: PlannerSettings(
        policy: PlanningPolicy(
          mode: modes.mode, targets: targets, gpusPerReplica: [.prefill: 1, .decode: 1],
          throughput: modes.throughput
            ? ThroughputPolicy(
              intervalSeconds: 60, usesCorrection: !modes.load, sizing: modes.sizing) : nil,
          load: modes.load ? LoadPolicy() : nil,
          damping: Damping(scaleDownStabilizationSeconds: 120)),
        predictor: PredictorSettings(
          kind: modes.predictor, prophetWindow: 20, intervalSeconds: 60)),
      metricSamples: 3, sampleSpreadSeconds: 4, owner: "test")
    // Swings and bursts, so that there is something to decide.
    let trace = try SyntheticTraffic(
      seconds: 1200, peakRate: 30, troughShare: 1, drift: 0.8, burstsPerHour: 20,
      burstStrength: 1, meanISL: 3000, meanOSL: 150
    ).trace(seed: 9)
    var simulation = SimulationSettings.small(
      prefill: 2, decode: 2, mode: modes.mode, startUp: 20, report: 60)
    simulation.targets = targets
    let log = Mutex<[Look]>([])
    let policy = Recorder(
      planner: PlannerScaling(
        name: "planner", settings: settings, profile: profile,
        periodSeconds: modes.load ? 30 : 60)
    ) { look in log.withLock { $0.append(look) } }
    _ = try SimulationRun(trace: trace, profile: profile, settings: simulation).result(of: policy)
    return Recorded(looks: log.withLock { $0 }, settings: settings, profile: profile)
  }

  /// Writes down what the planner saw and decided.
  private struct Recorder: ScalingPolicy {
    var planner: PlannerScaling
    let note: @Sendable (Look) -> Void

    var name: String { planner.name }
    var trafficIntervalSeconds: Int? { planner.trafficIntervalSeconds }
    var trafficStepSeconds: Int? { planner.trafficStepSeconds }
    var sampling: WorkerSampling { planner.sampling }
    func nextLook(after time: Double) -> Double { planner.nextLook(after: time) }

    mutating func targets(for metrics: ClusterMetrics) throws -> [Component: Int] {
      let targets = try planner.targets(for: metrics)
      if let decision = planner.lastDecision { note(Look(metrics: metrics, decision: decision)) }
      return targets
    }
  }

  // MARK: The world as it was recorded

  private struct RecordedWorld: TrafficSource, WorkerSource, Connector {
    let look: Look

    func readTraffic(_ window: TrafficWindow, modelName: String?) -> TrafficReport {
      PlannerScaling.trafficReport(window, look.metrics)
    }

    func readSteps(_ window: StepWindow, modelName: String?) -> StepReport {
      PlannerScaling.stepReport(look.metrics)
    }

    func sampleWorkers(
      url: String, modelName: String?, count: Int, spacingSeconds: Double
    ) -> WorkerReport {
      PlannerScaling.workerReport(look.metrics)
    }

    func observe(at time: Double) -> DeploymentStatus {
      var status = look.metrics.deployment
      status.routerMetricsURL = "http://router/metrics"
      return status
    }

    func apply(_ order: ScalingOrder) -> ScalingOutcome {
      ScalingOutcome(applied: order.targets.keys.sorted())
    }
  }

  /// A state file in memory.
  private final class MemoryStore: StateStore {
    private struct State {
      var parts: [StatePart: String] = [:]
      var observations: [StoredTraffic] = []
      var nextID = 1
    }
    private let state = Mutex(State())

    func begin(owner: String, now: Double, leaseSeconds: Double) -> StoredState {
      state.withLock {
        StoredState(
          parts: $0.parts, lastIntervalEnd: $0.observations.last?.observation.intervalEnd)
      }
    }

    func observations(intervalSeconds: Int, limit: Int) -> [StoredTraffic] {
      state.withLock { Array($0.observations.suffix(limit)) }
    }

    func save(_ step: LearnedStep) -> Int? {
      state.withLock {
        $0.observations += step.observations
        $0.parts.merge(step.parts) { _, new in new }
        $0.nextID += 1
        return $0.nextID - 1
      }
    }

    func settle(
      decision id: Int, status: String, document: String, error: String?,
      parts: [StatePart: String]
    ) {
      state.withLock { $0.parts.merge(parts) { _, new in new } }
    }

    func end(owner: String) {}
  }
}
