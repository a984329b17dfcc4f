import Testing

@testable import Planning

@Suite("Calibration")
struct SLACalibrationTests {
  static let targets = LatencyTargets(ttftMilliseconds: 100, itlMilliseconds: 10)
  static let plan = ThroughputPlan(
    intervalEnd: 0, replicas: [.prefill: 2, .decode: 3],
    promises: [
      .prefill: SLAPromise(share: 0.95, isTight: true),
      .decode: SLAPromise(share: 0.95, isTight: true),
    ])
  static let ready: [Component: Int] = [.prefill: 2, .decode: 3]

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

  static func learned(
    _ observation: TrafficObservation, times: Int = 1, plan: ThroughputPlan? = plan,
    ready: [Component: Int] = ready, interval: Int = 180
  ) -> CorrectionFactors {
    var calibration = SLACalibration()
    for _ in 0..<times {
      calibration.learn(
        observation, plan: plan, ready: ready, targets: targets, intervalSeconds: interval)
    }
    return calibration.factors
  }

  @Test("promises that were not kept make engines count as slower, each kind for itself")
  func broken() {
    let factors = Self.learned(Self.interval(0.5, 0.95))
    #expect(factors.prefill > 1.05)
    #expect((factors.decode - 1).magnitude < 0.02)
  }

  @Test("promises that were more than kept lower the factor slowly")
  func kept() {
    let factors = Self.learned(Self.interval(1, 1))
    #expect(factors.prefill < 1 && factors.prefill > 0.97)
    #expect(factors.decode < 1)
  }

  @Test("a factor moves slowly, the slower the shorter the interval, and stays within its bounds")
  func bounds() {
    #expect(Self.learned(Self.interval(0, 0)).prefill < 1.11)
    #expect(Self.learned(Self.interval(0, 0), interval: 60).prefill < 1.04)
    let slow = Self.learned(Self.interval(0, 0), times: 1000)
    #expect(slow.prefill == 2 && slow.decode == 2)
    let quick = Self.learned(Self.interval(1, 1), times: 1000)
    #expect(quick.prefill == 0.7 && quick.decode == 0.7)
  }

  @Test("more than the minimum needs says nothing of how little would do")
  func notTight() {
    var plan = Self.plan
    plan.promises?[.prefill]?.isTight = false
    let factors = Self.learned(Self.interval(1, 1), plan: plan)
    #expect(factors.prefill == 1)
    #expect(factors.decode < 1)
    #expect(Self.learned(Self.interval(0.5, 1), plan: plan).prefill > 1)
  }

  @Test("what was foreseen or is not known teaches nothing")
  func ignored() {
    let bad = Self.interval(0.5, 0.5)
    #expect(Self.learned(bad, plan: nil) == CorrectionFactors())
    #expect(Self.learned(bad, ready: [.prefill: 1, .decode: 2]) == CorrectionFactors())
    #expect(Self.learned(bad, ready: [:]) == CorrectionFactors())
    #expect(Self.learned(Self.interval(0.5, 0.5, requests: 5)) == CorrectionFactors())
    var unknown = bad
    unknown.spread = nil
    #expect(Self.learned(unknown) == CorrectionFactors())
    var byCapacity = Self.plan
    byCapacity.promises = nil
    #expect(Self.learned(bad, plan: byCapacity) == CorrectionFactors())
  }

  @Test("the dispersion of arrivals is a moving average")
  func dispersion() throws {
    var calibration = SLACalibration()
    for index in [3.0, 8, nil, .nan, -1] {
      calibration.learn(
        TrafficObservation(
          intervalEnd: 180, requestCount: 10,
          arrivals: Arrivals(count: 10, basis: .started, indexOfDispersion: index)),
        plan: nil, ready: [:], targets: Self.targets, intervalSeconds: 180)
    }
    #expect(calibration.indexOfDispersion == 4)
    #expect(try RoundTrip.json(calibration) == calibration)
  }
}
