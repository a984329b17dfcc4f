import Planning
import Testing

@Suite struct WorkerSketchTests {
  private func sample(_ count: Int, time: Double = 0) -> WorkerSample {
    var workers: [WorkerGauges] = []
    for number in 0..<count {
      let id: Int = 9_041_998_841_395_110_000 + number * 37
      let load = Double(10 + number % 40)
      let component: Component = number % 2 == 0 ? .prefill : .decode
      workers.append(
        WorkerGauges(
          workerID: String(id), component: component, activePrefillTokens: 100,
          activeDecodeBlocks: load, lastTTFTMilliseconds: 100, lastISL: 2000,
          lastITLMilliseconds: load))
    }
    return WorkerSample(time: time, workers: workers)
  }

  @Test("up to the stated number every worker is kept")
  func exact() {
    let all = sample(WorkerSketch.exactCount)
    #expect(all.sketched == all)
    #expect(all.sketched.omittedWorkers == nil)
  }

  @Test(
    "above it about that number is kept, and it is said how many are not",
    arguments: [501, 2000, 100_000])
  func bounded(count: Int) {
    let sketched = sample(count).sketched
    #expect((400...600).contains(sketched.workers.count), "\(sketched.workers.count)")
    #expect(sketched.omittedWorkers == count - sketched.workers.count)
  }

  @Test("nearly the same workers are kept when a few come or go")
  func stable() {
    let before = Set(sample(50_000).sketched.workers.map(\.workerID))
    let after = Set(sample(50_500).sketched.workers.map(\.workerID))
    #expect(before.intersection(after).count > 450)
  }

  @Test("what is remembered of very many workers is bounded, and the regressions still learn")
  func learning() {
    var state = LoadState()
    let policy = LoadPolicy()
    state.learn(from: [sample(20_000)], mode: .disagg, policy: policy)
    #expect(state.workers.count <= 600)
    #expect(state.itl.points.count == policy.learningWindow)
    // A deployment that has grown keeps no more.
    state.learn(from: [sample(40_000, time: 60)], mode: .disagg, policy: policy)
    #expect(state.workers.count <= 600)
  }
}
