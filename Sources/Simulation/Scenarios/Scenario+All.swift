/// The scenarios there are.
extension Scenario {
  /// All of them, in the order in which they are told of.
  public static let all: [Scenario] = hours + days + peculiarWorkers

  private static let hours: [Scenario] = [
    Scenario("steady", "chat at a constant rate") { draw in
      .chat(.constant(draw.between(15, 20)), &draw)
    },
    Scenario("chat", "chat whose rate swings by a third, with two bursts an hour") { draw in
      var plan = TrafficPlan.chat(.wave(&draw, mean: 16, swing: draw.between(0.2, 0.35)), &draw)
      plan.surges = draw.surges(perHour: 2, adds: 0.3...0.8, seconds: 60...240)
      return plan
    },
    Scenario("code", "short answers, requested in bursts of seconds") { draw in
      TrafficPlan(
        levels: .wave(&draw, mean: 22, swing: 0.2),
        drift: .init(deviation: 0.2, memorySeconds: 900),
        flicker: .init(deviation: 0.8, memorySeconds: 15),
        phases: [.init(start: 0, kinds: RequestKind.code)])
    },
    Scenario("ramp", "chat that grows fourfold over half of the time and falls again") { draw in
      let (low, high) = (draw.between(4, 6), draw.between(18, 26))
      return .chat(
        [
          .init(time: draw.time(0.03, 0.1), rate: low),
          .init(time: draw.time(0.45, 0.55), rate: high),
          .init(time: draw.time(0.9, 0.97), rate: low),
        ], &draw)
    },
    Scenario("step", "chat that doubles within seconds, stays so and falls back") { draw in
      let low = draw.between(7, 10)
      let high = low * draw.between(1.8, 2.6)
      return .chat(
        .steps([(0, low), (draw.time(0.25, 0.4), high), (draw.time(0.6, 0.75), low)], edge: 15),
        &draw)
    },
    Scenario("shift", "traffic that changes between chat and code every 15 to 25 minutes") { draw in
      var plan = TrafficPlan.chat(.constant(draw.between(13, 17)), &draw)
      plan.phases = .alternating(&draw, [RequestKind.chat, RequestKind.code])
      return plan
    },
    Scenario("burst", "chat with surges to two to four times the rate, some minutes each") { draw in
      var plan = TrafficPlan.chat(.constant(draw.between(6, 9)), &draw)
      plan.surges = draw.surges(perHour: 3, adds: 1...3, seconds: 120...420)
      return plan
    },
    Scenario("outlier", "chat with three minutes in which prompts are ten times as long") { draw in
      var plan = TrafficPlan.chat(.wave(&draw, mean: 12, swing: 0.15), &draw)
      let start = draw.time(0.3, 0.5)
      plan.phases = [
        .init(start: 0, kinds: RequestKind.chat),
        .init(start: start, kinds: RequestKind.chat.map { $0.stretched(prompts: 10) }),
        .init(start: start + 180, kinds: RequestKind.chat),
      ]
      return plan
    },
    Scenario("long-prompts", "documents: long prompts with short answers, and the reverse") {
      draw in
      TrafficPlan(
        levels: .wave(&draw, mean: 6, swing: 0.3),
        drift: .init(deviation: 0.2, memorySeconds: 900),
        phases: [.init(start: 0, kinds: RequestKind.documents)])
    },
    Scenario("reasoning", "short prompts with answers of thousands of tokens") { draw in
      TrafficPlan(
        levels: .wave(&draw, mean: 7, swing: 0.3),
        drift: .init(deviation: 0.15, memorySeconds: 900),
        phases: [.init(start: 0, kinds: RequestKind.reasoning)])
    },
  ]

  private static let days: [Scenario] = [
    Scenario("night", "chat that falls to a few per cent for hours and comes back", hours: 10) {
      draw in
      let day = draw.between(14, 20)
      let quiet = day * draw.between(0.02, 0.06)
      let (fall, rise) = (draw.time(0.15, 0.25), draw.time(0.65, 0.75))
      return .chat(
        [
          .init(time: fall, rate: day), .init(time: fall + draw.time(0.06, 0.12), rate: quiet),
          .init(time: rise, rate: quiet), .init(time: rise + draw.time(0.06, 0.12), rate: day),
        ], &draw)
    },
    Scenario("weekday", "a working day of chat: a quiet night, two humps, a dip at noon", hours: 24)
    {
      draw in
      var plan = TrafficPlan.chat(
        .day(
          &draw, peak: draw.between(16, 22),
          hours: [
            (0, 0.22), (3, 0.1), (6, 0.16), (8, 0.6), (9.5, 0.95), (11.5, 1), (12.7, 0.78),
            (14.5, 1), (17, 0.85), (19, 0.5), (22, 0.38), (24, 0.22),
          ]), &draw)
      plan.surges = draw.surges(perHour: 0.7, adds: 0.3...1, seconds: 60...300)
      return plan
    },
    Scenario("weekend", "a lazy day of chat: late, low and without a dip", hours: 24) { draw in
      var plan = TrafficPlan.chat(
        .day(
          &draw, peak: draw.between(7, 11),
          hours: [(0, 0.5), (4, 0.2), (8, 0.25), (12, 0.8), (16, 1), (20, 0.95), (24, 0.5)]),
        &draw)
      plan.surges = draw.surges(perHour: 0.4, adds: 0.3...1, seconds: 60...300)
      return plan
    },
  ]

  private static let peculiarWorkers: [Scenario] = [
    Scenario(
      "slow-engine", "chat on engines that take 25 % longer than profiled",
      plant: Plant(slowdown: 1.25)
    ) { draw in .chat(.wave(&draw, mean: 14, swing: 0.3), &draw) },
    Scenario(
      "fast-engine", "chat on engines that are 20 % faster than profiled",
      plant: Plant(slowdown: 1 / 1.2)
    ) { draw in .chat(.wave(&draw, mean: 16, swing: 0.3), &draw) },
    Scenario(
      "failing-starts", "a surge of chat; 3 in 10 starts fail and begin again, 2 in 10 never end",
      plant: Plant(startFailureShare: 0.3, neverStartShare: 0.2)
    ) { draw in
      let low = draw.between(4, 6)
      let start = draw.time(0.25, 0.35)
      return .chat(
        .steps(
          [(0, low), (start, low * draw.between(2.5, 4)), (start + draw.time(0.15, 0.2), low)],
          edge: 60), &draw)
    },
    Scenario(
      "slow-starts", "chat on workers whose start-up time is log-normal; a fifth is never ready",
      plant: Plant(neverStartShare: 0.2, startUpDeviation: 0.5)
    ) { draw in .chat(.wave(&draw, mean: 14, swing: 0.35), &draw) },
  ]
}

extension TrafficPlan {
  /// Chat with a little drift.
  static func chat(_ levels: [Level], _ draw: inout ScenarioDraw) -> TrafficPlan {
    TrafficPlan(
      levels: levels, drift: Wander(deviation: draw.between(0.08, 0.15), memorySeconds: 900),
      phases: [Phase(start: 0, kinds: RequestKind.chat)])
  }
}

extension [TrafficPlan.Level] {
  /// The same rate all the time.
  static func constant(_ rate: Double) -> Self { [Element(time: 0, rate: rate)] }

  /// A polygon that swings around `mean` by a share of it, with a period of 40 to 80 minutes.
  static func wave(_ draw: inout ScenarioDraw, mean: Double, swing: Double) -> Self {
    let half = draw.between(1200, 2400)
    var sign = draw.between(-1, 1) < 0 ? -1.0 : 1
    var time = -half * draw.between(0, 1)
    var levels: Self = []
    while time < draw.seconds + half {
      levels.append(Element(time: time, rate: mean * (1 + sign * swing * draw.between(0.6, 1.2))))
      sign = -sign
      time += half
    }
    return levels
  }

  /// Rates that last from a time on; each takes `edge` seconds to be reached.
  static func steps(_ steps: [(time: Double, rate: Double)], edge: Double) -> Self {
    steps.reduce(into: []) { levels, step in
      guard let last = levels.last else {
        levels.append(Element(time: step.time, rate: step.rate))
        return
      }
      levels.append(Element(time: step.time, rate: last.rate))
      levels.append(Element(time: step.time + edge, rate: step.rate))
    }
  }

  /// A day by its hours, as shares of the peak, each a little earlier or later, higher or lower.
  static func day(
    _ draw: inout ScenarioDraw, peak: Double, hours: [(hour: Double, share: Double)]
  ) -> Self {
    hours.map { point in
      Element(
        time: draw.seconds * (point.hour + draw.between(-0.3, 0.3)) / 24,
        rate: peak * point.share * draw.between(0.92, 1.08))
    }
  }
}

extension [TrafficPlan.Phase] {
  /// One mix of kinds after the other, 15 to 25 minutes each.
  static func alternating(_ draw: inout ScenarioDraw, _ mixes: [[RequestKind]]) -> Self {
    var phases: Self = []
    var start = 0.0
    while start < draw.seconds, !mixes.isEmpty {
      phases.append(Element(start: start, kinds: mixes[phases.count % mixes.count]))
      start += draw.between(900, 1500)
    }
    return phases
  }
}
