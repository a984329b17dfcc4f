/// How the share of the requests that may miss their targets is divided.
///
/// With two components each has to keep the root of the share asked for, so that both together keep
/// it. What a component may miss falls due mostly when more comes than was planned for. Two rules
/// of thumb stand for the mean over all that may come, which would take ten times as long to find:
/// - headroom is left for all but twice that share of the requests, because half of those that come
///   in an interval with still more are served in time: its beginning, and what prefill and decode
///   can still take;
/// - in an interval at the very edge of the headroom ten times that share may miss, because a tenth
///   of the requests at most comes in such intervals, and in the others hardly any misses.
package struct SLARisk: Sendable {
  /// Share of the requests that a component keeps within its target in the long run.
  let share: Double

  /// - Parameters:
  ///   - quantile: share of the requests that all components together shall keep.
  ///   - components: how many there are.
  package init(quantile: Double, components: Int) {
    share = components > 1 ? quantile.squareRoot() : quantile
  }

  /// Share that is to meet the target at the edge of the headroom.
  var shareWithHeadroom: Double { max(0.5, 1 - 10 * (1 - share)) }
}
