import EngineProfiles
import Forecasting
@testable import Planning
import Testing

@Suite("Decision")
struct DecisionRuleTests {
  static let interval = 180
  static let forecast = TrafficForecast(
    predictor: .kalman, requestCount: 3600, isl: 3000, osl: 150)

  static func known(_ forecast: TrafficForecast? = forecast) -> TrafficInput {
    TrafficInput(
      newest: .known(
        TrafficObservation(intervalEnd: 900, requestCount: 3600, isl: 3000, osl: 150)),
      forecast: forecast)
  }

  static let unknown = TrafficInput(
    newest: .unknown(intervalEnd: 900, reason: "no series"), forecast: forecast)

  static func decide(
    _ policy: PlanningPolicy, _ position: DeploymentPosition, traffic: TrafficInput? = nil,
    workers: WorkerInput? = nil, state: DecisionState = DecisionState(), time: Double = 1000
  ) throws -> (decision: Decision, state: DecisionState) {
    try Planner.decide(
      DecisionInput(
        time: time, policy: policy, deployment: position, traffic: traffic, workers: workers,
        state: state), profile: try Profiles.h200())
  }

  // MARK: Throughput

  @Test("the forecast over the profiled capacity sets both counts")
  func forecastOverTheProfiledCapacitySetsBothCounts() throws {
    let (decision, state) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.known())
    let prefill = try #require(decision.components[.prefill])
    let sizing = try #require(prefill.sizing)
    #expect(sizing.demandTokensPerSecond == 60_000)
    #expect(prefill.final == Int((60_000 / sizing.throughputPerGPU).rounded(.up)))
    #expect(prefill.reasons.throughput == .scaleUp)
    #expect(decision.status == .pending)
    #expect(state.plan?.replicas == decision.targets)
  }

  @Test("the same forecast asks for nothing once it is in place")
  func sameForecastAsksForNothingOnceIt() throws {
    let first = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.known())
    let again = try Self.decide(
      Given.policy(throughput: true),
      Given.position(first.decision.targets.mapValues { Optional($0) }), traffic: Self.known(),
      state: first.state)
    #expect(again.decision.status == .unchanged)
    #expect(again.decision.components[.prefill]?.reasons.throughput == .noChange)
  }

  @Test("a reason that is a sentence ends in one mark inside another sentence")
  func reasonThatIsASentenceEnds() throws {
    let said = "GET http://p answered HTTP 500: 'oops'."
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true, load: true), Given.position([.prefill: 2, .decode: 2]),
      traffic: TrafficInput(
        newest: .unknown(intervalEnd: 900, reason: said), forecast: Self.forecast),
      workers: WorkerInput(samples: [], failure: said, state: LoadState()))
    let explanation = try #require(decision.components[.decode]?.explanation)
    #expect(explanation.contains("the traffic is unknown (GET http://p answered HTTP 500: 'oops')"))
    #expect(explanation.hasSuffix("load is unknown (GET http://p answered HTTP 500: 'oops')."))
  }

  // Departure 17: the original reads an outage as no traffic and scales [22, 7] down to [1, 1].
  @Test("unknown traffic changes nothing")
  func unknownTrafficChangesNothing() throws {
    let (decision, state) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: 22, .decode: 7]),
      traffic: Self.unknown)
    #expect(decision.status == .held)
    #expect(decision.targets == [.prefill: 22, .decode: 7])
    #expect(decision.components[.decode]?.reasons.throughput == .trafficUnknown)
    #expect(decision.components[.decode]?.explanation.contains("no series") == true)
    #expect(state.holdSince == 1000)
  }

  @Test("known zero traffic goes down to the minimum")
  func knownZeroTrafficGoesDown() throws {
    let idle = TrafficForecast(predictor: .constant, requestCount: 0, isl: 3000, osl: 150)
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true, minimum: 2), Given.position([.prefill: 5, .decode: 5]),
      traffic: Self.known(idle))
    #expect(decision.targets == [.prefill: 2, .decode: 2])
    #expect(decision.components[.prefill]?.reasons.throughput == .scaleDown)
  }

  @Test("before the first request there is nothing to size for")
  func beforeTheFirstRequestThereIsNothing() throws {
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: 3, .decode: 3]),
      traffic: TrafficInput(
        newest: .known(TrafficObservation(intervalEnd: 900, requestCount: 0)), forecast: nil))
    #expect(decision.targets == [.prefill: 3, .decode: 3])
    #expect(decision.components[.prefill]?.reasons.throughput == .noTrafficYet)
    #expect(decision.status == .unchanged)
  }

  @Test("a deployment of which nothing was ever asked gets its first order")
  func deploymentOfWhichNothingWasEverAsked() throws {
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: nil, .decode: nil]),
      traffic: Self.known())
    #expect(decision.status == .pending)
    #expect(decision.changes == [.prefill, .decode])
    #expect(decision.gpus.before == nil)
  }

  @Test("nothing known and nothing asked leaves the counts alone")
  func nothingKnownAndNothingAskedLeaves() throws {
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: nil, .decode: nil]),
      traffic: Self.unknown)
    #expect(decision.status == .held)
    #expect(decision.targets.isEmpty)
  }

  // MARK: Load and both

  @Test("load steps by one")
  func loadStepsByOne() throws {
    let (decision, _) = try Self.decide(
      Given.policy(load: true), Given.position([.prefill: 1, .decode: 3]),
      workers: Given.workers(Given.prefill([5000]) + Given.decode([1, 1, 1])))
    #expect(decision.targets == [.prefill: 2, .decode: 2])
  }

  @Test("unknown workers decide nothing")
  func unknownWorkersDecideNothing() throws {
    let failed = WorkerInput(samples: [], failure: "connection refused", state: Given.warmState)
    let (decision, _) = try Self.decide(
      Given.policy(load: true), Given.position([.prefill: 4, .decode: 4]), workers: failed)
    #expect(decision.status == .held)
    #expect(decision.components[.prefill]?.reasons.load == .workersUnknown)
    #expect(decision.components[.prefill]?.explanation.contains("connection refused") == true)
  }

  // Departure 22: the original decides again and again on samples that are still in its buffer.
  @Test("old samples of a failed fetch are not decided on")
  func oldSamplesOfAFailedFetchAreNotDecided() throws {
    let stale = WorkerInput(
      samples: [Given.sample(Given.prefill([5000]))], failure: "timed out",
      state: Given.warmState)
    let (decision, _) = try Self.decide(
      Given.policy(.prefill, load: true), Given.position([.prefill: 1]), workers: stale)
    #expect(decision.targets == [.prefill: 1])
  }

  // Departure 28: with a floor of (6, 9) and 1 + 1 running the original does nothing.
  @Test("the floor holds in an invocation without a load decision")
  func floorHoldsInAnInvocation() throws {
    let plan = ThroughputPlan(intervalEnd: 720, replicas: [.prefill: 6, .decode: 9])
    let cold = WorkerInput(
      samples: [Given.sample(Given.prefill([1]) + Given.decode([1]))], state: LoadState())
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true, load: true), Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.unknown, workers: cold, state: DecisionState(plan: plan))
    #expect(decision.targets == [.prefill: 6, .decode: 9])
  }

  @Test("the load acts above the floor but never below it")
  func loadActsAboveTheFloor() throws {
    let plan = ThroughputPlan(intervalEnd: 720, replicas: [.prefill: 2, .decode: 3])
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true, load: true), Given.position([.prefill: 2, .decode: 3]),
      traffic: Self.unknown,
      workers: Given.workers(Given.prefill([5000, 5000]) + Given.decode([1, 1, 1])),
      state: DecisionState(plan: plan))
    #expect(decision.targets == [.prefill: 3, .decode: 3])
    #expect(decision.components[.decode]?.load == 2)
  }

  @Test("a scale-down is withheld while the floor is unknown")
  func scaleDownIsWithheld() throws {
    let (decision, _) = try Self.decide(
      Given.policy(.decode, throughput: true, load: true), Given.position([.decode: 3]),
      traffic: Self.unknown, workers: Given.workers(Given.decode([1, 1, 1])))
    #expect(decision.targets == [.decode: 3])
    #expect(decision.components[.decode]?.reasons.load == .floorUnknown)
    #expect(decision.status == .held)
  }

  // Departure 28: the original goes from 2 to 1 with a minimum of 2.
  @Test("the minimum holds in load mode")
  func minimumHoldsInLoadMode() throws {
    let (decision, _) = try Self.decide(
      Given.policy(.decode, load: true, minimum: 2), Given.position([.decode: 2]),
      workers: Given.workers(Given.decode([1, 1])))
    #expect(decision.targets == [.decode: 2])
  }

  @Test("a worker that the router lost does not lower the order")
  func workerThatTheRouterLostDoesNotLowerTheOrder() throws {
    let position = DeploymentPosition(counts: [.decode: .init(current: 2, asked: 3, ready: 3)])
    let (decision, _) = try Self.decide(
      Given.policy(.decode, load: true), position, workers: Given.workers(Given.decode([1, 1])))
    #expect(decision.targets == [.decode: 3])
    #expect(decision.components[.decode]?.reasons.load == .workerCountMismatch)
    #expect(decision.status == .held)
  }

  // MARK: Holds

  @Test("a rollout under way changes nothing but keeps the new floor")
  func rolloutUnderWayChangesNothing() throws {
    let (decision, state) = try Self.decide(
      Given.policy(throughput: true, load: true),
      Given.position([.prefill: 1, .decode: 1], inProgress: "a rollout is in progress"),
      traffic: Self.known(), workers: Given.workers(Given.prefill([9000]) + Given.decode([9000])))
    #expect(decision.status == .held)
    #expect(decision.targets == [.prefill: 1, .decode: 1])
    #expect(decision.components[.prefill]?.reasons.throughput == .scalingInProgress)
    #expect(decision.components[.prefill]?.reasons.load == .scalingInProgress)
    #expect(decision.components[.prefill]?.explanation.contains("a rollout is in progress") == true)
    #expect((state.plan?.replicas[.prefill] ?? 0) > 1)
  }

  static func growing(
    _ isStarting: Bool, sizing: SizingRule = .sla(SLASizingPolicy()), asked: Int = 2,
    budget: Int? = nil, backlog: Double? = nil, leadSeconds: Int? = nil
  ) throws -> (decision: Decision, state: DecisionState) {
    var policy = Given.policy(
      throughput: true, budget: budget, damping: Damping(scaleDownStabilizationSeconds: 300))
    policy.throughput?.sizing = sizing
    let traffic = TrafficObservation(
      intervalEnd: 900, requestCount: 36_000, isl: 3000, osl: 150,
      arrivals: Arrivals(count: 36_000, basis: .started), inFlightRequests: backlog,
      queuedRequests: backlog)
    return try Self.decide(
      policy,
      DeploymentPosition(
        counts: [
          .prefill: .init(current: asked, asked: asked, ready: 1),
          .decode: .init(current: asked, asked: asked, ready: asked),
        ],
        readiness: isStarting
          ? .startingWorkers("1 of 2 prefill workers are ready")
          : .busy("1 of 2 prefill workers are ready")),
      traffic: TrafficInput(
        newest: .known(traffic),
        forecast: TrafficForecast(predictor: .constant, requestCount: 36_000, isl: 3000, osl: 150),
        headroom: leadSeconds.map { lead in
          [
            .prefill: headroom(tokensPerSecond: 600_000, leadSeconds: lead),
            .decode: headroom(tokensPerSecond: 30_000, leadSeconds: lead),
          ]
        }))
  }

  private static func headroom(tokensPerSecond: Double, leadSeconds: Int) -> DemandHeadroom {
    var headroom = DemandHeadroom(factor: 1, share: 0.98, intervals: 0)
    headroom.outlook = DemandOutlook(
      forecast: tokensPerSecond, planned: tokensPerSecond, share: 0.98, covered: nil, leads: 0,
      leadSeconds: leadSeconds, limit: .margin)
    return headroom
  }

  @Test("what arrives adds workers while others are still starting")
  func whatArrivesAddsWorkers() throws {
    let (decision, state) = try Self.growing(true)
    let prefill = try #require(decision.components[.prefill])
    #expect(decision.status == .pending)
    #expect(prefill.reasons.throughput == .scaleUp)
    #expect(prefill.final == prefill.throughput && (prefill.final ?? 0) > 2)
    #expect(state.recommendations.last?.replicas[.prefill] == prefill.final)
    // What waits may take as long as a worker ordered now takes to start.
    let waiting = try Self.growing(true, backlog: 30_000).decision.components[.prefill]
    let patient = try Self.growing(true, backlog: 30_000, leadSeconds: 600).decision
      .components[.prefill]
    #expect(waiting?.final == waiting?.throughput)
    #expect((waiting?.final ?? 0) > patient?.final ?? 0)
    #expect((patient?.final ?? 0) > prefill.final ?? 0)
    #expect(patient?.explanation.contains("until a worker ordered now is ready") == true)
    #expect(prefill.explanation.contains("1 of 2 prefill workers are ready"))
  }

  @Test("nothing shrinks while workers are starting, nor grows beyond the budget")
  func nothingShrinksWhileWorkersAreStarting() throws {
    let (decision, _) = try Self.growing(true, asked: 500)
    #expect(decision.status == .held)
    #expect(decision.targets == [.prefill: 500, .decode: 500])
    #expect(decision.components[.prefill]?.reasons.throughput == .scalingInProgress)
    for budget in 4...30 {
      let (limited, _) = try Self.growing(true, budget: budget)
      #expect(limited.targets.values.reduce(0, +) <= budget)
      #expect(limited.targets.values.allSatisfy { $0 >= 2 })
    }
    let (limited, _) = try Self.growing(true, budget: 6)
    #expect(limited.targets.values.reduce(0, +) == 6)
    #expect(limited.components[.prefill]?.reasons.budget == .limited)
    // Growth that the budget leaves nothing of is a hold, and ages.
    let (full, state) = try Self.growing(true, budget: 4)
    #expect(full.status == .held)
    #expect(full.components[.prefill]?.reasons.throughput == .scalingInProgress)
    #expect(state.holdSince != nil)
  }

  @Test("a rollout is waited for, and so does sizing by capacity")
  func rolloutIsWaited() throws {
    for (decision, _) in [try Self.growing(false), try Self.growing(true, sizing: .capacity)] {
      #expect(decision.status == .held)
      #expect(decision.targets == [.prefill: 2, .decode: 2])
    }
  }

  @Test("a hold ages until something is known again")
  func holdAgesUntilSomethingIsKnownAgain() throws {
    let policy = Given.policy(throughput: true)
    let position = Given.position([.prefill: 3, .decode: 3])
    var state = DecisionState()
    for (time, age) in [(1000.0, 0.0), (1060, 60), (1600, 600)] {
      let (decision, after) = try Self.decide(
        policy, position, traffic: Self.unknown, state: state, time: time)
      #expect(decision.holdSeconds == age)
      state = after
    }
    let (decision, after) = try Self.decide(
      policy, position, traffic: Self.known(), state: state, time: 1700)
    #expect(decision.holdSeconds == nil)
    #expect(after.holdSince == nil)
  }

  @Test("a hold beyond its limit goes to the fallback, which never lowers a count")
  func holdBeyondItsLimitGoes() throws {
    let policy = Given.policy(
      throughput: true, hold: HoldPolicy(limitSeconds: 300, fallback: [.prefill: 5, .decode: 2]))
    let position = Given.position([.prefill: 3, .decode: 3])
    let held = DecisionState(holdSince: 700)
    let early = try Self.decide(
      policy, position, traffic: Self.unknown, state: held, time: 999)
    #expect(early.decision.targets == [.prefill: 3, .decode: 3])
    let late = try Self.decide(
      policy, position, traffic: Self.unknown, state: held, time: 1000)
    #expect(late.decision.targets == [.prefill: 5, .decode: 3])
    #expect(late.decision.components[.prefill]?.reasons.throughput == .holdFallback)
  }

  // MARK: Budget and damping

  @Test("the budget cuts what is wanted and says so")
  func budgetCutsWhatIsWantedAndSays() throws {
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true, budget: 4), Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.known(
        TrafficForecast(predictor: .constant, requestCount: 36_000, isl: 3000, osl: 150)))
    #expect(decision.targets.values.reduce(0, +) == 4)
    #expect(decision.components[.prefill]?.reasons.budget == .limited)
    #expect(decision.components[.prefill]?.explanation.contains("budget of 4 GPUs") == true)
    #expect(decision.gpus == GPUChange(before: 2, after: 4, budget: 4))
  }

  @Test("a budget below the minimum is an error that changes nothing")
  func budgetBelowTheMinimumIsAnError() {
    #expect(throws: PlanningError.self) {
      try Self.decide(
        Given.policy(load: true, minimum: 3, budget: 5), Given.position([.prefill: 3, .decode: 3]))
    }
  }

  @Test("the component that shrinks goes first when the budget would be exceeded")
  func componentThatShrinksGoesFirst() throws {
    let (decision, _) = try Self.decide(
      Given.policy(load: true, budget: 5), Given.position([.prefill: 1, .decode: 4]),
      workers: Given.workers(Given.prefill([5000]) + Given.decode([1, 1, 1, 1])))
    #expect(decision.targets == [.prefill: 2, .decode: 3])
    #expect(decision.phases == [[.decode], [.prefill]])
    let (roomy, _) = try Self.decide(
      Given.policy(load: true, budget: 6), Given.position([.prefill: 1, .decode: 4]),
      workers: Given.workers(Given.prefill([5000]) + Given.decode([1, 1, 1, 1])))
    #expect(roomy.phases == [[.prefill, .decode]])
  }

  // Departure 30: without damping, one trace gives 53 replica changes in 58 steps.
  @Test("stabilisation waits for the highest recommendation of its window")
  func stabilisationWaitsForTheHighestRecommendation() throws {
    let policy = Given.policy(
      .decode, load: true, damping: Damping(scaleDownStabilizationSeconds: 300))
    let idle = Given.workers(Given.decode([1, 1, 1]))
    var state = DecisionState(
      recommendations: [Recommendation(time: 800, replicas: [.decode: 3])])
    let early = try Self.decide(
      policy, Given.position([.decode: 3]), workers: idle, state: state, time: 1000)
    #expect(early.decision.targets == [.decode: 3])
    state = early.state
    let late = try Self.decide(
      policy, Given.position([.decode: 3]), workers: idle, state: state, time: 1101)
    #expect(late.decision.targets == [.decode: 2])
  }

  // Departure 30
  @Test("step limits bound each change")
  func stepLimitsBoundEachChange() throws {
    let policy = Given.policy(
      throughput: true, damping: Damping(maximumScaleUpStep: 2, maximumScaleDownStep: 1))
    let idle = TrafficForecast(predictor: .constant, requestCount: 0, isl: 3000, osl: 150)
    let up = try Self.decide(
      policy, Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.known(
        TrafficForecast(predictor: .constant, requestCount: 36_000, isl: 3000, osl: 150)))
    #expect(up.decision.targets[.prefill] == 3)
    let down = try Self.decide(
      policy, Given.position([.prefill: 5, .decode: 5]), traffic: Self.known(idle))
    #expect(down.decision.targets == [.prefill: 4, .decode: 4])
  }

  @Test(
    "absurd forecasts give finite counts",
    arguments: [0.0, 1, 1e12, 1e300, .greatestFiniteMagnitude])
  func absurdForecastsGiveFiniteCounts(_ requests: Double) throws {
    let (decision, _) = try Self.decide(
      Given.policy(throughput: true), Given.position([.prefill: 1, .decode: 1]),
      traffic: Self.known(
        TrafficForecast(predictor: .constant, requestCount: requests, isl: 1e9, osl: 1e9)))
    for count in decision.targets.values { #expect((1...1_000_000).contains(count)) }
  }

  @Test("the input survives being saved")
  func inputSurvivesBeingSaved() throws {
    let input = DecisionInput(
      time: 1000.25, policy: Given.policy(throughput: true, load: true, budget: 8),
      deployment: Given.position([.prefill: 1, .decode: nil], inProgress: "x"),
      traffic: Self.known(), workers: Given.workers(Given.decode([1, nil])),
      state: DecisionState(
        plan: ThroughputPlan(intervalEnd: 180, replicas: [.prefill: 1]), holdSince: 5))
    #expect(try RoundTrip.json(input) == input)
  }
}
