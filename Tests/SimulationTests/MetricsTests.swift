import Foundation
import Planning
import Testing

@testable import Simulation

/// What the modelled frontend, router and deployment show, and when.
struct MetricsTests {
  /// Keeps what a policy is shown.
  private final class Watcher: ScalingPolicy, @unchecked Sendable {
    let name = "watcher"
    let trafficIntervalSeconds: Int?
    let sampling: WorkerSampling
    let period: Double
    var looks: [ClusterMetrics] = []

    init(interval: Int? = 60, sampling: WorkerSampling = .none, period: Double = 60) {
      trafficIntervalSeconds = interval
      self.sampling = sampling
      self.period = period
    }

    func nextLook(after time: Double) -> Double { multiple(of: period, after: time) }

    func targets(for metrics: ClusterMetrics) -> [Component: Int] {
      looks.append(metrics)
      return [:]
    }
  }

  private func watch(
    _ trace: RequestTrace, _ watcher: Watcher, settings: SimulationSettings = .small(report: 60)
  ) throws -> [ClusterMetrics] {
    // Prefill 1 ms a prompt token, decode 0.1 s a token.
    let run = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: 0.001, stepSeconds: 0.1),
      settings: settings)
    _ = try run.result(of: watcher)
    return watcher.looks
  }

  @Test("counters move when the real frontend moves them")
  func counters() throws {
    // Arrives at 50 s, first token at 55 s, 1000 more tokens until 155 s.
    let looks = try watch(
      Traces.of([(0, 1, 1), (50, 5000, 1001), (230, 1, 1), (250, 1, 1)]), Watcher())
    let intervals = looks.flatMap(\.intervals)
    #expect(intervals.map(\.end) == (1...4).map { SimulationSettings.standardEpoch + $0 * 60 })
    #expect(intervals.map(\.counters.started) == [2, 0, 0, 1])
    #expect(intervals.map(\.counters.completed) == [1, 0, 1, 1])
    // TTFT and ISL with the first token.
    #expect(intervals.map(\.counters.ttft.count) == [2, 0, 0, 1])
    #expect(intervals.map(\.counters.isl.sum) == [5001, 0, 0, 1])
    #expect((intervals[0].counters.ttft.sum - 5.001).magnitude < 1e-6)
    // OSL and duration at completion.
    #expect(intervals.map(\.counters.osl.sum) == [1, 0, 1001, 1])
    #expect((intervals[2].counters.duration.sum - 105).magnitude < 1e-3)
    // ITL with every token: 5 s, 60 s and 35 s of them.
    for (interval, tokens) in zip(intervals, [50.0, 600, 350, 0]) {
      #expect((interval.counters.itl.count - tokens).magnitude < 0.01)
      #expect((interval.counters.itl.sum - tokens * 0.1).magnitude < 0.01)
    }
    #expect(intervals.map(\.inFlight) == [1, 1, 0, 0])
    #expect(intervals.map(\.queued) == [0, 0, 0, 0])
  }

  @Test("an interval is told as a traffic source would tell it")
  func observation() throws {
    let looks = try watch(Traces.of([(0, 1000, 11), (10, 3000, 31), (130, 1, 1)]), Watcher())
    let first = try #require(looks[0].intervals.first?.observation)
    #expect(first.requestCount == 2)
    #expect(first.isl == 2000 && first.osl == 21)
    #expect((try #require(first.ttftMilliseconds) - 2000).magnitude < 0.01)
    #expect((try #require(first.itlMilliseconds) - 100).magnitude < 0.01)
    #expect((try #require(first.requestDurationSeconds) - (2 + 6) / 2.0).magnitude < 0.01)
    // An idle interval is a known zero without lengths and latencies.
    let idle = try #require(looks[1].intervals.first?.observation)
    #expect(idle.requestCount == 0 && idle.arrivals?.count == 0)
    #expect(idle.isl == nil && idle.osl == nil && idle.requestDurationSeconds == nil)
    #expect(idle.ttftMilliseconds == nil && idle.itlMilliseconds == nil)
  }

  @Test("the wait for admission is in the sum of the ITL, not in its count")
  func admissionWaitInITL() throws {
    var settings = SimulationSettings.small(report: 60)
    settings.cluster.maximumSequences = 1
    let looks = try watch(
      Traces.of([(0, 1, 101), (0, 1, 101), (61, 1, 1)]), Watcher(), settings: settings)
    let itl = try #require(looks[0].intervals.first?.counters.itl)
    #expect((itl.count - 200).magnitude < 0.01)
    #expect((itl.sum - (10 + 20)).magnitude < 0.01)
    // The second sequence's first gap is one of about 10 s.
    #expect((itl.counts[itl.bounds.firstIndex(of: 13) ?? 0] - 1).magnitude < 0.01)
  }

  @Test("histogram buckets and sums agree with the requests")
  func histograms() throws {
    var trace = Traces.poisson(
      rate: 1, count: 100, isl: { Int32($0.index(below: 3000)) + 1 },
      osl: { Int32($0.index(below: 50)) + 1 })
    let requests = trace.isl
    // A last one, so that there is a look after all others are done.
    trace.append(arrival: trace.duration + 200, isl: 1, osl: 1)
    let intervals = try watch(
      trace, Watcher(), settings: .small(prefill: 20, decode: 3, report: 60)
    ).flatMap(\.intervals)
    var bounds = FrontendCounters().isl.bounds
    bounds.append(.infinity)
    for (bucket, bound) in bounds.enumerated() {
      let below = bucket == 0 ? -.infinity : bounds[bucket - 1]
      let expected = requests.count { Double($0) <= bound && Double($0) > below }
      let found = intervals.reduce(0) { $0 + $1.counters.isl.counts[bucket] }
      #expect(found == Double(expected))
    }
  }

  @Test("gauges appear with a worker's first request, and only of ready workers")
  func gauges() throws {
    var settings = SimulationSettings.small(prefill: 2, decode: 1, report: 60)
    settings.cluster.blockSize = 64
    let watcher = Watcher(
      sampling: WorkerSampling(count: 2, spreadSeconds: 4), period: 20)
    // Looks at 20 s and 40 s; their second samples at 24 s and 44 s.
    let looks = try watch(
      Traces.of([(10, 2000, 101), (19, 30_000, 1), (41, 100, 2), (59, 1, 1)]), watcher,
      settings: settings)
    #expect(
      looks[0].samples.map { $0.time - Double(SimulationSettings.standardEpoch) } == [20, 24])
    let first = looks[0].samples[0].workers
    #expect(first.count { $0.component == .prefill } == 2)
    let decode = try #require(first.first { $0.component == .decode })
    // First token at 12 s; 80 tokens at 20 s: 2081 tokens are 33 blocks.
    #expect(decode.activeDecodeBlocks == 33)
    #expect((try #require(decode.lastITLMilliseconds) - 100).magnitude < 1e-6)
    let busy = try #require(first.first { $0.activePrefillTokens == 30_000 })
    #expect(busy.lastTTFTMilliseconds == nil && busy.lastISL == nil)
    let done = try #require(
      first.first { $0.component == .prefill && $0.workerID != busy.workerID })
    #expect(done.activePrefillTokens == 0 && done.lastISL == 2000)
    #expect((try #require(done.lastTTFTMilliseconds) - 2000).magnitude < 1e-6)
    // Idle gauges keep their last values.
    let later = try #require(
      looks[1].samples[1].workers.first { $0.component == .decode })
    #expect(later.activeDecodeBlocks == 0)
    #expect((try #require(later.lastITLMilliseconds) - 100).magnitude < 1e-6)
    #expect(looks.allSatisfy { $0.samples.count == 2 })
  }

  @Test("a worker without a request shows nothing")
  func silentWorkers() throws {
    let looks = try watch(
      Traces.of([(0, 1, 1), (119, 1, 1)]),
      Watcher(sampling: WorkerSampling(count: 1, spreadSeconds: 0)),
      settings: .small(prefill: 5, decode: 5, report: 60))
    #expect(looks[0].samples[0].workers.count == 1)
    #expect(looks[0].deployment.components[.prefill]?.ready == 5)
  }

  @Test("usage is the share of busy time since the last look, and the sequences under way")
  func usage() throws {
    let looks = try watch(
      Traces.of([(30, 15_000, 1000), (130, 1, 1)]), Watcher(),
      settings: .small(prefill: 2, decode: 1, report: 60))
    // 15 s of 60 on one of two workers.
    #expect((looks[0].usage[.prefill].map(\.busyWorkers) ?? 0) == 0.25)
    #expect(looks[0].usage[.decode]?.sequences == 1)
    #expect(looks[1].usage[.prefill].map(\.busyWorkers) == 0)
  }

  @Test("aggregated workers show both loads under the type decode")
  func aggregatedGauges() throws {
    let looks = try watch(
      Traces.of([(58, 1000, 200), (59.5, 5000, 10), (61, 1, 1)]),
      Watcher(sampling: WorkerSampling(count: 1, spreadSeconds: 0)),
      settings: .small(decode: 1, mode: .agg, report: 60))
    let worker = try #require(looks[0].samples[0].workers.first)
    #expect(worker.component == .decode)
    #expect(worker.activePrefillTokens == 5000)
    #expect((try #require(worker.activeDecodeBlocks)) > 60)
    #expect(worker.lastISL == 1000)
    // A chunk of the second prompt lies between two tokens now.
    #expect((try #require(worker.lastITLMilliseconds)) > 2000)
  }

  @Test("a prompt alone on an aggregated worker takes what it takes; beside a batch both slow down")
  func aggregatedInterference() throws {
    let profile = try Engines.ideal(prefillSecondsPerToken: 0.001, stepSeconds: 0.1)
    var settings = SimulationSettings.small(decode: 1, mode: .agg)
    settings.cluster.chunkTokens = 100
    // The first is alone; the second comes while the third decodes.
    let alone = try SimulationRun(
      trace: Traces.of([(0, 1000, 1)]), profile: profile, settings: settings
    ).finished()
    #expect((alone.log.ttft[0] - 1000).magnitude < 0.1)
    let beside = try SimulationRun(
      trace: Traces.of([(0, 1, 1001), (1, 1000, 1)]), profile: profile, settings: settings
    ).finished()
    // Ten chunks of 0.1 s, each with a decode step of 0.1 s.
    #expect((beside.log.ttft[1] - 2000).magnitude < 5)
    // 1000 steps of 0.1 s and ten chunks of 0.1 s.
    #expect((Double(beside.log.itl[0]) - 101).magnitude < 0.1)
  }
}
