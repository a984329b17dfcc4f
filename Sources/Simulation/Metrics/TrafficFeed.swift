import Planning

/// Counts the frontend's traffic in windows of one length and hands them to a policy when they are
/// known.
struct TrafficFeed: Sendable {
  /// Length of the windows in seconds, at least 1.
  let seconds: Int
  /// Seconds after its end that a window is known.
  private let lateness: Double
  private let epoch: Int
  private var ended: [IntervalMetrics] = []
  private var countedAtStart = FrontendCounters()
  /// When the window ends that is under way.
  private(set) var nextEnd: Double

  /// - Parameter epoch: Unix seconds of time zero, a multiple of `seconds`.
  init(seconds: Int, epoch: Int, lateness: Double) {
    self.seconds = max(1, seconds)
    self.epoch = epoch
    self.lateness = lateness
    nextEnd = Double(self.seconds)
  }

  /// Ends the window that is under way; the cluster is settled and stands at ``nextEnd``.
  ///
  /// - Parameter scrapes: what is known of the counters; nil for everything.
  mutating func close(_ cluster: ClusterSimulation, scrapes: CounterScrapes?) {
    let start = nextEnd - Double(seconds)
    var metrics = IntervalMetrics(
      end: epoch + Int(nextEnd), seconds: seconds,
      counters: cluster.counters.since(countedAtStart), inFlight: cluster.inFlight,
      queued: cluster.queued,
      indexOfDispersion: cluster.trace.indexOfDispersion(from: start, seconds: Double(seconds)))
    countedAtStart = cluster.counters
    nextEnd += Double(seconds)
    if let scrapes {
      guard let told = scrapes.increase(from: start, to: start + Double(seconds)) else { return }
      metrics.counters = told.counters
      metrics.extrapolation = told.factor
      metrics.inFlight = told.last.inFlight
      metrics.queued = told.last.queued
    }
    ended.append(metrics)
  }

  /// Hands the windows out that are known at `now` and were not handed out before.
  mutating func take(at now: Double) -> [IntervalMetrics] {
    let known = ended.prefix { Double($0.end - epoch) + lateness <= now }
    ended.removeFirst(known.count)
    return Array(known)
  }
}
