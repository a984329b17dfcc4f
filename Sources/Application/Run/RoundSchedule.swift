import Settings

/// When the rounds of a repeated run begin: every interval, as long as the time suffices.
///
/// Times are seconds since the first round began. With 55 s, an interval of 5 s and samples that
/// are spread over the interval, rounds begin at 0, 5.1, 10.2, …, the last one no later than 50.
struct RoundSchedule: Equatable {
  /// How long the run is repeated for; infinite without end.
  let totalSeconds: Double
  /// From the beginning of a round to that of the next; longer where a round takes longer.
  let intervalSeconds: Double
  /// What a round takes at least: the time over which it spreads its samples.
  let roundSeconds: Double

  /// The schedule of a run; nil when it has one round only.
  init?(_ settings: RunSettings) {
    guard let total = settings.repeatSeconds else { return nil }
    let load = settings.load
    self.init(
      totalSeconds: total, intervalSeconds: settings.roundSeconds,
      roundSeconds: (load?.metricSamples ?? 1) > 1 ? load?.intervalSeconds ?? 0 : 0)
  }

  init(totalSeconds: Double, intervalSeconds: Double, roundSeconds: Double) {
    self.totalSeconds = totalSeconds
    self.intervalSeconds = intervalSeconds
    self.roundSeconds = roundSeconds
  }

  /// Whether only a signal ends the run.
  var isEndless: Bool { totalSeconds == .infinity }

  /// When the next round begins; nil when it would not end in time.
  ///
  /// - Parameters:
  ///   - start: when the last round began.
  ///   - now: when it ended.
  func nextStart(after start: Double, endedAt now: Double) -> Double? {
    let next = max(start + intervalSeconds, now)
    return next + roundSeconds <= totalSeconds ? next : nil
  }
}
