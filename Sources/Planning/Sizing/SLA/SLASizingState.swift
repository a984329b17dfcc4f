#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What the intervals so far taught about engines and traffic that profile and forecast don't know.
///
/// After each interval the share of its requests within TTFT, of its tokens within ITL, is compared
/// with the share that was to be expected of the traffic that came and of the replicas that were there. Where fewer
/// were within it than both that and what is planned for, engines count as slower than profiled,
/// and the other way round. Traffic that nobody foresaw is not the engines' fault: it is
/// ``DemandModel``'s affair.
public struct SLASizingState: Codable, Sendable, Equatable {
  /// How many times as slow engines are as their levels say, by the shares within the targets.
  public var slowdown = EngineSlowdown()
  /// How slow engines are by the level of their latencies; ``slowdown`` is what shares say beyond it.
  var levels = EngineLevels()
  /// Variance over mean of the arrivals, a moving average; nil before any was known.
  public var indexOfDispersion: Double?
  /// What work will come.
  package var demand = DemandModel()
  /// How long workers took to start.
  package var startUp = StartUpTimes()
  /// What the engines do, as far as traffic taught it; nil before any did.
  package var engine: EngineLearning?
  /// What the workers' caches hold of prompts; nil before anything was told.
  package var cache: CacheLearning?
  /// Replicas that were ready at the end of the interval before.
  package var ready: [Component: Int] = [:]
  /// Intervals of a component whose misses may still come from work left over by one that was
  /// foreseen to go badly.
  private var excusedIntervals: [Component: Int] = [:]

  /// What the slowdown stays within.
  public static let bounds = 0.7...2.0
  /// Change of a slowdown's logarithm over 180 s in which twice as many missed as may.
  private static let gain = 0.02
  private static let largestRise = 0.1
  private static let largestFall = -0.02
  /// The change while all is well: what a bad hour taught is forgotten in one or two.
  private static let recovery = 0.005
  /// Requests below which an interval teaches nothing.
  static let fewestRequests = 20.0
  private static let dispersionWeight = 0.2
  private static let longestExcuse = 5
  /// An interval of which less than this was to be expected was overloaded.
  private static let overloadedShare = 0.5

  /// Creates the state of a rule that has learned nothing.
  public init() {}

  /// Takes how many times as long as profiled a component's requests took.
  ///
  /// What shares said before is the less likely to be more than that the longer levels are known: a
  /// third of it goes with each interval of 180 s.
  mutating func learnLevel(_ ratio: Double, of component: Component, seconds: Double) {
    levels.observe(ratio, of: component, seconds: seconds)
    let kept = exp(-seconds / 450)
    switch component {
    case .prefill: slowdown.prefill = pow(slowdown.prefill, kept)
    case .decode: slowdown.decode = pow(slowdown.decode, kept)
    }
  }

  /// How many times as slow as profiled engines are, as far as it counts for sizing.
  public var effectiveSlowdown: EngineSlowdown {
    func bounded(_ factor: Double) -> Double {
      min(max(factor, Self.bounds.lowerBound), Self.bounds.upperBound)
    }
    return EngineSlowdown(
      prefill: bounded(slowdown.prefill * levels.factor(.prefill)),
      decode: bounded(slowdown.decode * levels.factor(.decode)))
  }

  /// Learns the dispersion of an interval's arrivals.
  package mutating func learnDispersion(_ observation: TrafficObservation) {
    guard let index = observation.arrivals?.indexOfDispersion, index.isFinite, index >= 0 else {
      return
    }
    let measured = min(index, TrafficDemand.largestDispersion)
    indexOfDispersion =
      indexOfDispersion.map { $0 + Self.dispersionWeight * (measured - $0) } ?? measured
  }

  /// Learns from the shares of an interval's requests within the targets.
  ///
  /// - Parameters:
  ///   - hindsight: what was to be expected.
  ///   - quantile: share of the requests that each component is planned to keep within its target.
  package mutating func learn(
    _ observation: TrafficObservation, hindsight: SLAHindsight, quantile: Double,
    targets: LatencyTargets, intervalSeconds: Int
  ) {
    guard observation.requestCount >= Self.fewestRequests else { return }
    let pace = min(1, Double(intervalSeconds) / 180)
    func learned(
      _ slowdown: Double, _ component: Component, _ latencies: BucketCounts?, target: Double
    ) -> Double {
      let excuse = excuse(component, hindsight)
      guard let kept = latencies?.share(atMost: target), kept.isFinite else { return slowdown }
      // Of an overloaded interval the expectation is as wrong as the interval was bad.
      var change =
        excuse == .foreseen
        ? Self.rest(of: slowdown)
        : Self.change(
          of: slowdown, expected: hindsight.shares[component], kept: kept, quantile: quantile)
      if excuse != nil { change = min(change, 0) }
      return min(max(slowdown * exp(change * pace), Self.bounds.lowerBound), Self.bounds.upperBound)
    }
    slowdown.prefill = learned(
      slowdown.prefill, .prefill, observation.spread?.ttftMilliseconds,
      target: targets.ttftMilliseconds)
    slowdown.decode = learned(
      slowdown.decode, .decode, observation.spread?.itlMilliseconds, target: targets.itlMilliseconds
    )
  }

  /// Change of a slowdown's logarithm. Where nothing can be expected it goes towards 1; where all is
  /// well one above 1 does too, while one below 1 has just been confirmed.
  private static func change(
    of slowdown: Double, expected: Double?, kept: Double, quantile: Double
  ) -> Double {
    guard let expected else { return rest(of: slowdown) }
    let due = min(expected, quantile)
    let mayMiss = max(1 - due, 1e-6)
    if kept < due { return min(gain * (due - kept) / mayMiss, largestRise) }
    if kept > expected { return max(gain * (expected - kept) / mayMiss, largestFall) }
    return min(rest(of: slowdown), 0)
  }

  /// A step towards 1.
  private static func rest(of slowdown: Double) -> Double {
    min(max(-log(slowdown), -recovery), recovery)
  }

  /// Why a component's misses say nothing of its engines.
  private enum Excuse {
    /// Replicas were missing, or far more came than they could serve.
    case foreseen
    /// What an interval like that left over has not been worked off yet.
    case leftOver
  }

  private mutating func excuse(_ component: Component, _ hindsight: SLAHindsight) -> Excuse? {
    if hindsight.short.contains(component)
      || hindsight.shares[component] ?? 1 < Self.overloadedShare
    {
      excusedIntervals[component] = Self.longestExcuse
      return .foreseen
    }
    guard let left = excusedIntervals[component], left > 0 else { return nil }
    excusedIntervals[component] = hindsight.hasBacklog ? left - 1 : nil
    return .leftOver
  }

  private enum CodingKeys: String, CodingKey {
    case slowdown = "factors"
    case levels, indexOfDispersion, demand, startUp, engine, cache, ready, excusedIntervals
  }
}

extension SLASizingState {
  /// Decodes a state; earlier ones knew only slowdown and dispersion.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    slowdown = try container.decode(EngineSlowdown.self, forKey: .slowdown)
    levels = try container.decodeIfPresent(EngineLevels.self, forKey: .levels) ?? EngineLevels()
    indexOfDispersion = try container.decodeIfPresent(Double.self, forKey: .indexOfDispersion)
    demand = try container.decodeIfPresent(DemandModel.self, forKey: .demand) ?? DemandModel()
    startUp =
      try container.decodeIfPresent(StartUpTimes.self, forKey: .startUp) ?? StartUpTimes()
    cache = try container.decodeIfPresent(CacheLearning.self, forKey: .cache)
    engine = try container.decodeIfPresent(EngineLearning.self, forKey: .engine)
    ready = try container.decodeIfPresent([Component: Int].self, forKey: .ready) ?? [:]
    excusedIntervals =
      try container.decodeIfPresent([Component: Int].self, forKey: .excusedIntervals) ?? [:]
  }
}
