import Planning
import Testing

@testable import Simulation

/// llm-d's published rule, step by step.
struct TokenAwareTests {
  private static let calibration = TokenAwareAutoscaler.Calibration(
    promptTokensPerSecond: 10_000, queueSeconds: 1.5)

  private func policy(
    _ mode: DeploymentMode, _ growth: TokenAwareAutoscaler.Growth
  ) throws -> TokenAwareAutoscaler {
    try TokenAwareAutoscaler(
      name: "keda", mode: mode, calibration: Self.calibration, growth: growth)
  }

  private func wanted(
    _ policy: inout TokenAwareAutoscaler, asked: Int, tokens: Double = 0, caches: Double = 0,
    at time: Double = 0
  ) -> Int? {
    let usage = ComponentUsage(
      ready: asked, starting: 0, busyWorkers: 0, sequences: 0, kvUsage: 0, promptTokens: tokens,
      fullCaches: caches)
    let status = DeploymentStatus(components: [
      .prefill: ComponentStatus(replicas: asked, ready: asked),
      .decode: ComponentStatus(replicas: asked, ready: asked),
    ])
    let targets = policy.targets(
      for: ClusterMetrics(
        time: time, deployment: status, usage: [.prefill: usage, .decode: usage]))
    return targets.values.first
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var says: String
    var asked: Int
    var tokens: Double
    var wants: Int
    var testDescription: String { says }
  }

  @Test(
    "prefill has a replica for each 1.5 s of queue",
    arguments: [
      Case(says: "4.5 s of queue want 3", asked: 2, tokens: 45_000, wants: 3),
      Case(says: "4.6 s of queue want 4", asked: 2, tokens: 46_000, wants: 4),
      Case(says: "within 10 % of 2 nothing changes", asked: 2, tokens: 32_000, wants: 2),
      Case(says: "at most twice as many", asked: 2, tokens: 450_000, wants: 4),
    ])
  func prefill(_ given: Case) throws {
    var policy = try policy(.prefill, .double)
    // For 300 s the count that it found holds.
    #expect(wanted(&policy, asked: given.asked, tokens: given.tokens) == given.asked)
    #expect(wanted(&policy, asked: given.asked, tokens: given.tokens, at: 301) == given.wants)
  }

  @Test("decode has a replica for each 0.8 full caches")
  func decode() throws {
    var policy = try policy(.decode, .double)
    #expect(wanted(&policy, asked: 2, caches: 2.5) == 2)
    #expect(wanted(&policy, asked: 2, caches: 2.5, at: 301) == 4)
    #expect(wanted(&policy, asked: 4, caches: 3.3, at: 700) == 4)
  }

  @Test("growth by one: one replica more in 180 s, one less in 300 s and not before 300 s")
  func one() throws {
    var policy = try policy(.prefill, .one)
    #expect(wanted(&policy, asked: 2, tokens: 1e6, at: 0) == 3)
    #expect(wanted(&policy, asked: 3, tokens: 1e6, at: 165) == 3)
    #expect(wanted(&policy, asked: 3, tokens: 1e6, at: 180) == 4)
    // Nothing to do from here on: the last wish for more is forgotten 300 s later.
    #expect(wanted(&policy, asked: 4, at: 195) == 4)
    #expect(wanted(&policy, asked: 4, at: 465) == 4)
    #expect(wanted(&policy, asked: 4, at: 480) == 3)
    #expect(wanted(&policy, asked: 3, at: 765) == 3)
    #expect(wanted(&policy, asked: 3, at: 780) == 2)
  }

  @Test("growth by doubling waits until more was wanted all through 300 s, and so for less")
  func double() throws {
    var policy = try policy(.prefill, .double)
    #expect(wanted(&policy, asked: 2, at: 0) == 2)
    #expect(wanted(&policy, asked: 2, at: 285) == 2)
    #expect(wanted(&policy, asked: 2, at: 300) == 1)
    #expect(wanted(&policy, asked: 1, tokens: 1e6, at: 315) == 1)
    #expect(wanted(&policy, asked: 1, tokens: 1e6, at: 585) == 1)
    #expect(wanted(&policy, asked: 1, tokens: 1e6, at: 600) == 2)
    #expect(wanted(&policy, asked: 2, at: 615) == 2)
    #expect(wanted(&policy, asked: 2, at: 900) == 1)
  }

  @Test("the queue budget is what the target leaves beside the prompt itself, and never nothing")
  func calibration() throws {
    // 1 ms a token: 1000 tokens a second.
    func calibrated(isl: Int32) throws -> TokenAwareAutoscaler.Calibration {
      TokenAwareAutoscaler.Calibration(
        for: try SimulationRun(
          trace: Traces.of([(0, isl, 1)]),
          profile: Engines.ideal(prefillSecondsPerToken: 0.001), settings: .small(ttft: 2000)))
    }
    let short = try calibrated(isl: 500)
    #expect(near(short.promptTokensPerSecond, 1000, within: 1e-6))
    #expect(near(short.queueSeconds, 1.5))
    #expect(near(try calibrated(isl: 9000).queueSeconds, 0.2))
  }

  @Test("aggregated workers are refused")
  func aggregated() {
    #expect(throws: SimulationError.self) { try policy(.agg, .one) }
  }

  @Test("the cluster shows prompt tokens in line and how full the caches are")
  func usage() throws {
    // 1 ms a prompt token, 0.1 s a token, 10,000 tokens of cache.
    let run = try SimulationRun(
      trace: Traces.of([(0, 2000, 101), (3, 4000, 1), (3, 500, 1)]),
      profile: Engines.ideal(
        prefillSecondsPerToken: 0.001, stepSeconds: 0.1, kvTokens: 10_000), settings: .small())
    var cluster = run.cluster()
    cluster.advance(to: 4)
    let usage = cluster.usage(since: 0)
    #expect(usage[.prefill]?.promptTokens == 4500)
    // First token at 2 s, 20 more until 4 s.
    #expect(near(usage[.decode]?.fullCaches, 0.2021, within: 1e-4))
  }
}
