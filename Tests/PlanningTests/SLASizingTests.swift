import EngineProfiles
import Forecasting
import Testing

@testable import Planning

@Suite("Sizing that holds the targets")
struct SLASizingTests {
  static func policy(
    ttft: Double = 1000, itl: Double = 20, minimum: Int = 1
  ) -> PlanningPolicy {
    PlanningPolicy(
      mode: .disagg, targets: LatencyTargets(ttftMilliseconds: ttft, itlMilliseconds: itl),
      minimumReplicas: minimum, gpusPerReplica: [.prefill: 1, .decode: 1])
  }

  static func size(
    requestsPerSecond rate: Double = 20, isl: Double = 3000, osl: Double = 250, ttft: Double = 1000,
    itl: Double = 20, quantile: Double = 0.95, dispersion: Double? = 1, minimum: Int = 1,
    factor: Double = 1, newest: TrafficObservation? = nil,
    profile: EngineProfile? = nil
  ) throws -> [Component: ReplicaSizing] {
    try SLASizing(
      policy: policy(ttft: ttft, itl: itl, minimum: minimum),
      sla: SLASizingPolicy(quantile: quantile), intervalSeconds: 60,
      slowdown: EngineSlowdown(prefill: factor, decode: factor)
    ).size(
      TrafficForecast(predictor: .constant, requestCount: rate * 60, isl: isl, osl: osl),
      newest: newest, indexOfDispersion: dispersion, profile: try profile ?? Profiles.h200())
  }

  static func counts(_ sizings: [Component: ReplicaSizing]) -> [Int] {
    [.prefill, .decode].compactMap { sizings[$0]?.replicas }
  }

  @Test("the number asked for is enough, and one fewer is not")
  func fewest() throws {
    for (component, sizing) in try Self.size(requestsPerSecond: 200) {
      let detail = try #require(sizing.expectation)
      #expect(detail.bound == .latency, "\(component)")
      #expect(detail.outlook.replicas == sizing.replicas)
      #expect(detail.quantile == 0.95.squareRoot())
      #expect(detail.outlook.attainment >= detail.quantile)
      let fewer = try #require(detail.oneFewer)
      #expect(fewer.replicas == sizing.replicas - 1)
      #expect(fewer.attainment < detail.quantile)
      #expect(sizing.warnings.isEmpty)
    }
  }

  @Test("queues need room: more replicas than are busy, and no fewer than the capacity rule's")
  func room() throws {
    let sizings = try Self.size(requestsPerSecond: 200)
    let prefill = try #require(sizings[.prefill])
    #expect(Double(prefill.replicas) > (prefill.exactReplicas ?? 0) + 0.5)
    let capacity = try CapacitySizing(
      policy: Self.policy(), intervalSeconds: 60, slowdown: EngineSlowdown()
    ).size(
      TrafficForecast(predictor: .constant, requestCount: 12_000, isl: 3000, osl: 250),
      profile: try Profiles.h200())
    #expect(prefill.replicas > capacity[.prefill]?.replicas ?? 0)
    for (component, sizing) in sizings {
      #expect(sizing.replicas >= capacity[component]?.replicas ?? 0, "\(component)")
    }
  }

  /// Each step asks for at least as much as the one before.
  enum Harder: String, CaseIterable {
    case arrivals, prompts, outputs, ttft, itl, quantile, dispersion, slowdown

    func size(_ step: Double) throws -> [Component: ReplicaSizing] {
      switch self {
      case .arrivals: try SLASizingTests.size(requestsPerSecond: 0.01 * exp2(step / 3))
      case .prompts: try SLASizingTests.size(isl: 150 * exp2(step / 7))
      case .outputs: try SLASizingTests.size(osl: 20 * exp2(step / 6))
      case .ttft: try SLASizingTests.size(ttft: 20_000 * exp2(-step / 3))
      case .itl: try SLASizingTests.size(itl: 45 * exp2(-step / 8))
      case .quantile: try SLASizingTests.size(quantile: 0.5 + 0.4999 * step / 40)
      case .dispersion: try SLASizingTests.size(dispersion: step / 4)
      case .slowdown: try SLASizingTests.size(factor: 0.7 + step / 30)
      }
    }

    private func exp2(_ power: Double) -> Double {
      var value = 1.0
      for _ in 0..<Int(abs(power) * 1000) { value *= 1.000693387462581 }
      return power < 0 ? 1 / value : value
    }
  }

  @Test("asking for more never gives fewer replicas", arguments: Harder.allCases)
  func monotone(_ harder: Harder) throws {
    var last = [0, 0]
    for step in 0...40 {
      let counts = Self.counts(try harder.size(Double(step)))
      #expect(
        zip(counts, last).allSatisfy { $0 >= $1 }, "\(harder) at \(step): \(last) → \(counts)")
      last = counts
    }
  }

  @Test("the share that is planned for is the share that is expected, at any traffic")
  func planned() throws {
    for rate in [0.05, 0.3, 1, 7, 60, 900] {
      for (component, sizing) in try Self.size(requestsPerSecond: rate) {
        #expect((sizing.expectation?.outlook.attainment ?? 0) >= 0.95, "\(component) at \(rate)/s")
      }
    }
  }

  @Test(
    "so it is where a replica may have a few sequences only",
    arguments: [("h200-llama3.1-8b-tp1", 3000.0, 5.0), ("h100-llama3.3-70b-tp4", 60_000, 50)])
  func fewSequences(profile: String, isl: Double, itl: Double) throws {
    for rate in [0.02, 0.1, 0.5, 3] {
      let sizing = try Self.size(
        requestsPerSecond: rate, isl: isl, itl: itl, dispersion: 2,
        profile: try Profiles.load(profile))[.decode]
      let detail = try #require(sizing?.expectation)
      #expect(detail.bound != .idleEngine && detail.concurrency?.limit ?? 99 < 8)
      #expect(detail.outlook.attainment >= 0.95, "\(rate)/s: \(detail)")
    }
  }

  @Test("fewer than two sequences a replica is not what a target or a KV cache can allow, and said")
  func lessThanTwo() throws {
    let profile = try Profiles.load("h100-llama3.3-70b-tp4")
    let tight = try #require(
      try Self.size(requestsPerSecond: 0.1, isl: 60_000, itl: 18, profile: profile)[.decode])
    #expect(tight.expectation?.bound == .idleEngine && tight.expectation?.concurrency?.limit == 2)
    #expect(tight.warnings.contains { $0.contains("too close to what an idle engine takes") })
    let huge = try #require(
      try Self.size(requestsPerSecond: 0.1, isl: 3_000_000, itl: 1000, profile: profile)[.decode])
    #expect(huge.warnings.contains { $0.contains("KV cache of a replica holds 0") })
  }

  @Test("what sets the limit of sequences is told also where the minimum decides")
  func limitByCache() throws {
    // Outputs of one length: a sequence is half done on average, and needs room for all of it.
    let even = TrafficObservation(
      intervalEnd: 60, requestCount: 6,
      spread: TrafficSpread(
        osl: BucketCounts(upperBounds: [19_900, 20_100], counts: [0, 100, 0])))
    let sizing = try #require(
      try Self.size(
        requestsPerSecond: 0.1, isl: 1000, osl: 20_000, itl: 1000, minimum: 50, newest: even,
        profile: Profiles.load("h100-llama3.3-70b-tp4"))[.decode])
    let detail = try #require(sizing.expectation)
    #expect(detail.bound == .minimum && detail.concurrency?.isKVBound == true)
    let phrase = SLAExplanation(
      .decode, sizing, detail, LatencyTargets(ttftMilliseconds: 1000, itlMilliseconds: 1000)
    ).phrase
    #expect(phrase.contains("are allowed by KV cache"), "\(phrase)")
  }

  @Test("lengths that lie evenly in a bucket have its mean and its variance")
  func evenLengths() {
    let mix = LengthMix(
      mean: 1500, histogram: BucketCounts(upperBounds: [1000, 2000], counts: [0, 100, 0]))
    let mean = zip(mix.lengths, mix.shares).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(mean - 1500) < 1e-9)
    #expect(abs(mix.squaredVariation - 1000 * 1000 / 12.0 / (1500 * 1500)) < 1e-12)
  }

  @Test("a target that an idle engine misses for too many is said also where headroom decides")
  func unreachableWithHeadroom() throws {
    let headroom = DemandHeadroom(factor: 1.3, share: 0.95, intervals: 200)
    let lengths = TrafficObservation(
      intervalEnd: 60, requestCount: 240_000,
      spread: TrafficSpread(
        isl: BucketCounts(
          upperBounds: [900, 1100, 15_000, 16_000], counts: [0, 900, 0, 100, 0])))
    let sizing = try #require(
      try SLASizing(
        policy: Self.policy(ttft: 250), sla: SLASizingPolicy(quantile: 0.95), intervalSeconds: 60,
        headroom: [.prefill: headroom]
      ).size(
        TrafficForecast(predictor: .constant, requestCount: 240_000, isl: 2500, osl: 250),
        newest: lengths, indexOfDispersion: 1, profile: Profiles.h200())[.prefill])
    #expect(sizing.expectation?.headroom == headroom)
    #expect(sizing.warnings.contains { $0.contains("on an idle engine") })
  }

  @Test("work that waits adds replicas until it is worked off")
  func backlog() throws {
    func waiting(_ queued: Double, inFlight: Double) -> TrafficObservation {
      TrafficObservation(
        intervalEnd: 60, requestCount: 1200, arrivals: Arrivals(count: 1200, basis: .started),
        inFlightRequests: inFlight, queuedRequests: queued)
    }
    let usual = Self.counts(try Self.size(newest: waiting(15, inFlight: 60)))
    #expect(usual == Self.counts(try Self.size()))
    let prompts = try Self.size(newest: waiting(620, inFlight: 680))
    #expect(prompts[.prefill]?.expectation?.backlogRequests == 600)
    #expect(prompts[.decode]?.expectation?.backlogRequests == 600, "they are decoded as well")
    #expect(zip(Self.counts(prompts), usual).allSatisfy { $0 > $1 })
    let sequences = Self.counts(try Self.size(newest: waiting(15, inFlight: 1500)))
    #expect(sequences[0] == usual[0])
    #expect(sequences[1] > usual[1])
  }

  @Test("a target that an idle engine misses is said, and the count stays within reason")
  func unreachable() throws {
    let sizings = try Self.size(ttft: 10, itl: 1)
    let reachable = try Self.size(ttft: 400, itl: 8)
    for (component, sizing) in sizings {
      #expect(sizing.expectation?.bound == .idleEngine)
      #expect(sizing.warnings.contains { $0.contains("idle engine") })
      #expect(sizing.replicas >= reachable[component]?.replicas ?? .max)
      #expect(Double(sizing.replicas) < 60 * (sizing.exactReplicas ?? 0))
    }
  }

  @Test("without traffic the minimum counts", arguments: [1, 3])
  func idle(minimum: Int) throws {
    let sizings = try Self.size(requestsPerSecond: 0, isl: 0, osl: 0, minimum: minimum)
    #expect(Self.counts(sizings) == [minimum, minimum])
  }

  @Test(
    "absurd numbers give counts all the same",
    arguments: [Double.nan, .infinity, -.infinity, -5, 0, 1e-300, 1e300])
  func absurd(value: Double) throws {
    let strange = TrafficObservation(
      intervalEnd: 60, requestCount: value, arrivals: Arrivals(count: value, basis: .started),
      inFlightRequests: value, queuedRequests: value)
    for sizings in [
      try Self.size(requestsPerSecond: value), try Self.size(isl: value),
      try Self.size(osl: value), try Self.size(dispersion: value),
      try Self.size(newest: strange),
      try Self.size(requestsPerSecond: value, isl: value, osl: value),
    ] {
      for sizing in sizings.values {
        #expect((1...ReplicaSizing.largestCount).contains(sizing.replicas))
        let detail = try #require(sizing.expectation)
        #expect(!detail.outlook.attainment.isNaN && !detail.outlook.utilisation.isNaN)
      }
    }
  }

  @Test("the spread of prompt lengths counts as the histogram tells it")
  func spread() throws {
    func mixed(_ counts: [Double]) throws -> TrafficObservation {
      TrafficObservation(
        intervalEnd: 60, requestCount: 1200,
        spread: TrafficSpread(
          isl: BucketCounts(upperBounds: [2500, 3500, 20_000, 30_000], counts: counts + [0])))
    }
    let equal = try Self.size(ttft: 400, newest: try mixed([0, 1000, 0, 0]))[.prefill]
    let unequal = try Self.size(ttft: 400, newest: try mixed([950, 0, 0, 50]))[.prefill]
    #expect(try #require(equal).replicas < #require(unequal).replicas)
  }

  @Test("headroom adds replicas, and more headroom never takes any away")
  func headroom() throws {
    func counts(_ factor: Double) throws -> [Int] {
      let headroom = DemandHeadroom(factor: factor, share: 0.95, intervals: 200)
      return Self.counts(
        try SLASizing(
          policy: Self.policy(), sla: SLASizingPolicy(), intervalSeconds: 60,
          headroom: [.prefill: headroom, .decode: headroom]
        ).size(
          TrafficForecast(predictor: .constant, requestCount: 12_000, isl: 3000, osl: 250),
          newest: nil, indexOfDispersion: 1, profile: try Profiles.h200()))
    }
    // The forecast itself is held to the whole share, with or without room for more.
    var last = Self.counts(try Self.size(requestsPerSecond: 200))
    #expect(try counts(1) == last)
    for step in 0...20 {
      let now = try counts(1 + Double(step) / 10)
      #expect(zip(now, last).allSatisfy { $0 >= $1 })
      last = now
    }
    #expect(zip(last, try counts(1)).allSatisfy { $0 > 2 * $1 })
  }

  @Test(
    "what components may miss is divided so that all together keep the share asked for",
    arguments: [0.5, 0.9, 0.95, 0.99, 0.999])
  func risk(quantile: Double) {
    let alone = SLARisk(quantile: quantile, components: 1)
    #expect(alone.share == quantile)
    let both = SLARisk(quantile: quantile, components: 2)
    #expect((both.share * both.share - quantile).magnitude < 1e-12)
    for risk in [alone, both] {
      #expect(risk.shareWithHeadroom <= risk.share && risk.shareWithHeadroom >= 0.5)
    }
  }

  @Test("a decision tells its sizing, and what one replica less would give")
  func explained() throws {
    var policy = Given.policy(throughput: true)
    policy.throughput?.sizing = .sla(SLASizingPolicy())
    let (decision, state) = try DecisionRuleTests.decide(
      policy, Given.position([.prefill: 1, .decode: 1]), traffic: DecisionRuleTests.known())
    let prefill = try #require(decision.components[.prefill])
    #expect(prefill.explanation.contains("of the first tokens come within 200 ms"))
    #expect(prefill.explanation.contains("\((prefill.final ?? 0) - 1) would keep"))
    #expect(decision.components[.decode]?.explanation.contains("sequences") == true)
    #expect(state.plan?.replicas[.decode] == decision.components[.decode]?.throughput)
    #expect(try RoundTrip.json(decision) == decision)
  }
}
