import EngineProfiles
import Forecasting
import Invocation
import Planning
import Synchronization
import Testing

@testable import Simulation

@Suite("What the planner learns of engines")
struct LearnedEngineTests {
  /// The slowdown that the planner counts with after each decision of an hour of steady chat.
  private func learned(_ slowdown: Double) throws -> [EngineSlowdown] {
    let profile = try Engines.h200()
    let targets = LatencyTargets(ttftMilliseconds: 1000, itlMilliseconds: 12)
    let settings = InvocationSettings(
      deployment: "simulated",
      planner: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: targets, gpusPerReplica: [.prefill: 1, .decode: 1],
          throughput: ThroughputPolicy(intervalSeconds: 180, sizing: .sla(SLASizingPolicy())),
          damping: Damping(scaleDownStabilizationSeconds: 120)),
        predictor: PredictorSettings(kind: .constant, intervalSeconds: 180)), owner: "test")
    let log = Mutex<[EngineSlowdown]>([])
    let planner = PlannerScaling(
      name: "planner", settings: settings, profile: profile, periodSeconds: 60
    ) { moment in
      if let traffic = moment.record.input.traffic { log.withLock { $0.append(traffic.slowdown) } }
    }
    var simulation = SimulationSettings.small(prefill: 4, decode: 3)
    simulation.targets = targets
    simulation.cluster.prefillSlowdown = slowdown
    simulation.cluster.decodeSlowdown = slowdown
    let trace = try #require(Scenario.named("steady")).trace(seed: 3, scale: 2, seconds: 3600)
    _ = try SimulationRun(trace: trace, profile: profile, settings: simulation).result(of: planner)
    return log.withLock { $0 }
  }

  @Test("how slow engines are is known after a quarter of an hour", arguments: [0.8, 1, 1.25])
  func slowdown(_ truth: Double) throws {
    let learned = try learned(truth).dropFirst(15)
    for slowdown in learned {
      #expect(abs(slowdown.prefill / truth - 1) < 0.2, "prefill \(slowdown.prefill)")
      #expect(abs(slowdown.decode / truth - 1) < 0.15, "decode \(slowdown.decode)")
    }
    func mean(_ factor: KeyPath<EngineSlowdown, Double>) -> Double {
      learned.reduce(0) { $0 + $1[keyPath: factor] } / Double(learned.count)
    }
    #expect(abs(mean(\.prefill) / truth - 1) < 0.08, "prefill \(mean(\.prefill))")
    #expect(abs(mean(\.decode) / truth - 1) < 0.08, "decode \(mean(\.decode))")
  }
}
