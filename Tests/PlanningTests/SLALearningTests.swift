import EngineProfiles
import Forecasting
import Testing

@testable import Planning

@Suite("Learning from an interval under --sizing sla")
struct SLALearningTests {
  static let forecast = TrafficForecast(
    predictor: .constant, requestCount: 12_000, isl: 3000, osl: 250)

  /// An interval of 60 s with as much traffic as forecast, and a share of it within both targets.
  static func interval(_ kept: Double, requests: Double = 12_000, isl: Double? = 3000)
    -> TrafficObservation
  {
    TrafficObservation(
      intervalEnd: 120, requestCount: requests, isl: isl, osl: 250,
      arrivals: Arrivals(count: requests, basis: .started, indexOfDispersion: 1),
      spread: TrafficSpread(
        ttftMilliseconds: BucketCounts(
          upperBounds: [1000, 2000], counts: [kept * 1000, (1 - kept) * 1000, 0]),
        itlMilliseconds: BucketCounts(
          upperBounds: [20, 40], counts: [kept * 1000, (1 - kept) * 1000, 0])))
  }

  /// What is learned of an interval that `share` of the planned replicas served.
  static func learned(
    _ newest: TrafficObservation, mode: DeploymentMode = .disagg, ready share: Double = 1,
    readyBefore: Double? = nil, hasPlan: Bool = true, usesCorrection: Bool = true,
    isSeen: Bool = true
  ) throws -> SLASizingState {
    var policy = SLASizingTests.policy()
    policy.mode = mode
    policy.throughput = ThroughputPolicy(intervalSeconds: 60, usesCorrection: usesCorrection)
    let rule = SLASizing(policy: policy, sla: SLASizingPolicy(), intervalSeconds: 60)
    let profile = try Profiles.h200()
    let planned = try rule.size(
      forecast, newest: nil, indexOfDispersion: 1, profile: profile
    ).mapValues(\.replicas)
    func part(_ share: Double) -> [Component: Int] {
      planned.mapValues { Int(Double($0) * share) }
    }
    var calibration = SLASizingState()
    calibration.indexOfDispersion = 1
    if let readyBefore { calibration.ready = part(readyBefore) }
    var state = SizingState()
    state.bySLA = calibration
    rule.learn(
      SizingMoment(
        newest: newest,
        plan: hasPlan ? ThroughputPlan(intervalEnd: 60, replicas: planned) : nil,
        counts: !isSeen
          ? [:]
          : part(share).reduce(into: [:]) {
            $0[$1.key] = .init(
              current: planned[$1.key], asked: planned[$1.key], ready: $1.value)
          },
        startUpSeconds: 60, profile: profile), into: &state)
    rule.learn(
      DemandMoment(
        time: 120, steps: [TrafficStep(newest, seconds: 60)], forecast: forecast,
        startUpSeconds: 60), into: &state)
    return state.bySLA
  }

  @Test("misses with all the replicas planned are the engines'")
  func slow() throws {
    let factors = try Self.learned(Self.interval(0.5)).slowdown
    #expect(factors.prefill > 1 && factors.decode > 1)
    #expect(try Self.learned(Self.interval(0.99)).slowdown == EngineSlowdown())
  }

  @Test("misses of missing or late replicas, or of traffic beyond the plan, are not")
  func excused() throws {
    let bad = Self.interval(0.5)
    #expect(try Self.learned(bad, ready: 0.5).slowdown == EngineSlowdown())
    #expect(try Self.learned(bad, readyBefore: 0.5).slowdown == EngineSlowdown())
    #expect(
      try Self.learned(Self.interval(0.1, requests: 30_000)).slowdown == EngineSlowdown())
    #expect(try Self.learned(bad, hasPlan: false).slowdown == EngineSlowdown())
    #expect(try Self.learned(bad, usesCorrection: false).slowdown == EngineSlowdown())
  }

  @Test("while nobody sees the deployment nothing is learned of its engines, nor forgotten")
  func unseen() throws {
    let unseen = try Self.learned(Self.interval(0.5), readyBefore: 1, isSeen: false)
    #expect(unseen.slowdown == EngineSlowdown())
    #expect(unseen.ready.count == 2)
  }

  @Test(
    "a component alone is learned of alone",
    arguments: [(DeploymentMode.prefill, Component.decode), (.decode, .prefill)])
  func alone(mode: DeploymentMode, other: Component) throws {
    let factors = try Self.learned(Self.interval(0.5), mode: mode).slowdown
    #expect((factors.prefill > 1) == (mode == .prefill))
    #expect((factors.decode > 1) == (mode == .decode))
  }

  @Test("what came is planned for, and what the traffic's lengths don't tell is not")
  func demand() throws {
    let calibration = try Self.learned(Self.interval(0.99))
    #expect(calibration.demand.outlook(.prefill) != nil)
    #expect(try RoundTrip.json(calibration) == calibration)
    let unknown = try Self.learned(Self.interval(0.5, isl: nil))
    #expect(unknown.slowdown == EngineSlowdown())
    #expect(unknown.demand.outlook(.prefill) == nil)
    #expect(unknown.demand.outlook(.decode) != nil)
  }

  @Test("a calibration of an earlier version is understood")
  func earlier() throws {
    let calibration = try RoundTrip.decode(
      SLASizingState.self,
      #"{"factors":{"prefill":1.1,"decode":0.9},"indexOfDispersion":2}"#)
    #expect(calibration.slowdown == EngineSlowdown(prefill: 1.1, decode: 0.9))
    #expect(calibration.indexOfDispersion == 2)
    #expect(calibration.demand == DemandModel())
  }
}
