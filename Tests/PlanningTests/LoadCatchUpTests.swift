import Planning
import TestSupport
import Testing

/// With the warm state of `Given`, prefill workers (ISL 1000) turn at 3000 active tokens and
/// decode workers at 1000 blocks.
@Suite("Load rule that catches up")
struct LoadCatchUpTests {
  private static let policy = LoadPolicy(catchUp: LoadCatchUp())

  private func verdict(
    _ samples: [[Double?]], component: Component = .decode, ready: Int? = nil,
    agreeing: Int? = nil, state: LoadState = Given.warmState, latency: Double? = 10
  ) -> LoadVerdict {
    var policy = Self.policy
    policy.catchUp = LoadCatchUp(agreeingSamples: agreeing)
    let samples = samples.enumerated().map { index, loads in
      Given.sample(
        component == .decode
          ? Given.decode(loads, itl: latency) : Given.prefill(loads, ttft: latency),
        at: 1000 + Double(index))
    }
    return LoadRule(mode: .disagg, targets: Given.targets, policy: policy).verdict(
      for: component, samples: samples, state: state,
      ready: ready ?? samples.last?.workers.count ?? 0)
  }

  @Test(
    "goes at once to as many workers as bring the mean load to the target",
    arguments: [
      ([1001, 1001], 3), ([1500, 1500], 3), ([900, 1200], 3), ([1900, 1000, 1000, 1000], 5),
      ([4000, 4000], 4), ([999, 1001], nil), ([1000, 1000], nil),
    ])
  func up(_ loads: [Double?], _ wanted: Int?) {
    let verdict = verdict([loads])
    #expect(verdict.wanted == wanted)
    #expect(verdict.direction == (wanted == nil ? .none : .up))
  }

  @Test("of prefill workers leaves room for the next prompt")
  func prefill() {
    #expect(verdict([[4500, 4500]], component: .prefill).wanted == 3)
    #expect(verdict([[2999, 3001]], component: .prefill).direction == .none)
  }

  @Test("adds at most as many as there are")
  func bounded() {
    #expect(verdict([[1e12]]).wanted == 2)
    #expect(verdict([Array(repeating: 1e300, count: 10)]).wanted == 20)
  }

  @Test("does not add more and more workers for what waits on old ones and can't move")
  func stuckBacklog() {
    var workers = 10
    for _ in 0..<50 {
      let loads = (0..<workers).map { $0 < 10 ? 1e6 : 300 } as [Double?]
      workers = replicas(verdict([loads]), workers)
    }
    // Ten stuck count as twenty.
    #expect((25...30).contains(workers))
  }

  @Test("goes down while a tenth of the workers still works off a backlog")
  func nearlyIdle() {
    let idle = Array(repeating: 1, count: 18) as [Double?]
    #expect(verdict([idle + [1e6, 1e6]]).direction == .down)
    #expect(verdict([idle + [1e6, 1e6, 1e6]]).direction == .none)
  }

  @Test("does not react to one sample of many, but to the majority")
  func majority() {
    let calm: [Double?] = [700, 700]
    let busy: [Double?] = [2000, 2000]
    #expect(verdict([calm, calm, busy]).direction == .none)
    #expect(verdict([busy, calm, calm]).direction == .none)
    #expect(verdict([busy, calm, busy]).wanted == 4)
    #expect(verdict([calm, busy], agreeing: nil).direction == .none)
    let idle: [Double?] = [1, 1]
    #expect(verdict([calm, calm, idle]).direction == .none)
    #expect(verdict([idle, calm, idle]).direction == .down)
  }

  @Test("takes the count that enough samples reach", arguments: [(1, 4), (2, 3), (3, 3), (4, nil)])
  func agreeing(_ needed: Int, _ wanted: Int?) {
    let samples: [[Double?]] = [[1400, 1400], [1900, 1900], [600, 600], [1100, 1100]]
    #expect(verdict(samples, agreeing: needed).wanted == wanted)
    // More than there are is all of them.
    #expect(verdict(samples, agreeing: 99).wanted == nil)
  }

  @Test("says how many agreed")
  func agreement() {
    let side = verdict([[1400, 1400], [1900, 1900], [600, 600]]).sides.first
    #expect(side?.agreement == SampleAgreement(agreeing: 2, samples: 3, needed: 2))
  }

  @Test("goes down one by one, and never below one")
  func down() {
    #expect(verdict([[0, 0, 0, 0, 0]]).direction == .down)
    #expect(verdict([[0, 0, 0, 0, 0]]).wanted == nil)
    #expect(verdict([[0]]).direction == .none)
    #expect(verdict([[0, 0]], ready: 3).reason == .workerCountMismatch)
  }

  @Test("counts workers that the router doesn't show as loaded like the others")
  func unseen() {
    #expect(verdict([[1500, 1500]], ready: 4).wanted == 6)
    #expect(verdict([[1500]], ready: 4).direction == .none)
  }

  @Test("of aggregated workers takes the side that needs more")
  func aggregated() {
    let workers = (0..<2).map {
      WorkerGauges(
        workerID: "\($0)", component: .decode, activePrefillTokens: 4500,
        activeDecodeBlocks: 2000, lastTTFTMilliseconds: 100, lastISL: 1000,
        lastITLMilliseconds: 10)
    }
    let verdict = LoadRule(mode: .agg, targets: Given.targets, policy: Self.policy).verdict(
      for: .decode, samples: [Given.sample(workers)], state: Given.warmState, ready: 2)
    #expect(verdict.sides.map(\.wanted) == [3, 4])
    #expect(verdict.wanted == 4)
  }

  @Test("answers an overload that no load seen would meet only when enough samples show it")
  func overload() {
    var state = LoadState()
    for index in 1...10 {
      state.itl.add(LoadPoint(load: Double(index), latencyMilliseconds: 50), window: 50)
    }
    let samples: [[Double?]] = [[100], [100], [1]]
    #expect(verdict(samples, state: state, latency: 60).reason == .overload)
    #expect(verdict(samples, state: state, latency: 60).wanted == nil)
    #expect(verdict(samples, agreeing: 3, state: state, latency: 60).direction == .none)
  }

  @Test("more load never asks for fewer workers, and no load, however odd, for a wrong number")
  func monotone() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<300 {
      let workers = 1 + random.below(40)
      let samples = (0...random.below(9)).map { _ in
        (0..<workers).map { _ in Double(random.below(3000)) as Double? }
      }
      let factor = 1 + Double(random.below(100)) / 50
      let before = replicas(verdict(samples), workers)
      let after = replicas(
        verdict(samples.map { $0.map { load in load.map { $0 * factor } } }), workers)
      #expect(after >= before)
      #expect(before <= 2 * workers)
    }
    for odd in [0, -1, 1e-300, 1e308, Double.greatestFiniteMagnitude, .infinity, .nan] {
      let count = replicas(verdict([[odd, odd]]), 2)
      #expect((1...4).contains(count))
    }
  }

  private func replicas(_ verdict: LoadVerdict, _ workers: Int) -> Int {
    switch verdict.direction {
    case .up: verdict.wanted ?? workers + 1
    case .down: workers - 1
    case .none: workers
    }
  }

  @Test("a decision goes there in one step, no further than the step limit and what is asked for")
  func decision() throws {
    func final(damping: Damping = Damping(), asked: Int = 2) throws -> Int? {
      let input = DecisionInput(
        time: 2000,
        policy: Given.policy(.decode, load: true, damping: damping, loadPolicy: Self.policy),
        deployment: DeploymentPosition(
          counts: [.decode: .init(current: 2, asked: asked, ready: 2)]),
        workers: Given.workers(Given.decode([2400, 2400])))
      let decision = try Planner.decide(input, profile: nil).decision
      #expect(decision.components[.decode]?.explanation.contains("4 workers would carry") == true)
      return decision.components[.decode]?.final
    }
    #expect(try final() == 4)
    #expect(try final(damping: Damping(maximumScaleUpStep: 1)) == 3)
    #expect(try final(asked: 7) == 7)
  }
}
