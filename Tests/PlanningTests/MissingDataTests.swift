import Forecasting
import Planning
import Testing

/// One component's data is missing while the other's is there.
@Suite("Decision on missing data")
struct MissingDataTests {
  static let busy = Given.workers(Given.prefill([9000, 9000]) + Given.decode([9000, 9000]))

  static func decide(
    _ policy: PlanningPolicy, _ position: DeploymentPosition, traffic: TrafficInput? = nil,
    workers: WorkerInput? = nil, state: DecisionState = DecisionState()
  ) throws -> Decision {
    try DecisionRuleTests.decide(
      policy, position, traffic: traffic, workers: workers, state: state
    ).decision
  }

  static func gpus(_ decision: Decision) -> Int { decision.targets.values.reduce(0, +) }

  // MARK: The budget while a component is held

  @Test("a held component's GPUs are not given to the other")
  func heldComponentsGPUsAreNotGiven() throws {
    // Prefill shows one worker of two, so it is held; decode wants one more.
    let position = Given.position([.prefill: 2, .decode: 6])
    let decision = try Self.decide(
      Given.policy(load: true, budget: 8), position,
      workers: Given.workers(
        Given.prefill([1]) + Given.decode([9000, 9000, 9000, 9000, 9000, 9000])))
    #expect(decision.components[.prefill]?.isHeld == true)
    #expect(decision.targets == [.prefill: 2, .decode: 6])
    #expect(decision.components[.decode]?.reasons.budget == .limited)
  }

  @Test("a floor above the budget beside a held component is cut")
  func floorAboveTheBudgetBesideAHeldComponentIsCut() throws {
    let state = DecisionState(
      plan: ThroughputPlan(intervalEnd: 720, replicas: [.prefill: 2, .decode: 8]))
    let decision = try Self.decide(
      Given.policy(throughput: true, load: true, budget: 8),
      Given.position([.prefill: 2, .decode: 4]), traffic: DecisionRuleTests.unknown,
      workers: WorkerInput(samples: [], failure: "HTTP 503", state: LoadState()), state: state)
    #expect(decision.targets == [.prefill: 2, .decode: 6])
  }

  @Test("a lowered budget holds where workers are missing, not where nothing is known")
  func loweredBudgetHolds() throws {
    let position = Given.position([.prefill: 4, .decode: 4])
    let half = try Self.decide(
      Given.policy(load: true, budget: 4), position,
      workers: Given.workers(Given.prefill([1]) + Given.decode([500, 900, 900, 900])))
    #expect(half.targets == [.prefill: 2, .decode: 2])
    let unknown = try Self.decide(
      Given.policy(load: true, budget: 4), position,
      workers: WorkerInput(samples: [], failure: "HTTP 503", state: LoadState()))
    #expect(unknown.targets == [.prefill: 4, .decode: 4])
  }

  @Test("the minimum holds where workers are missing")
  func minimumHoldsWhereWorkersAreMissing() throws {
    let decision = try Self.decide(
      Given.policy(.decode, load: true, minimum: 3), Given.position([.decode: 2]),
      workers: Given.workers(Given.decode([500])))
    #expect(decision.targets == [.decode: 3])
  }

  @Test("never above the budget, whichever component is held", arguments: 2...12)
  func neverAboveTheBudget(_ budget: Int) throws {
    for prefill in 1...5 {
      for decode in 1...5 where prefill + decode <= budget {
        for missing in [Component.prefill, .decode] {
          var gauges: [WorkerGauges] = []
          if missing != .prefill {
            gauges += Given.prefill(Array(repeating: 9000, count: prefill))
          }
          if missing != .decode { gauges += Given.decode(Array(repeating: 9000, count: decode)) }
          let decision = try Self.decide(
            Given.policy(
              load: true, budget: budget,
              hold: HoldPolicy(limitSeconds: 1, fallback: [.prefill: 9, .decode: 9])),
            Given.position([.prefill: prefill, .decode: decode]),
            workers: Given.workers(gauges), state: DecisionState(holdSince: 0))
          #expect(Self.gpus(decision) <= budget)
          #expect(decision.targets[.prefill] ?? 0 >= prefill)
          #expect(decision.targets[.decode] ?? 0 >= decode)
        }
      }
    }
  }

  // MARK: The fallback

  @Test("the fallback shares what the budget leaves and lowers no count")
  func fallbackSharesWhatTheBudgetLeaves() throws {
    let policy = Given.policy(
      throughput: true, budget: 12,
      hold: HoldPolicy(limitSeconds: 300, fallback: [.prefill: 9, .decode: 9]))
    let held = DecisionState(holdSince: 0)
    let full = try Self.decide(
      policy, Given.position([.prefill: 3, .decode: 9]), traffic: DecisionRuleTests.unknown,
      state: held)
    #expect(full.targets == [.prefill: 3, .decode: 9])
    #expect(full.components[.prefill]?.reasons.budget == .limited)
    let spare = try Self.decide(
      policy, Given.position([.prefill: 3, .decode: 5]), traffic: DecisionRuleTests.unknown,
      state: held)
    #expect(Self.gpus(spare) == 12)
    #expect(spare.targets[.prefill] ?? 0 > 3 && spare.targets[.decode] ?? 0 > 5)
  }

  @Test("a connector that takes no order gets no fallback")
  func connectorThatTakesNoOrderGetsNoFallback() throws {
    var position = Given.position(
      [.prefill: 3, .decode: 5], inProgress: "Decision 4 is not acknowledged yet.")
    let policy = Given.policy(
      throughput: true, hold: HoldPolicy(limitSeconds: 300, fallback: [.prefill: 9]))
    let held = DecisionState(holdSince: 0)
    let open = try Self.decide(policy, position, traffic: DecisionRuleTests.known(), state: held)
    #expect(open.targets == [.prefill: 9, .decode: 5])
    position.readiness = .refusing("Decision 4 is not acknowledged yet.")
    let closed = try Self.decide(policy, position, traffic: DecisionRuleTests.known(), state: held)
    #expect(closed.status == .held)
    #expect(closed.targets == [.prefill: 3, .decode: 5])
  }

  // MARK: What is unknown

  @Test("requests of unknown length are no reason to shrink")
  func requestsOfUnknownLengthAreNoReason() throws {
    let traffic = TrafficInput(
      newest: .known(TrafficObservation(intervalEnd: 900, requestCount: 900)), forecast: nil)
    let decision = try Self.decide(
      Given.policy(throughput: true, load: true), Given.position([.prefill: 3, .decode: 3]),
      traffic: traffic,
      workers: Given.workers(Given.prefill([1, 1, 1]) + Given.decode([1, 1, 1])))
    #expect(decision.status == .held)
    #expect(decision.targets == [.prefill: 3, .decode: 3])
    #expect(decision.components[.prefill]?.reasons.throughput == .lengthsUnknown)
    #expect(
      decision.components[.prefill]?.explanation.contains("nothing is known of their") == true)
  }

  // "Which workers count" (docs/design/rules.md): a rule that skips freezes for as long as one worker's series is missing.
  @Test("a missing worker does not freeze a scale-up")
  func missingWorkerDoesNotFreezeAScaleUp() throws {
    let position = DeploymentPosition(counts: [.decode: .init(current: 2, asked: 3, ready: 3)])
    let decision = try Self.decide(
      Given.policy(.decode, load: true), position,
      workers: Given.workers(Given.decode([9000, 9000])))
    #expect(decision.targets == [.decode: 4])
    #expect(decision.components[.decode]?.reasons.load == .scaleUp)
  }

  @Test("with nothing asked and the router unreadable, nothing is ordered")
  func withNothingAsked() throws {
    let position = DeploymentPosition(counts: [
      .prefill: .init(current: nil, asked: nil, ready: nil),
      .decode: .init(current: nil, asked: nil, ready: nil),
    ])
    let decision = try Self.decide(
      Given.policy(throughput: true, load: true), position, traffic: DecisionRuleTests.known(),
      workers: WorkerInput(samples: [], failure: "HTTP 503", state: LoadState()))
    #expect(decision.status == .held)
    #expect(decision.targets.isEmpty)
  }

  // Departure 36: a hold must be seen to age, also when a series is missing.
  @Test("missing workers are a hold that ages", arguments: [[WorkerGauges](), Given.decode([500])])
  func missingWorkersAreAHoldThatAges(_ gauges: [WorkerGauges]) throws {
    let decision = try Self.decide(
      Given.policy(.decode, load: true), Given.position([.decode: 2]),
      workers: Given.workers(gauges), state: DecisionState(holdSince: 400))
    #expect(decision.status == .held)
    #expect(decision.holdSeconds == 600)
  }

  @Test("a deployment without workers gets its minimum")
  func deploymentWithoutWorkersGetsItsMinimum() throws {
    let decision = try Self.decide(
      Given.policy(.decode, load: true), Given.position([.decode: 0]), workers: Given.workers([]))
    #expect(decision.targets == [.decode: 1])
  }

  @Test("correction factors that are off are not said to be used")
  func correctionFactorsThatAreOffAreNotSaid() throws {
    var traffic = DecisionRuleTests.known()
    traffic.slowdown = EngineSlowdown(prefill: 8, decode: 1.5)
    let position = Given.position([.prefill: 1, .decode: 1])
    let off = try Self.decide(
      Given.policy(throughput: true, correction: false), position, traffic: traffic)
    #expect(off.slowdown == EngineSlowdown())
    let on = try Self.decide(Given.policy(throughput: true), position, traffic: traffic)
    #expect(on.slowdown == traffic.slowdown)
  }
}
