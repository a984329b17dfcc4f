import Planning
import Testing

@Suite("Learning from workers")
struct LoadLearningTests {
  static func learned(
    _ samples: [WorkerSample], mode: DeploymentMode = .disagg, policy: LoadPolicy = LoadPolicy()
  ) -> LoadMemory {
    var memory = LoadMemory()
    memory.learn(from: samples, mode: mode, policy: policy)
    return memory
  }

  static func decode(_ blocks: Double, itl: Double, at time: Double) -> WorkerSample {
    Given.sample(Given.decode([blocks], itl: itl), at: time)
  }

  @Test func `one observation per worker and sample`() {
    let memory = Self.learned([
      Given.sample(Given.prefill([500, 700]) + Given.decode([10, 20]), at: 1),
      Given.sample(Given.prefill([600, 800], ttft: 120) + Given.decode([11, 21], itl: 11), at: 2),
    ])
    #expect(memory.ttft.points.map(\.load) == [1500, 1700, 1600, 1800])
    #expect(memory.itl.points.map(\.load) == [10, 20, 11, 21])
  }

  // Departure 24: an idle worker's frozen gauges fill the window until the slope turns negative.
  @Test func `a latency reading that has not changed is not a new observation`() {
    let memory = Self.learned([
      Self.decode(100, itl: 12, at: 1), Self.decode(100, itl: 12, at: 2),
      Self.decode(0, itl: 12, at: 3), Self.decode(40, itl: 12, at: 4),
      Self.decode(120, itl: 13, at: 5),
    ])
    #expect(memory.itl.points.map(\.load) == [100, 120])
  }

  @Test func `what was seen in an earlier invocation is not learned again`() {
    var memory = Self.learned([Self.decode(100, itl: 12, at: 1)])
    memory.learn(from: [Self.decode(100, itl: 12, at: 60)], mode: .disagg, policy: LoadPolicy())
    #expect(memory.itl.points.count == 1)
  }

  @Test func `a young worker is counted but not learned from`() {
    let policy = LoadPolicy(warmUpSeconds: 30)
    var memory = Self.learned([Self.decode(100, itl: 90, at: 0)], policy: policy)
    memory.learn(from: [Self.decode(100, itl: 80, at: 29)], mode: .disagg, policy: policy)
    #expect(memory.itl.points.isEmpty)
    memory.learn(from: [Self.decode(100, itl: 12, at: 30)], mode: .disagg, policy: policy)
    #expect(memory.itl.points.count == 1)
  }

  @Test func `aggregated workers are learned on their means`() {
    func sample(_ tokens: Double, _ ttft: Double, at time: Double) -> WorkerSample {
      Given.sample(
        [
          WorkerGauges(
            workerID: "a", component: .decode, activePrefillTokens: tokens,
            activeDecodeBlocks: tokens / 10, lastTTFTMilliseconds: ttft, lastISL: 1000,
            lastITLMilliseconds: ttft / 10)
        ], at: time)
    }
    let memory = Self.learned([sample(100, 50, at: 1), sample(300, 70, at: 2)], mode: .agg)
    #expect(memory.ttft.points == [LoadPoint(load: 1200, latencyMilliseconds: 60)])
    #expect(memory.itl.points == [LoadPoint(load: 20, latencyMilliseconds: 6)])
  }

  @Test func `zero and missing readings are not observations`() {
    let memory = Self.learned([
      Given.sample(
        Given.prefill([100], ttft: 0) + Given.prefill([nil]) + Given.decode([0])
          + Given.decode([5], itl: nil), at: 1)
    ])
    #expect(memory.ttft.points.isEmpty)
    #expect(memory.itl.points.isEmpty)
  }

  @Test func `a worker that was not seen for a day is forgotten`() {
    var memory = Self.learned([Given.sample(Given.decode([1, 2, 3]), at: 0)])
    #expect(memory.workers.count == 3)
    memory.learn(
      from: [Given.sample(Given.decode([1]), at: 90_000)], mode: .disagg, policy: LoadPolicy())
    #expect(memory.workers.keys.sorted() == ["decode/0"])
  }

  @Test func `a mode learns only from the workers it scales`() {
    let memory = Self.learned(
      [Given.sample(Given.prefill([100]) + Given.decode([10]), at: 1)], mode: .decode)
    #expect(memory.ttft.points.isEmpty)
    #expect(memory.itl.points.count == 1)
  }

  // Departure 24, with data-parallel ranks: their mean moves with the loads that weigh it.
  @Test func `frozen ranks measure nothing, however their mean moves`() {
    func sample(_ mean: Double, tokens: Double, ranks: [Double], at time: Double) -> WorkerSample {
      Given.sample(
        [
          WorkerGauges(
            workerID: "a", component: .prefill, activePrefillTokens: tokens,
            lastTTFTMilliseconds: mean, lastISL: 1000, rankTTFTMilliseconds: ranks)
        ], at: time)
    }
    var memory = Self.learned([sample(300, tokens: 50, ranks: [200, 400], at: 1)])
    for (index, mean) in [380.0, 220, 400].enumerated() {
      memory.learn(
        from: [sample(mean, tokens: mean, ranks: [200, 400], at: Double(2 + index))],
        mode: .disagg, policy: LoadPolicy())
    }
    #expect(memory.ttft.points.count == 1)
    memory.learn(
      from: [sample(310, tokens: 50, ranks: [220, 400], at: 9)], mode: .disagg,
      policy: LoadPolicy())
    #expect(memory.ttft.points.count == 2)
  }

  // The mean of ten equal readings differs in its last bit from that of nine.
  @Test func `a frozen aggregated worker measures nothing, however many samples show it`() {
    let worker = WorkerGauges(
      workerID: "a", component: .decode, activePrefillTokens: 10, activeDecodeBlocks: 20,
      lastTTFTMilliseconds: 200.1237, lastISL: 1000.7, lastITLMilliseconds: 11.1)
    var memory = LoadMemory()
    for (round, count) in [10, 9, 7, 10].enumerated() {
      let samples = (0..<count).map {
        Given.sample([worker], at: Double(100 * round + $0))
      }
      memory.learn(from: samples, mode: .agg, policy: LoadPolicy())
    }
    #expect(memory.ttft.points.count == 1)
    #expect(memory.itl.points.count == 1)
  }
}
