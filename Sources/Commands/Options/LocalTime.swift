import Application
import Glibc
import Presentation

extension TimeStyle {
  /// The time of this machine, as `TZ` or the system says.
  static let local = TimeStyle { unixSeconds in
    var time = time_t(max(-1e15, min(unixSeconds, 1e15)))
    var parts = tm()
    return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
  }

  /// The moment that a flag names.
  ///
  /// - Throws: ``CommandFailure`` for what is no time.
  func moment(_ text: String, _ flag: String, now: Double) throws -> Double {
    if let seconds = unixSeconds(text, now: now) { return seconds }
    if let ago = Durations.seconds(text) { return now - ago }
    throw CommandFailure(
      .usage,
      "\(flag) is a time (2026-11-16, 2026-11-16T08:00, 21:05, today, yesterday), a time ago (90m, 1h, 2d) or Unix seconds, not '\(text)'."
    )
  }
}
