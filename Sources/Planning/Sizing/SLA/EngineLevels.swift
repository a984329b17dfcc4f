import EngineProfiles
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// How slow engines are by the level of their latencies: what they took over what the profile says
/// they take under the load that they had.
///
/// Shares of requests within a target saturate: an engine a quarter slower keeps 100 % of light
/// traffic within it. Mean ITL at a known number of sequences, and mean TTFT with the waits that such
/// an engine would have, tell it in a few intervals. Only what differs by more than the profile itself
/// errs counts.
struct EngineLevels: Codable, Sendable, Equatable {
  /// Mean logarithms of observed over profiled latency, by component.
  private var logs: [Component: Double] = [:]
  /// Ratios that were taken, as far as it matters.
  private var counts: [Component: Int] = [:]

  /// Seconds over which a ratio counts.
  private static let paceSeconds = 600.0
  private static let mostCounts = 1000
  /// A profile's rows miss each other by up to a twentieth.
  private static let profileError = 0.05
  /// What a ratio stays within: beyond it the load, not the engine, was another than assumed.
  private static let bounds = 0.5...3.0

  /// Slowdown of a component by its levels; 1 where it is within what the profile errs.
  func factor(_ component: Component) -> Double {
    guard let log = logs[component], abs(log) > Self.profileError else { return 1 }
    return exp(log)
  }

  /// Takes how many times as long as profiled something took in an interval of so many seconds.
  mutating func observe(_ ratio: Double, of component: Component, seconds: Double) {
    guard ratio.isFinite, Self.bounds.contains(ratio) else { return }
    let count = (counts[component] ?? 0) + 1
    let known = logs[component] ?? 0
    // The mean of all at first: one interval's queue is chance, four tell.
    let weight = max(1 / Double(count), 1 - exp(-seconds / Self.paceSeconds))
    logs[component] = known + weight * (log(ratio) - known)
    counts[component] = min(count, Self.mostCounts)
  }
}

extension DecodeLoad {
  /// How many times as long as profiled a token took; nil where that can't be told.
  ///
  /// Tokens a second of a replica times the time that each takes are the sequences it has (Little),
  /// whatever the engine: with 900 tokens a second at 20 ms there are 18. A sequence sees itself and
  /// the swings beside those.
  ///
  /// - Parameters:
  ///   - tokensPerSecond: tokens a second that each replica gave out.
  ///   - itlMilliseconds: mean time of each.
  func ratio(tokensPerSecond: Double, itlMilliseconds: Double, replicas: Int) -> Double? {
    let mean = tokensPerSecond * itlMilliseconds / 1000
    guard mean > 0, mean < room else { return nil }
    let profiled = seenITL(mean: mean, replicas: replicas) / slowdown
    return profiled > 0 ? itlMilliseconds / profiled : nil
  }
}

extension SLASizing {
  /// Slowdowns that are looked for.
  private static let slowdowns = 0.5...3.0
  /// Load above which waits say more of chance than of the engine.
  private static let highestUtilisation = 0.95

  /// The prefill slowdown with which the mean TTFT is what was seen, waits included: a slower engine
  /// has longer queues too, and to take those for its speed would count it twice. Nil where none is,
  /// or where nearly everything waits.
  func prefillSlowdown(
    _ demand: TrafficDemand, _ curve: PrefillCurve, ttftMilliseconds: Double, replicas: Int
  ) -> Double? {
    func work(_ slowdown: Double) -> PrefillQueue {
      SLASizing(
        policy: policy, sla: sla, intervalSeconds: intervalSeconds,
        slowdown: EngineSlowdown(prefill: slowdown), cachedShare: cachedShare
      ).prefillQueue(demand, curve)
    }
    func isQuicker(_ slowdown: Double) -> Bool {
      let work = work(slowdown)
      return (work.queue(replicas).meanWait + work.meanUnqueued) * 1000 < ttftMilliseconds
    }
    guard isQuicker(Self.slowdowns.lowerBound), !isQuicker(Self.slowdowns.upperBound) else {
      return nil
    }
    let slowdown = bisect(
      Self.slowdowns.lowerBound, Self.slowdowns.upperBound, halvings: 10, holds: isQuicker
    ).high
    return work(slowdown).offeredLoad < Self.highestUtilisation * Double(replicas) ? slowdown : nil
  }
}
