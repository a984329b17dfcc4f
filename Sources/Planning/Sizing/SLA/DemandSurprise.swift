import NumericalMethods

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// How much more work came than was planned for, interval by interval.
///
/// A forecast says what is likely; bursts, a day that begins earlier and runs of long prompts bring
/// more. How much more, and how often, the deployment's own past tells: the work of each interval
/// (prompt tokens for prefill, output tokens for decode) over that of the plans whose replicas had
/// had the time to start by then. The next plan leaves room for the ratio that all but a small share
/// of the requests stayed below: a one-sided prediction interval from past errors, as in conformal
/// prediction.
///
/// Ratios count by how alike their plan was to the present one in being above or below the usual:
/// after a quiet minute more surprise is to be expected than in the midst of a burst.
package struct DemandSurprise: Codable, Sendable, Equatable {
  fileprivate var history: [Component: History] = [:]

  /// One component's plans and what became of them.
  fileprivate struct History: Codable, Sendable, Equatable {
    /// Plans that replicas may still stand for, oldest first.
    var plans: [Plan] = []
    /// Geometric moving average of the planned work, tokens a second.
    var usual: Double?
    // What intervals brought, oldest first: three lists of numbers take a third of the text that a
    // list of objects would.
    /// Actual over planned work.
    var ratios: [Double] = []
    /// Logarithm of the planned over the usual work.
    var levels: [Double] = []
    /// Actual work, tokens a second.
    var work: [Double] = []
  }

  fileprivate struct Plan: Codable, Sendable, Equatable {
    /// End of the interval that it was made after, Unix seconds.
    var intervalEnd: Int
    var work: Double
    var level: Double
  }

  /// Intervals that are remembered.
  private static let window = 200
  /// Weight of the newest plan in the usual.
  private static let usualWeight = 0.05
  /// Difference of levels at which a ratio counts for 0.6 of one at the present level.
  private static let levelWidth = 0.2
  /// Weight of ratios from which on only what was seen counts.
  private static let fullTrust = 20.0
  /// Ratios that are assumed before: log-normal with a deviation of a tenth.
  private static let assumed = (0..<20).map {
    exp(0.1 * NormalDistribution.quantile((Double($0) + 0.5) / 20))
  }
  private static let bounds = 0.1...20.0
  /// The most to plan for over the most that any remembered interval brought.
  fileprivate static let largestRecord = 1.1
  fileprivate static let fewestForRecord = 10

  /// Creates a memory of nothing.
  package init() {}

  /// Remembers the work that is planned for, tokens a second.
  package mutating func plan(_ work: [Component: Double], intervalEnd: Int) {
    for (component, work) in work where work.isFinite && work > 0 {
      var past = history[component] ?? History()
      let usual = past.usual ?? work
      let level = log(work / usual)
      past.usual = usual * exp(Self.usualWeight * level)
      past.plans.removeAll { $0.intervalEnd >= intervalEnd }
      past.plans.append(Plan(intervalEnd: intervalEnd, work: work, level: level))
      if past.plans.count > Self.window { past.plans.removeFirst() }
      history[component] = past
    }
  }

  /// Compares an interval's work, tokens a second, with what was planned for it: the most of those
  /// plans whose replicas could be ready when it began and which still keep the deployment from
  /// shrinking.
  package mutating func learn(
    _ work: [Component: Double], intervalEnd: Int, intervalSeconds: Int, startUpSeconds: Int,
    stabilizationSeconds: Double
  ) {
    let latest = intervalEnd - intervalSeconds - startUpSeconds
    let earliest = Double(latest) - max(stabilizationSeconds, Double(intervalSeconds))
    for component in history.keys {
      history[component]?.plans.removeAll { Double($0.intervalEnd) <= earliest }
      let plans = history[component]?.plans.filter { $0.intervalEnd <= latest } ?? []
      guard let plan = plans.max(by: { $0.work < $1.work }), let actual = work[component],
        actual.isFinite, actual > 0
      else { continue }
      let ratio = min(max(actual / plan.work, Self.bounds.lowerBound), Self.bounds.upperBound)
      history[component]?.append(ratio: ratio, level: plan.level, work: actual, window: Self.window)
    }
  }

  /// Room for what at most a share 1 − `share` of the requests exceeded.
  package func headroom(_ component: Component, covering share: Double) -> DemandHeadroom {
    let past = history[component] ?? History()
    let level = past.plans.last?.level ?? 0
    var weighted = zip(past.ratios, past.levels).map { ratio, then in
      let distance = (then - level) / Self.levelWidth
      return (ratio: ratio, alike: exp(-0.5 * distance * distance))
    }
    let trust = min(1, weighted.reduce(0) { $0 + $1.alike } / Self.fullTrust)
    if trust < 1 { weighted += Self.assumed.map { (ratio: $0, alike: 1 - trust) } }
    weighted.sort { $0.ratio > $1.ratio }
    // An interval with more work is one of more requests.
    let total = weighted.reduce(0) { $0 + $1.ratio * $1.alike }
    var rest = total * (1 - share)
    let covering =
      weighted.first { pair in
        rest -= pair.ratio * pair.alike
        return rest < 0
      } ?? weighted.last
    return DemandHeadroom(
      factor: max(1, min(covering?.ratio ?? 1, past.largestFactor ?? .infinity)), share: share,
      intervals: past.ratios.count)
  }
}

extension DemandSurprise.History {
  fileprivate mutating func append(ratio: Double, level: Double, work: Double, window: Int) {
    ratios.append((ratio * 1000).rounded() / 1000)
    levels.append((level * 100).rounded() / 100)
    self.work.append(work < 1000 ? work : work.rounded())
    ratios = ratios.suffix(window)
    levels = levels.suffix(window)
    self.work = self.work.suffix(window)
  }

  /// The factor at which the newest plan is somewhat more than any interval brought; nil while too
  /// few are known.
  fileprivate var largestFactor: Double? {
    guard work.count >= DemandSurprise.fewestForRecord, let most = work.max(),
      let planned = plans.last?.work
    else { return nil }
    return DemandSurprise.largestRecord * most / planned
  }
}
