import Planning
import Testing

@testable import Simulation

/// The rule without a forecast, and the frontier that it draws.
struct ReactiveTests {
  @Test("the need is the work that arrives in a window at the speed of the engines")
  func needs() throws {
    // 1 ms a prompt token; a step takes 20 ms whatever the batch, and the cache holds 10,000 tokens.
    let run = try SimulationRun(
      trace: Traces.of([(0, 1500, 1), (10, 3000, 1), (45, 900, 101), (61, 1, 1)]),
      profile: Engines.ideal(
        prefillSecondsPerToken: 0.001, stepSeconds: 0.02, kvTokens: 10_000),
      settings: .small(itl: 25, report: 60))
    let needs = CapacityNeeds(of: run, windowSeconds: 30).needs
    #expect(needs.count == 4)
    #expect(near(needs[0][.prefill], 0.15))
    #expect(needs[0][.decode] == 0)
    #expect(near(needs[1][.prefill], 0.03))
    // 100 tokens of 20 ms are 2 s of a sequence that holds 1001 tokens of the cache in the end.
    #expect(near(needs[1][.decode], 2.0 / 30 * 1001 / 10_000))
  }

  @Test("aggregated workers need prefill and decode together")
  func aggregated() throws {
    let trace = Traces.of([(0, 1500, 101)])
    let profile = try Engines.ideal(
      prefillSecondsPerToken: 0.001, stepSeconds: 0.02, kvTokens: 10_000)
    func need(_ mode: DeploymentMode) throws -> [Component: Double] {
      try SimulationRun(
        trace: trace, profile: profile, settings: .small(mode: mode, itl: 25, report: 60)
      ).busyEngines(for: 0..<1, seconds: 30)
    }
    let apart = try need(.disagg)
    let together = try need(.agg)
    #expect(together.count == 1)
    #expect(near(together[.decode], apart.values.reduce(0, +)))
  }

  struct Look: Sendable, CustomTestStringConvertible {
    var says: String
    var time: Double
    var margin = 0.0
    var wants: Int?
    var testDescription: String { says }
  }

  @Test(
    "it asks for the largest complete window within the hold, times the margin",
    arguments: [
      Look(says: "no window is complete", time: 29, wants: nil),
      Look(says: "⌈2.4⌉ of the first window", time: 30, wants: 3),
      Look(says: "2.4 × 1.25 is 3, not 4", time: 30, margin: 0.25, wants: 3),
      Look(says: "2.4 × 1.3 is 3.12", time: 30, margin: 0.3, wants: 4),
      Look(says: "the second window needs more", time: 60, wants: 6),
      Look(says: "it is held for two windows", time: 90, wants: 6),
      Look(says: "and no longer", time: 120, wants: 1),
      Look(says: "after the trace its last windows count", time: 1e6, wants: 1),
    ])
  func rule(_ look: Look) throws {
    let run = try SimulationRun(
      trace: Traces.of([(0, 1, 1)]), profile: Engines.ideal(), settings: .small())
    let needs = CapacityNeeds(
      windowSeconds: 30,
      needs: [[.prefill: 2.4], [.prefill: 5.5], [.prefill: 0.2], [.prefill: 0]])
    let policy = ReactiveReplicas(
      name: "reactive", run: run, needs: needs, holdSeconds: 60, margin: look.margin)
    let wanted = policy.targets(
      for: ClusterMetrics(
        time: Double(SimulationSettings.standardEpoch) + look.time,
        deployment: DeploymentStatus(components: [:])))
    #expect(wanted[.prefill] == look.wants)
  }

  @Test("a margin buys attainment for GPU-hours")
  func margins() throws {
    let trace = try SyntheticTraffic(
      seconds: 1800, peakRate: 40, troughShare: 1, drift: 0.3, burstsPerHour: 6, meanISL: 3000,
      meanOSL: 200
    ).trace(seed: 3)
    let run = try SimulationRun(
      trace: trace, profile: Engines.h200(), settings: .small(prefill: 4, decode: 2, ttft: 400))
    let needs = CapacityNeeds(of: run, windowSeconds: 30)
    let outcomes = try [0, 0.5, 1].map { margin in
      try run.result(
        of: ReactiveReplicas(name: "reactive", run: run, needs: needs, margin: margin))
    }
    let shares = outcomes.compactMap(\.total.attainment)
    #expect(shares == shares.sorted() && shares[0] < 0.9 && shares[2] > 0.9)
    let hours = outcomes.map(\.traceGPUHours)
    #expect(hours == hours.sorted())
  }

  // MARK: Frontier

  private static let frontier = ReactiveFrontier([
    .init(margin: 0, attainment: 0.80, gpuHours: 10),
    .init(margin: 0.5, attainment: 0.90, gpuHours: 14),
    // Dominated: it costs more than the last one and attains less.
    .init(margin: 0.6, attainment: 0.85, gpuHours: 21),
    .init(margin: 1, attainment: 0.95, gpuHours: 20),
  ])

  struct Case: Sendable, CustomTestStringConvertible {
    var says: String
    var attainment: Double
    var gpuHours: Double
    var ratio: Double
    var basis = ReactiveFrontier.Ratio.Basis.within
    var testDescription: String { says }
  }

  @Test(
    "GPU-hours are compared at the attainment that a policy reached",
    arguments: [
      Case(says: "on a point", attainment: 0.90, gpuHours: 14, ratio: 1),
      Case(says: "halfway between two", attainment: 0.85, gpuHours: 12, ratio: 1),
      Case(says: "cheaper than the rule", attainment: 0.925, gpuHours: 15.3, ratio: 0.9),
      Case(
        says: "no margin misses as often", attainment: 0.5, gpuHours: 12, ratio: 1.2,
        basis: .below),
      Case(
        says: "no margin attains as much", attainment: 0.99, gpuHours: 30, ratio: 1.5,
        basis: .above),
    ])
  func ratio(_ given: Case) throws {
    let good = Int((given.attainment * 1000).rounded())
    let result = SimulationResult(
      policy: "planner",
      total: Outcome(
        seconds: 3600, arrivals: 1000, refused: 0, unfinished: 0, good: good, goodTTFT: good,
        goodITL: good, ttft: nil, itl: nil, gpuHours: 99, changes: [:], failedStarts: 0),
      intervals: [], traceGPUHours: given.gpuHours)
    let ratio = try #require(Self.frontier?.ratio(of: result))
    #expect(near(ratio.value, given.ratio))
    #expect(ratio.basis == given.basis)
  }

  @Test("without a point there is no frontier")
  func empty() { #expect(ReactiveFrontier([]) == nil) }

  @Test("GPU-hours end with the last request, however long the reported interval is")
  func traceHours() throws {
    let result = try SimulationRun(
      trace: Traces.of([(0, 1, 1), (361, 1, 1)]), profile: Engines.ideal(),
      settings: .small(prefill: 2, decode: 3)
    ).result(of: FixedReplicas(name: "fixed"))
    #expect(near(result.total.gpuHours, 5 * 540.0 / 3600))
    #expect(near(result.traceGPUHours, 5 * 361.0 / 3600))
  }
}
