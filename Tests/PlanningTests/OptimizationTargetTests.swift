import Forecasting
import Testing

@testable import Planning

@Suite("Thresholds in place of latency targets")
struct OptimizationTargetTests {
  static let limits = EngineLimits(
    contextTokens: 10_000, maximumSequences: 256, maximumBatchedTokens: 8192, blockTokens: 16,
    blocks: 1000)

  static func verdict(
    _ target: OptimizationTarget, _ component: Component, _ workers: [WorkerGauges],
    ready: Int? = nil, mode: DeploymentMode = .disagg, limits: EngineLimits? = limits
  ) -> LoadVerdict {
    ThresholdRule(mode: mode, target: target, limits: limits).verdict(
      for: component, sample: Given.sample(workers), ready: ready ?? workers.count)
  }

  /// As Dynamo 1.6.1 decides: any worker above goes up, all below go down.
  @Test(
    "prefill follows the prompts of a worker over the longest context",
    arguments: [
      (OptimizationTarget.throughput, [10_000.0, 0], LoadDirection.up),
      (.throughput, [9_999, 0], .none), (.throughput, [999, 999], .down),
      (.throughput, [1000, 0], .none), (.latency, [1000, 0], .up), (.latency, [999, 0], .none),
      (.latency, [0, 0], .down),
      (.load(LoadThresholds(prefillUpTokens: 500, prefillDownTokens: 100)), [500, 0], .up),
      (.load(LoadThresholds(prefillUpTokens: 500, prefillDownTokens: 100)), [99, 99], .down),
    ])
  func prefill(target: OptimizationTarget, tokens: [Double], expected: LoadDirection) {
    #expect(Self.verdict(target, .prefill, Given.prefill(tokens)).direction == expected)
  }

  @Test(
    "decode follows the share of the KV cache in use",
    arguments: [
      (OptimizationTarget.throughput, [1001.0, 0], LoadDirection.up),
      (.throughput, [1000, 0], .none), (.throughput, [599, 599], .down),
      (.latency, [401, 0], .up), (.latency, [99, 99], .down), (.latency, [300, 99], .none),
      (.load(LoadThresholds(decodeUpPercent: 80, decodeDownPercent: 20)), [801, 0], .up),
      (.load(LoadThresholds(decodeUpPercent: 80, decodeDownPercent: 20)), [199, 199], .down),
    ])
  func decode(target: OptimizationTarget, blocks: [Double], expected: LoadDirection) {
    #expect(Self.verdict(target, .decode, Given.decode(blocks)).direction == expected)
  }

  @Test("waiting prompts of aggregated workers count as cache")
  func aggregated() {
    var worker = Given.decode([900])[0]
    worker.activePrefillTokens = 3200
    #expect(
      Self.verdict(.throughput, .decode, [worker], mode: .agg).direction == .up)
  }

  @Test("one alone stays, and what is missing or unknown takes none away")
  func careful() {
    #expect(Self.verdict(.latency, .decode, Given.decode([0])).direction == .none)
    #expect(
      Self.verdict(.latency, .decode, Given.decode([0, 0]), ready: 3).reason
        == .workerCountMismatch)
    #expect(
      Self.verdict(.latency, .decode, Given.decode([0, 0]), limits: nil).reason
        == .insufficientData)
    #expect(Self.verdict(.latency, .decode, []).reason == .noWorkers)
  }

  @Test("a stated batch binds decode before latency does, and is said")
  func batchBound() throws {
    var policy = SLASizingTests.policy(itl: 40)
    func size() throws -> ReplicaSizing? {
      try SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60).size(
        TrafficForecast(predictor: .constant, requestCount: 6000, isl: 1000, osl: 300), newest: nil,
        indexOfDispersion: 1, profile: Profiles.h200())[.decode]
    }
    let free = try #require(try size())
    policy.engineLimits = EngineLimits(maximumSequences: 16)
    let bound = try #require(try size())
    #expect(bound.replicas > free.replicas)
    #expect(bound.warnings.contains { $0.contains("max_num_seqs") })
  }
}
