import Testing

@testable import Planning

@Suite("Pauses, pins, limits and the calendar")
struct ControlTests {
  static let now = 1000.0

  static func control(
    _ kind: Control.Kind, _ component: Component? = .decode, _ minimum: Int? = nil,
    _ maximum: Int? = nil, since: Double = 900, until: Double? = nil, reason: String? = nil
  ) -> Control {
    Control(
      kind, component, minimum: minimum, maximum: maximum, owner: "anna", reason: reason,
      since: since, until: until)
  }

  static func pin(_ count: Int, _ component: Component = .decode, since: Double = 900) -> Control {
    control(.pin, component, count, count, since: since, until: 1000 + 47 * 60, reason: "load test")
  }

  /// A decision by load alone, which needs no more and no fewer decode workers than there are.
  static func decided(
    _ controls: [Control], current: Int = 3, budget: Int? = nil, minimum: Int = 1,
    workers: WorkerInput? = nil, inProgress: Readiness = .ready, lead: Double? = nil,
    hold: HoldPolicy = HoldPolicy(), holdSince: Double? = nil
  ) throws -> Decision {
    let gauges = Given.decode([Double?](repeating: 700, count: current))
    return try Planner.decide(
      DecisionInput(
        time: now,
        policy: Given.policy(.decode, load: true, minimum: minimum, budget: budget, hold: hold),
        deployment: DeploymentPosition(
          counts: [.decode: .init(current: current, asked: current, ready: current)],
          readiness: inProgress),
        workers: workers ?? Given.workers(gauges), state: DecisionState(holdSince: holdSince),
        controls: controls, controlLeadSeconds: lead),
      profile: nil
    ).decision
  }

  @Test("nothing is different where nobody has said anything")
  func nothing() throws {
    let decision = try Self.decided([])
    #expect(decision.targets == [.decode: 3])
    #expect(decision.components[.decode]?.reasons.control == nil)
  }

  @Test("a pin is the count, with owner, time and reason in the sentence")
  func pin() throws {
    let decision = try Self.decided([Self.pin(12)])
    let decode = try #require(decision.components[.decode])
    #expect(decode.final == 12)
    #expect(decode.desired == 3)
    #expect(decode.reasons.control == .pinned)
    #expect(
      decode.explanation.hasPrefix(
        "decode 3 → 12: 3 wanted, pinned to 12 by anna for 47 min more (load test). ITL: "),
      "\(decode.explanation)")
    #expect(decode.trail?.map(\.reason) == [.pinned])
    #expect(decode.trail?.first?.until == 3820.0)
  }

  @Test("a pin counts until its end and not a second longer")
  func expiry() throws {
    var pin = Self.pin(12)
    pin.until = Self.now
    #expect(try Self.decided([pin]).targets == [.decode: 3])
    pin.until = Self.now + 1
    #expect(try Self.decided([pin]).targets == [.decode: 12])
    pin.since = Self.now + 1
    pin.until = nil
    #expect(try Self.decided([pin]).targets == [.decode: 3])
  }

  @Test("a pause keeps what there is, whatever the load asks for")
  func pause() throws {
    let overloaded = Given.workers(Given.decode([3000, 3000, 3000], itl: 60))
    #expect(try Self.decided([], workers: overloaded).targets != [.decode: 3])
    let paused = try Self.decided([Self.control(.pause, nil)], workers: overloaded)
    #expect(paused.targets == [.decode: 3])
    #expect(paused.status == .unchanged)
    #expect(paused.components[.decode]?.reasons.control == .paused)
    #expect(paused.components[.decode]?.explanation.contains("paused by anna") == true)
  }

  @Test(
    "a limit moves a count to its nearer end",
    arguments: [(5, nil, 5), (nil, 2, 2), (1, 8, 3), (4, 4, 4)] as [(Int?, Int?, Int)])
  func limit(minimum: Int?, maximum: Int?, expected: Int) throws {
    let decision = try Self.decided([Self.control(.limit, .decode, minimum, maximum)])
    #expect(decision.targets == [.decode: expected])
    #expect(
      decision.components[.decode]?.reasons.control == (expected == 3 ? nil : .bounded))
  }

  @Test("of two words that contradict each other the newer one counts, whatever their order")
  func contradiction() throws {
    let limit = Self.control(.limit, .decode, 2, 8, since: 800)
    for controls in [[limit, Self.pin(12)], [Self.pin(12), limit]] {
      #expect(try Self.decided(controls).targets == [.decode: 12])
    }
    let later = Self.control(.limit, .decode, nil, 8, since: 950)
    // The pin is off, and between none and eight the load decides.
    #expect(try Self.decided([Self.pin(12), later]).targets == [.decode: 3])
    let pause = Self.control(.pause, nil, since: 950)
    #expect(try Self.decided([Self.pin(12), pause]).targets == [.decode: 3])
  }

  @Test("a person goes before the calendar, however old the word is")
  func calendarYields() throws {
    let window = Self.control(.calendar, .decode, 6, 8, since: 990)
    #expect(try Self.decided([window]).targets == [.decode: 6])
    #expect(try Self.decided([window, Self.pin(2)]).targets == [.decode: 2])
  }

  @Test("a pin stays within the budget and above the minimum")
  func bounds() throws {
    let cut = try Self.decided([Self.pin(12)], budget: 8)
    #expect(cut.targets == [.decode: 8])
    #expect(cut.components[.decode]?.reasons.budget == .limited)
    #expect(cut.components[.decode]?.explanation.contains("cut to the budget of 8 GPUs") == true)
    #expect(try Self.decided([Self.pin(1)], minimum: 2).targets == [.decode: 2])
  }

  @Test("of a budget a pin takes first, and the other keeps its minimum")
  func sharedBudget() throws {
    func decided(_ pin: Int, budget: Int) throws -> [Component: Int] {
      try Planner.decide(
        DecisionInput(
          time: Self.now, policy: Given.policy(.disagg, load: true, budget: budget),
          deployment: Given.position([.prefill: 8, .decode: 2]),
          workers: Given.workers(
            Given.prefill([Double?](repeating: 2500, count: 8)) + Given.decode([700, 700])),
          controls: [Self.pin(pin)]), profile: nil
      ).decision.targets
    }
    #expect(try decided(12, budget: 24) == [.prefill: 8, .decode: 12])
    #expect(try decided(12, budget: 16) == [.prefill: 4, .decode: 12])
    #expect(try decided(20, budget: 16) == [.prefill: 1, .decode: 15])
  }

  @Test("a pin counts while metrics are missing, a pause ends no outage of its own")
  func missingData() throws {
    let unknown = WorkerInput(samples: [], failure: "refused", state: LoadState())
    #expect(try Self.decided([], workers: unknown).status == .held)
    #expect(try Self.decided([Self.pin(12)], workers: unknown).targets == [.decode: 12])
    let pinned = try Self.decided([Self.pin(3)], workers: unknown)
    #expect(pinned.status == .unchanged && pinned.holdSeconds == nil)
  }

  @Test("a hold's fallback raises nothing that is paused, and no limit is exceeded")
  func fallback() throws {
    let unknown = WorkerInput(samples: [], failure: "refused", state: LoadState())
    let hold = HoldPolicy(limitSeconds: 60, fallback: [.decode: 9])
    func targets(_ controls: [Control]) throws -> [Component: Int] {
      try Self.decided(controls, workers: unknown, hold: hold, holdSince: 500).targets
    }
    #expect(try targets([]) == [.decode: 9])
    #expect(try targets([Self.control(.pause, nil)]) == [.decode: 3])
    #expect(try targets([Self.control(.limit, .decode, nil, 5)]) == [.decode: 5])
  }

  @Test("during a rollout a pin waits; while workers start it adds more, and never takes any")
  func rollout() throws {
    #expect(try Self.decided([Self.pin(12)], inProgress: .busy("rolling")).targets == [.decode: 3])
    let starting = Readiness.startingWorkers("2 start")
    #expect(try Self.decided([Self.pin(12)], inProgress: starting).targets == [.decode: 12])
    #expect(try Self.decided([Self.pin(1)], inProgress: starting).targets == [.decode: 3])
  }

  @Test(
    "the calendar's next window counts as early as a replica takes to start, its most only then")
  func horizon() throws {
    let window = Self.control(.calendar, .decode, 6, 8, since: 1300)
    #expect(try Self.decided([window], lead: 200).targets == [.decode: 3])
    let early = try Self.decided([window], lead: 300)
    #expect(early.targets == [.decode: 6])
    #expect(early.components[.decode]?.explanation.contains("in 5 min") == true)
    let least = Self.control(.calendar, .decode, nil, 2, since: 1300)
    #expect(try Self.decided([least], lead: 300).targets == [.decode: 3])
    #expect(try Self.decided([window, Self.pin(4)], lead: 300).targets == [.decode: 4])
  }

  @Test("a second word of the same kind takes the place of the first")
  func replaced() {
    let controls = [Self.pin(4), Self.control(.pause, nil)].adding(Self.pin(9))
    #expect(controls.map(\.kind) == [.pause, .pin])
    #expect(controls.last?.minimum == 9)
    #expect([Self.pin(4)].adding(Self.pin(2, .prefill)).count == 2)
  }
}
