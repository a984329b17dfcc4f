import EngineProfiles
import Forecasting
import Testing

@testable import Planning
@testable import Simulation

/// The arithmetic of aggregated workers against the simulation of their steps.
@Suite("Sizing of aggregated workers")
struct AggregatedSizingTests {
  struct Load: Sendable, CustomTestStringConvertible {
    var isl: Double
    var osl: Double
    var replicas: Int
    /// Share of the time that prompts take.
    var promptShare: Double
    var testDescription: String { "\(isl)/\(osl) on \(replicas), prompts \(promptShare)" }
  }

  static let loads: [Load] = [(1000.0, 100.0), (3000, 200), (500, 300)].flatMap { lengths in
    [1, 4].flatMap { replicas in
      [0.15, 0.3, 0.45].map {
        Load(isl: lengths.0, osl: lengths.1, replicas: replicas, promptShare: $0)
      }
    }
  }

  static let targets = LatencyTargets(ttftMilliseconds: 1000, itlMilliseconds: 30)

  static func work(
    _ load: Load, rate: Double, profile: EngineProfile
  ) throws -> AggregatedLoad {
    let demand = TrafficDemand(
      TrafficForecast(
        predictor: .constant, requestCount: rate * 60, isl: load.isl, osl: load.osl),
      newest: nil, indexOfDispersion: 1, intervalSeconds: 60, targets: targets)
    return AggregatedLoad(
      demand, rate: rate,
      engine: AggregatedEngine(
        curve: try #require(profile.prefill), surface: try #require(profile.decode), gpus: 1,
        slowdown: EngineSlowdown(), chunkTokens: 2048, maximumSequences: .infinity),
      targets: targets, quantile: 0.95)
  }

  /// Error of a model's quantile relative to the simulated one.
  static func errors(_ load: Load) throws -> [Double] {
    let profile = try Engines.h200()
    var rate = 1.0
    // The rate at which prompts take the share of the time.
    for _ in 0..<30 {
      let share = try work(load, rate: rate, profile: profile).point(load.replicas)?.promptShare
      rate *= load.promptShare / max(share ?? 0.9, 1e-6)
    }
    let trace = Traces.poisson(
      rate: rate, count: 3000, seed: 3,
      isl: { Int32(max(1, $0.logNormal(mean: load.isl, variation: 1))) },
      osl: { Int32(max(2, $0.logNormal(mean: load.osl, variation: 1))) })
    let log = try SimulationRun(
      trace: trace, profile: profile, settings: .small(decode: load.replicas, mode: .agg)
    ).finished().log
    let work = try work(load, rate: rate, profile: profile)
    return try [0.5, 0.95].flatMap { share -> [Double] in
      func simulated(_ values: [Float]) -> Double {
        let sorted = values[300...].sorted()
        return Double(sorted[Int(share * Double(sorted.count))])
      }
      let expected = try #require(work.latencies(share, load.replicas))
      return [
        expected.ttft / simulated(log.ttft) - 1, expected.itl / simulated(log.itl) - 1,
      ]
    }
  }

  @Test("latencies are those of the simulated steps, within 15 % at most loads")
  func latencies() throws {
    var all: [Double] = []
    for load in Self.loads {
      let errors = try Self.errors(load)
      all += errors
      let text = errors.map { "\(($0 * 100).rounded()) %" }.joined(separator: ", ")
      #expect(errors.allSatisfy { $0.magnitude < 0.45 }, "\(load): \(text)")
    }
    let within = Double(all.count { $0.magnitude <= 0.15 }) / Double(all.count)
    #expect(within >= 0.7, "\(within) of \(all.map { ($0 * 100).rounded() })")
  }

  @Test("the number asked for keeps the share, one fewer does not")
  func fewest() throws {
    let profile = try Engines.h200()
    let policy = PlanningPolicy(
      mode: .agg, targets: Self.targets, gpusPerReplica: [.decode: 1],
      throughput: ThroughputPolicy(intervalSeconds: 60, sizing: .sla(SLASizingPolicy())))
    let sizings = try SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60).size(
      TrafficForecast(predictor: .constant, requestCount: 3600, isl: 1000, osl: 100),
      newest: nil, indexOfDispersion: 1, profile: profile)
    #expect(sizings.keys.sorted() == [.decode])
    let sizing = try #require(sizings[.decode])
    let detail = try #require(sizing.expectation)
    #expect(sizing.replicas > 1)
    #expect(detail.outlook.attainment >= 0.95)
    #expect((detail.oneFewer?.attainment ?? 1) < 0.95)
    let mixed = try #require(detail.mixed)
    #expect((mixed.promptShare ?? 0) > 0.1)
    // The number holds in the simulation of the steps.
    let trace = Traces.poisson(
      rate: 60, count: 6000, seed: 11,
      isl: { Int32(max(1, $0.logNormal(mean: 1000, variation: 1))) },
      osl: { Int32(max(2, $0.logNormal(mean: 100, variation: 1))) })
    let log = try SimulationRun(
      trace: trace, profile: profile, settings: .small(decode: sizing.replicas, mode: .agg)
    ).finished().log
    let met = (600..<6000).count { Double(log.ttft[$0]) <= 1000 && Double(log.itl[$0]) <= 30 }
    #expect(Double(met) / 5400 >= 0.94)
  }

  /// Each step asks for at least as much as the one before.
  @Test("more requests, longer ones and tighter targets never ask for fewer replicas")
  func monotone() throws {
    let profile = try Engines.h200()
    func replicas(_ rate: Double, _ isl: Double, _ osl: Double, _ ttft: Double, _ itl: Double)
      throws -> Int
    {
      let policy = PlanningPolicy(
        mode: .agg, targets: LatencyTargets(ttftMilliseconds: ttft, itlMilliseconds: itl),
        gpusPerReplica: [.decode: 1], throughput: ThroughputPolicy(intervalSeconds: 60))
      return try SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60).size(
        TrafficForecast(predictor: .constant, requestCount: rate * 60, isl: isl, osl: osl),
        newest: nil, indexOfDispersion: 1, profile: profile)[.decode]?.replicas ?? 0
    }
    let steps = [1.0, 1.5, 2, 3, 5, 8]
    let chains = try [
      steps.map { try replicas(20 * $0, 1000, 100, 1000, 30) },
      steps.map { try replicas(60, 500 * $0, 100, 2000, 40) },
      steps.map { try replicas(60, 1000, 50 * $0, 1000, 30) },
      steps.map { try replicas(60, 1000, 100, 4000 / $0, 30) },
      steps.map { try replicas(60, 1000, 100, 1000, 80 / $0) },
    ]
    for chain in chains {
      #expect(zip(chain, chain.dropFirst()).allSatisfy { $0 <= $1 }, "\(chain)")
    }
  }

  @Test("the capacity rule sizes aggregated workers for mean latencies within the targets")
  func capacity() throws {
    let profile = try Engines.h200()
    let policy = PlanningPolicy(
      mode: .agg, targets: Self.targets, gpusPerReplica: [.decode: 1],
      throughput: ThroughputPolicy(intervalSeconds: 60))
    let forecast = TrafficForecast(
      predictor: .constant, requestCount: 3600, isl: 1000, osl: 100)
    let capacity = try #require(
      try CapacitySizing(policy: policy, intervalSeconds: 60).size(forecast, profile: profile)[
        .decode])
    let held = try SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60).size(
      forecast, newest: nil, indexOfDispersion: 1, profile: profile)[.decode]
    #expect(capacity.replicas >= 1)
    #expect(capacity.replicas <= held?.replicas ?? 0)
    #expect((capacity.exactReplicas ?? 0) <= Double(capacity.replicas))
  }

  @Test("a prompt larger than the target allows on an idle engine is said, and bounds the number")
  func unreachable() throws {
    let policy = PlanningPolicy(
      mode: .agg, targets: LatencyTargets(ttftMilliseconds: 20, itlMilliseconds: 30),
      gpusPerReplica: [.decode: 1], throughput: ThroughputPolicy(intervalSeconds: 60))
    let sizing = try #require(
      try SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60).size(
        TrafficForecast(predictor: .constant, requestCount: 600, isl: 3000, osl: 100),
        newest: nil, indexOfDispersion: 1, profile: Engines.h200())[.decode])
    #expect(sizing.expectation?.bound == .idleEngine)
    #expect(sizing.replicas < 1000)
    #expect(sizing.warnings.contains { $0.contains("more replicas can't help") })
  }
}
