import Planning
import Testing

/// With the warm state of `Given`, prefill workers (ISL 1000) turn at 3000 active tokens and
/// decode workers at 1000 blocks.
@Suite("Load rule")
struct LoadRuleTests {
  static func verdict(
    _ component: Component, _ workers: [WorkerGauges], ready: Int, mode: DeploymentMode = .disagg,
    state: LoadState = Given.warmState, policy: LoadPolicy = LoadPolicy()
  ) -> LoadVerdict {
    LoadRule(mode: mode, targets: Given.targets, policy: policy).verdict(
      for: component, samples: [Given.sample(workers)], state: state, ready: ready)
  }

  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let component: Component
    let loads: [Double?]
    let ready: Int
    let direction: LoadDirection
    let reason: LoadReason
  }

  // Down needs every load below t·(n−1)/n·0.8: 1600 of 3000 tokens with 3 workers, 533⅓ of 1000
  // blocks with 3.
  static let cases: [Case] = [
    .init(
      description: "every prefill worker above: up", component: .prefill,
      loads: [3001, 4000], ready: 2, direction: .up, reason: .scaleUp),
    .init(
      description: "one at the threshold: no change", component: .prefill,
      loads: [3000, 4000], ready: 2, direction: .none, reason: .noChange),
    .init(
      description: "every decode worker above: up", component: .decode,
      loads: [1001, 1200, 1500], ready: 3, direction: .up, reason: .scaleUp),
    .init(
      description: "all below the boundary: down", component: .decode,
      loads: [533, 100, 0], ready: 3, direction: .down, reason: .scaleDown),
    .init(
      description: "one above the boundary: no change", component: .decode,
      loads: [534, 100, 0], ready: 3, direction: .none, reason: .noChange),
    .init(
      description: "the last worker never goes", component: .decode, loads: [0], ready: 1,
      direction: .none, reason: .noChange),
    .init(
      description: "a missing worker stops every scale-down", component: .decode,
      loads: [1, 1], ready: 3, direction: .none, reason: .workerCountMismatch),
    .init(
      description: "half of the workers seen and above: up", component: .decode,
      loads: [1100, 1200], ready: 4, direction: .up, reason: .scaleUp),
    .init(
      description: "fewer than half seen: no change", component: .decode,
      loads: [1100], ready: 3, direction: .none, reason: .workerCountMismatch),
    .init(
      description: "a worker left over: never down", component: .decode,
      loads: [1, 1, 1], ready: 2, direction: .none, reason: .workerCountMismatch),
    .init(
      description: "a worker without the gauge is missing, not idle: never down",
      component: .decode, loads: [1, 1, nil], ready: 3, direction: .none,
      reason: .workerCountMismatch),
    .init(
      description: "a worker without the gauge does not block going up",
      component: .decode, loads: [1100, 1100, nil], ready: 3, direction: .up, reason: .scaleUp),
    .init(
      description: "no worker at all", component: .decode, loads: [], ready: 2, direction: .none,
      reason: .noWorkers),
    .init(
      description: "none ready", component: .decode, loads: [1100], ready: 0, direction: .none,
      reason: .noWorkers),
  ]

  @Test("each worker's load decides the step", arguments: cases)
  func eachWorkersLoadDecidesTheStep(_ example: Case) {
    let workers =
      example.component == .prefill ? Given.prefill(example.loads) : Given.decode(example.loads)
    let verdict = Self.verdict(example.component, workers, ready: example.ready)
    #expect(verdict.direction == example.direction)
    #expect(verdict.reason == example.reason)
  }

  @Test("a cold regression decides nothing")
  func coldRegressionDecidesNothing() {
    let verdict = Self.verdict(.decode, Given.decode([5000]), ready: 1, state: LoadState())
    #expect(verdict.direction == .none)
    #expect(verdict.reason == .insufficientData)
  }

  // Departure 26
  @Test("an unreachable target decides nothing while workers are as busy as usual")
  func unreachableTargetDecidesNothing() {
    let workers = Given.prefill([500, 600], isl: 4500, ttft: 150)
    let verdict = Self.verdict(.prefill, workers, ready: 2)
    #expect(verdict.direction == .none)
    #expect(verdict.reason == .targetUnreachable)
  }

  @Test("an unreachable target that every overloaded worker misses scales up")
  func unreachableTargetThatEveryOverloadedWorkerMisses() {
    let workers = Given.prefill([900_000, 1_000_000], isl: 4500, ttft: 45_000)
    let verdict = Self.verdict(.prefill, workers, ready: 2)
    #expect(verdict.direction == .up)
    #expect(verdict.reason == .overload)
  }

  // Departure 23
  @Test("workers far below the target never scale up on a falling line")
  func workersFarBelowTheTargetNeverScaleUp() {
    var state = LoadState()
    for index in 1...8 {
      state.itl.add(
        LoadPoint(load: Double(index) * 100, latencyMilliseconds: 18 - Double(index)), window: 50)
    }
    let verdict = Self.verdict(.decode, Given.decode([150, 200]), ready: 2, state: state)
    #expect(verdict.direction == .down)
  }

  @Test("a falling line with nothing within the target is unusable")
  func fallingLineWithNothingWithinTheTarget() {
    var state = LoadState()
    for index in 1...8 {
      state.itl.add(
        LoadPoint(load: Double(index) * 100, latencyMilliseconds: 48 - Double(index)), window: 50)
    }
    let verdict = Self.verdict(.decode, Given.decode([5000, 6000]), ready: 2, state: state)
    #expect(verdict.direction == .none)
    #expect(verdict.reason == .regressionUnusable)
  }

  // Departure 26, and what a real overloaded router showed: every TTFT seen was above the target.
  @Test("a queue that grows beyond what was seen is overload, usable line or not")
  func queueThatGrowsBeyondWhatWasSeenIsOverload() {
    var state = LoadState()
    for index in 1...8 {
      state.ttft.add(
        LoadPoint(load: 180_000 + Double(index) * 100, latencyMilliseconds: 8000 - Double(index)),
        window: 50)
    }
    let verdict = Self.verdict(
      .prefill, Given.prefill([190_000], isl: 3000, ttft: 8300), ready: 1, state: state)
    #expect(verdict.direction == .up)
    #expect(verdict.reason == .overload)
  }

  static func aggregated(tokens: Double, blocks: Double, ttft: Double? = 100) -> [WorkerGauges] {
    (0..<2).map {
      WorkerGauges(
        workerID: "\($0)", component: .decode, activePrefillTokens: tokens,
        activeDecodeBlocks: blocks, lastTTFTMilliseconds: ttft, lastISL: 1000,
        lastITLMilliseconds: 10)
    }
  }

  @Test(
    "aggregated workers go up when either side says so, down only when both do",
    arguments: [
      (4000.0, 10.0, LoadDirection.up), (10.0, 1100.0, .up), (10.0, 10.0, .down),
      (2000.0, 10.0, .none), (10.0, 700.0, .none),
    ])
  func aggregatedWorkersGoUp(
    _ tokens: Double, _ blocks: Double, _ direction: LoadDirection
  ) {
    let verdict = Self.verdict(
      .decode, Self.aggregated(tokens: tokens, blocks: blocks), ready: 2, mode: .agg)
    #expect(verdict.direction == direction)
  }

  // Departure 29
  @Test("a cold TTFT side lets idle aggregated workers go, but not busy or unknown ones")
  func coldTTFTSideLetsIdleAggregatedWorkersGo() {
    var state = Given.warmState
    state.ttft = LoadRegression()
    let idle = Self.verdict(
      .decode, Self.aggregated(tokens: 0, blocks: 10), ready: 2, mode: .agg, state: state)
    #expect(idle.direction == .down)
    let busy = Self.verdict(
      .decode, Self.aggregated(tokens: 50, blocks: 10), ready: 2, mode: .agg, state: state)
    #expect(busy.direction == .none)
    let unknown = Self.verdict(
      .decode, Self.aggregated(tokens: 0, blocks: 10, ttft: nil), ready: 2, mode: .agg,
      state: state)
    #expect(unknown.direction == .none)
    #expect(unknown.reason == .insufficientData)
  }

  // Departure 22
  @Test("a worker that has left is not averaged into the ISL")
  func workerThatHasLeftIsNotAveraged() {
    let rule = LoadRule(mode: .disagg, targets: Given.targets, policy: LoadPolicy())
    let gone = Given.sample(
      Given.prefill([100], isl: 1000)
        + [
          WorkerGauges(
            workerID: "gone", component: .prefill, activePrefillTokens: 1,
            lastTTFTMilliseconds: 100, lastISL: 100_000)
        ], at: 990)
    let now = Given.sample(Given.prefill([3001], isl: 1000), at: 1000)
    let verdict = rule.verdict(
      for: .prefill, samples: [gone, now], state: Given.warmState, ready: 1)
    #expect(verdict.direction == .up)
  }
}
