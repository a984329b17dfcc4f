import NumericalMethods
import Planning

/// Finds out, interval by interval, how many replicas would have been enough.
///
/// It knows every request to come and tries counts out on copies of the cluster: for each interval
/// the fewest replicas at which the share ``goal`` of its requests meet the targets, prefill by
/// TTFT first, then decode by ITL (of those that could meet them at all: a prompt that alone on an
/// engine takes longer than the target is nobody's fault). Replicas appear and vanish at once on
/// these copies; how early they have to be ordered is the business of ``OraclePlan``.
struct ReplicaOracle {
  let run: SimulationRun
  /// Length of the intervals, in seconds.
  let intervalSeconds: Double
  /// Share of the requests that could meet a target that shall meet it, 0…1.
  let goal: Double

  /// More replicas of a component than this are never tried.
  static let mostReplicas = 65_536

  /// The fewest replicas for every interval of the run.
  func plan() -> OraclePlan {
    var cluster = run.cluster(
      initialReplicas: [.prefill: 1, .decode: 1].filter { scaled.contains($0.key) },
      startUpSeconds: 0, log: 0..<0)
    var needs: [[Component: Int]] = []
    var start = 0.0
    while start < run.end {
      let needed = fewestReplicas(of: cluster, from: start, previous: needs.last ?? [:])
      for component in scaled { cluster.scale(component, to: needed[component] ?? 1) }
      needs.append(needed)
      start += intervalSeconds
      cluster.advance(to: start)
    }
    return OraclePlan(intervalSeconds: intervalSeconds, needs: needs)
  }

  private var scaled: [Component] { run.settings.cluster.mode.components }

  private func fewestReplicas(
    of cluster: ClusterSimulation, from start: Double, previous: [Component: Int]
  ) -> [Component: Int] {
    let requests = run.trace.requests(from: start, to: start + intervalSeconds)
    var needed: [Component: Int] = [:]
    for component in scaled { needed[component] = 1 }
    guard !requests.isEmpty else { return needed }
    let trial = OracleTrial(
      run: run, cluster: cluster, requests: requests, end: start + intervalSeconds)
    for component in scaled {
      let judge: OracleTrial.Judge =
        run.settings.cluster.mode == .agg ? .both : component == .prefill ? .ttft : .itl
      let spared = Int((Double(requests.count) * (1 - goal)).rounded(.down))
      let allowedMisses = trial.unavoidableMisses(judge) + spared
      needed[component] = Self.fewest(from: previous[component] ?? 1) { count in
        var counts = needed
        counts[component] = count
        return trial.misses(with: counts, judge: judge, stopAfter: allowedMisses) <= allowedMisses
      }
    }
    return needed
  }

  /// The smallest count for which `isEnough` is true, which is assumed to be so from there on.
  static func fewest(from guess: Int, isEnough: (Int) -> Bool) -> Int {
    var low = 0
    var high = max(1, guess)
    while !isEnough(high) {
      guard high < mostReplicas else { return high }
      low = high
      high = max(high + 1, high * 5 / 4)
    }
    // Neighbouring intervals need nearly the same, so the first steps down are small ones.
    var step = max(1, high / 16)
    while low == 0, high - step > 0, isEnough(high - step) {
      high -= step
      step *= 2
    }
    if low == 0 { low = max(0, high - step) }
    return bisect(low, high) { !isEnough($0) }.high
  }
}
