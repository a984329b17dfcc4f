import Testing

@testable import Planning

@Suite("Calibration")
struct SLASizingStateTests {
  static let targets = LatencyTargets(ttftMilliseconds: 100, itlMilliseconds: 10)

  /// An interval in which a share of the TTFTs, and of the ITLs, was within the target.
  static func interval(_ ttft: Double, _ itl: Double, requests: Double = 1000) -> TrafficObservation
  {
    TrafficObservation(
      intervalEnd: 180, requestCount: requests,
      spread: TrafficSpread(
        ttftMilliseconds: BucketCounts(
          upperBounds: [50, 100, 200, 400],
          counts: [ttft * 500, ttft * 500, 0, (1 - ttft) * 1000, 0]),
        itlMilliseconds: BucketCounts(
          upperBounds: [5, 10, 20, 40], counts: [itl * 500, itl * 500, 0, (1 - itl) * 1000, 0])))
  }

  static func hindsight(
    _ prefill: Double? = 0.99, _ decode: Double? = 0.99, short: Set<Component> = [],
    hasBacklog: Bool = false
  ) -> SLAHindsight {
    let shares = [Component.prefill: prefill, .decode: decode].compactMapValues { $0 }
    return SLAHindsight(shares: shares, short: short, hasBacklog: hasBacklog)
  }

  static func learned(
    _ observation: TrafficObservation, times: Int = 1, _ hindsight: SLAHindsight = hindsight(),
    interval: Int = 180, from calibration: SLASizingState = SLASizingState()
  ) -> SLASizingState {
    var calibration = calibration
    for _ in 0..<times {
      calibration.learn(
        observation, hindsight: hindsight, quantile: 0.95, targets: targets,
        intervalSeconds: interval)
    }
    return calibration
  }

  @Test(
    "misses that traffic and replicas don't explain make engines count as slower, each kind alone")
  func broken() {
    let factors = Self.learned(Self.interval(0.5, 0.97)).slowdown
    #expect(factors.prefill > 1.05)
    #expect(factors.decode == 1)
  }

  @Test("better than was to be expected makes engines count as quicker, slowly")
  func better() {
    let factors = Self.learned(Self.interval(1, 1), Self.hindsight(0.96, 0.96)).slowdown
    #expect(factors.prefill < 1 && factors.prefill > 0.97)
    #expect(factors.decode < 1)
  }

  @Test("what a bad hour taught is forgotten while all is well, and no further")
  func recovery() {
    let bad = Self.learned(Self.interval(0.5, 0.5), times: 5)
    #expect(bad.slowdown.prefill > 1.3)
    let soon = Self.learned(Self.interval(0.97, 0.97), times: 5, from: bad)
    #expect(soon.slowdown.prefill > 1.2 && soon.slowdown.prefill < bad.slowdown.prefill)
    let later = Self.learned(Self.interval(0.97, 0.97), times: 500, from: bad)
    #expect(later.slowdown == EngineSlowdown())
    let quick = Self.learned(Self.interval(1, 1), times: 9, Self.hindsight(0.951, 0.951))
    #expect(quick.slowdown.prefill < 0.9)
    let confirmed = Self.learned(Self.interval(0.97, 0.97), times: 500, from: quick)
    #expect(confirmed.slowdown == quick.slowdown, "engines that are quicker stay so")
    let unknown = Self.learned(
      Self.interval(0.97, 0.97), times: 500, Self.hindsight(nil, nil), from: quick)
    #expect(unknown.slowdown == EngineSlowdown())
  }

  @Test("a factor moves slowly, the slower the shorter the interval, and stays within its bounds")
  func bounds() {
    #expect(Self.learned(Self.interval(0, 0)).slowdown.prefill < 1.11)
    #expect(Self.learned(Self.interval(0, 0), interval: 60).slowdown.prefill < 1.04)
    let slow = Self.learned(Self.interval(0, 0), times: 1000).slowdown
    #expect(slow.prefill == 2 && slow.decode == 2)
    let quick = Self.learned(
      Self.interval(1, 1), times: 1000, Self.hindsight(0.951, 0.951)
    ).slowdown
    #expect(quick.prefill == 0.7 && quick.decode == 0.7)
  }

  @Test("traffic beyond the replicas, and missing replicas, excuse misses and what is left of them")
  func excused() {
    let bad = Self.interval(0.5, 0.5)
    for foreseen in [
      Self.hindsight(0.2, 0.2), Self.hindsight(short: [.prefill, .decode]),
    ] {
      let excused = Self.learned(bad, foreseen)
      #expect(excused.slowdown == EngineSlowdown())
      let waiting = Self.learned(bad, times: 5, Self.hindsight(hasBacklog: true), from: excused)
      #expect(waiting.slowdown == EngineSlowdown())
      #expect(
        Self.learned(bad, Self.hindsight(hasBacklog: true), from: waiting).slowdown.prefill > 1,
        "an excuse lasts five intervals at most")
      let worked = Self.learned(bad, from: excused)
      #expect(worked.slowdown == EngineSlowdown(), "its beginning still waited")
      #expect(Self.learned(bad, from: worked).slowdown.prefill > 1)
    }
  }

  @Test("an excuse is its component's alone, and none for being better than expected")
  func excusedAlone() {
    let missing = Self.learned(Self.interval(0.5, 0.5), Self.hindsight(short: [.prefill])).slowdown
    #expect(missing.prefill == 1 && missing.decode > 1)
    let better = Self.learned(
      Self.interval(1, 1), times: 2, Self.hindsight(0.96, 0.99, short: [.decode])
    ).slowdown
    #expect(better.prefill < 1 && better.decode == 1)
  }

  @Test("an interval at the edge of what was planned for is judged by what was expected of it")
  func edge() {
    let slower = Self.learned(Self.interval(0.6, 0.8), Self.hindsight(0.8, 0.8)).slowdown
    #expect(slower.prefill > 1 && slower.decode == 1)
  }

  @Test("where an idle engine misses the target, what was learned fades")
  func unreachable() {
    let bad = Self.learned(Self.interval(0.5, 0.5), times: 5)
    let after = Self.learned(
      Self.interval(0, 0), times: 500, Self.hindsight(nil, nil), from: bad)
    #expect(after.slowdown == EngineSlowdown())
  }

  @Test("what is not known teaches nothing")
  func ignored() {
    let bad = Self.interval(0.5, 0.5)
    #expect(Self.learned(bad, Self.hindsight(nil, nil)).slowdown == EngineSlowdown())
    #expect(Self.learned(Self.interval(0.5, 0.5, requests: 5)).slowdown == EngineSlowdown())
    var unknown = bad
    unknown.spread = nil
    #expect(Self.learned(unknown).slowdown == EngineSlowdown())
  }

  @Test("the dispersion of arrivals is a moving average")
  func dispersion() throws {
    var calibration = SLASizingState()
    for index in [3.0, 8, nil, .nan, -1] {
      calibration.learnDispersion(
        TrafficObservation(
          intervalEnd: 180, requestCount: 10,
          arrivals: Arrivals(count: 10, basis: .started, indexOfDispersion: index)))
    }
    #expect(calibration.indexOfDispersion == 4)
    #expect(try RoundTrip.json(calibration) == calibration)
  }
}
