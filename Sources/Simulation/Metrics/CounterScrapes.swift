import Planning

/// The frontend's counters as a Prometheus knows them: only at the moments of its scrapes, whose
/// increase over a window is extrapolated to the window's ends.
struct CounterScrapes: Sendable {
  /// What one scrape found.
  struct Sample: Sendable {
    /// Seconds from the trace's time zero.
    var time: Double
    var counters: FrontendCounters
    var inFlight: Int
    var queued: Int
  }

  /// Seconds from one scrape to the next, above 0.
  let periodSeconds: Double
  /// When the next one is due.
  private(set) var next: Double
  /// As many as the longest window needs, oldest first.
  private var samples: [Sample] = []
  private let keptSeconds: Double

  /// - Parameters:
  ///   - phase: when the first scrape is due, 0..<period.
  ///   - longestWindow: the longest window that will be asked for, in seconds.
  init(periodSeconds: Double, phase: Double, longestWindow: Double) {
    self.periodSeconds = periodSeconds
    next = phase
    keptSeconds = longestWindow + 2 * periodSeconds
  }

  /// Takes the scrape that is due; the cluster is settled.
  mutating func take(_ cluster: ClusterSimulation) {
    samples.append(
      Sample(
        time: cluster.now, counters: cluster.counters, inFlight: cluster.inFlight,
        queued: cluster.queued))
    next += periodSeconds
    // Half of the samples at a time, so that each one is moved once on average.
    let old = samples.prefix { $0.time < cluster.now - keptSeconds }.count
    if old > samples.count / 2 { samples.removeFirst(old) }
  }

  /// What the increase over `start`…`end` is told to be; nil with fewer than two scrapes in it.
  ///
  /// The observed increase is scaled to the window: by the time to each of its ends, or by half a
  /// scrape's distance where that is more than 1.1 of it away. With scrapes every 15 s at 4, 19, 34
  /// and 49 s, a window of 60 s is told (49 − 4 + 4 + 11) / 45 = 1.33 times the increase that was
  /// seen.
  ///
  /// Source: Prometheus, promql/functions.go, `extrapolatedRate` (without its rule for counters that
  /// began within the window).
  func increase(
    from start: Double, to end: Double
  ) -> (counters: FrontendCounters, factor: Double, last: Sample)? {
    let inside = samples.filter { $0.time > start && $0.time <= end }
    guard let first = inside.first, let last = inside.last, inside.count > 1 else { return nil }
    let seen = last.time - first.time
    let spacing = seen / Double(inside.count - 1)
    func reach(_ gap: Double) -> Double { gap < 1.1 * spacing ? gap : spacing / 2 }
    let factor = (seen + reach(first.time - start) + reach(end - last.time)) / seen
    return (last.counters.since(first.counters), factor, last)
  }
}
