import Planning
import Testing

@Suite("Learning from workers")
struct LoadLearningTests {
  static func learned(
    _ samples: [WorkerSample], mode: DeploymentMode = .disagg, policy: LoadPolicy = LoadPolicy()
  ) -> LoadState {
    var state = LoadState()
    state.learn(from: samples, mode: mode, policy: policy)
    return state
  }

  static func decode(_ blocks: Double, itl: Double, at time: Double) -> WorkerSample {
    Given.sample(Given.decode([blocks], itl: itl), at: time)
  }

  @Test("one observation per worker and sample")
  func oneObservationPerWorkerAndSample() {
    let state = Self.learned([
      Given.sample(Given.prefill([500, 700]) + Given.decode([10, 20]), at: 1),
      Given.sample(Given.prefill([600, 800], ttft: 120) + Given.decode([11, 21], itl: 11), at: 2),
    ])
    #expect(state.ttft.points.map(\.load) == [1500, 1700, 1600, 1800])
    #expect(state.itl.points.map(\.load) == [10, 20, 11, 21])
  }

  // Departure 24: an idle worker's frozen gauges fill the window until the slope turns negative.
  @Test("a latency reading that has not changed is not a new observation")
  func latencyReadingThatHasNotChanged() {
    let state = Self.learned([
      Self.decode(100, itl: 12, at: 1), Self.decode(100, itl: 12, at: 2),
      Self.decode(0, itl: 12, at: 3), Self.decode(40, itl: 12, at: 4),
      Self.decode(120, itl: 13, at: 5),
    ])
    #expect(state.itl.points.map(\.load) == [100, 120])
  }

  @Test("what was seen in an earlier invocation is not learned again")
  func whatWasSeenInAnEarlierInvocation() {
    var state = Self.learned([Self.decode(100, itl: 12, at: 1)])
    state.learn(from: [Self.decode(100, itl: 12, at: 60)], mode: .disagg, policy: LoadPolicy())
    #expect(state.itl.points.count == 1)
  }

  @Test("a young worker is counted but not learned from")
  func youngWorkerIsCountedButNotLearned() {
    let policy = LoadPolicy(warmUpSeconds: 30)
    var state = Self.learned([Self.decode(100, itl: 90, at: 0)], policy: policy)
    state.learn(from: [Self.decode(100, itl: 80, at: 29)], mode: .disagg, policy: policy)
    #expect(state.itl.points.isEmpty)
    state.learn(from: [Self.decode(100, itl: 12, at: 30)], mode: .disagg, policy: policy)
    #expect(state.itl.points.count == 1)
  }

  @Test("aggregated workers are learned on their means")
  func aggregatedWorkersAreLearned() {
    func sample(_ tokens: Double, _ ttft: Double, at time: Double) -> WorkerSample {
      Given.sample(
        [
          WorkerGauges(
            workerID: "a", component: .decode, activePrefillTokens: tokens,
            activeDecodeBlocks: tokens / 10, lastTTFTMilliseconds: ttft, lastISL: 1000,
            lastITLMilliseconds: ttft / 10)
        ], at: time)
    }
    let state = Self.learned([sample(100, 50, at: 1), sample(300, 70, at: 2)], mode: .agg)
    #expect(state.ttft.points == [LoadPoint(load: 1200, latencyMilliseconds: 60)])
    #expect(state.itl.points == [LoadPoint(load: 20, latencyMilliseconds: 6)])
  }

  @Test("zero and missing readings are not observations")
  func zeroAndMissingReadingsAreNotObservations() {
    let state = Self.learned([
      Given.sample(
        Given.prefill([100], ttft: 0) + Given.prefill([nil]) + Given.decode([0])
          + Given.decode([5], itl: nil), at: 1)
    ])
    #expect(state.ttft.points.isEmpty)
    #expect(state.itl.points.isEmpty)
  }

  @Test("a worker that was not seen for a day is forgotten")
  func workerThatWasNotSeen() {
    var state = Self.learned([Given.sample(Given.decode([1, 2, 3]), at: 0)])
    #expect(state.workers.count == 3)
    state.learn(
      from: [Given.sample(Given.decode([1]), at: 90_000)], mode: .disagg, policy: LoadPolicy())
    #expect(state.workers.keys.sorted() == ["decode/0"])
  }

  @Test("a mode learns only from the workers it scales")
  func modeLearnsOnly() {
    let state = Self.learned(
      [Given.sample(Given.prefill([100]) + Given.decode([10]), at: 1)], mode: .decode)
    #expect(state.ttft.points.isEmpty)
    #expect(state.itl.points.count == 1)
  }

  // Departure 24, with data-parallel ranks: their mean moves with the loads that weigh it.
  @Test("frozen ranks measure nothing, however their mean moves")
  func frozenRanksMeasureNothing() {
    func sample(_ mean: Double, tokens: Double, ranks: [Double], at time: Double) -> WorkerSample {
      Given.sample(
        [
          WorkerGauges(
            workerID: "a", component: .prefill, activePrefillTokens: tokens,
            lastTTFTMilliseconds: mean, lastISL: 1000, rankTTFTMilliseconds: ranks)
        ], at: time)
    }
    var state = Self.learned([sample(300, tokens: 50, ranks: [200, 400], at: 1)])
    for (index, mean) in [380.0, 220, 400].enumerated() {
      state.learn(
        from: [sample(mean, tokens: mean, ranks: [200, 400], at: Double(2 + index))],
        mode: .disagg, policy: LoadPolicy())
    }
    #expect(state.ttft.points.count == 1)
    state.learn(
      from: [sample(310, tokens: 50, ranks: [220, 400], at: 9)], mode: .disagg,
      policy: LoadPolicy())
    #expect(state.ttft.points.count == 2)
  }

  // The mean of ten equal readings differs in its last bit from that of nine.
  @Test("a frozen aggregated worker measures nothing, however many samples show it")
  func frozenAggregatedWorkerMeasuresNothing() {
    let worker = WorkerGauges(
      workerID: "a", component: .decode, activePrefillTokens: 10, activeDecodeBlocks: 20,
      lastTTFTMilliseconds: 200.1237, lastISL: 1000.7, lastITLMilliseconds: 11.1)
    var state = LoadState()
    for (round, count) in [10, 9, 7, 10].enumerated() {
      let samples = (0..<count).map {
        Given.sample([worker], at: Double(100 * round + $0))
      }
      state.learn(from: samples, mode: .agg, policy: LoadPolicy())
    }
    #expect(state.ttft.points.count == 1)
    #expect(state.itl.points.count == 1)
  }
}
