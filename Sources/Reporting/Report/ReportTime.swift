import Presentation

/// How a report writes moments.
public enum ReportClock: Sendable, Equatable {
  /// Unix seconds, written as date and time in UTC.
  case utc
  /// Seconds, of a simulation that began at `since`, written as the hours, minutes and seconds that
  /// passed since then.
  case elapsed(since: Double)

  /// `time` in full, for a table.
  func text(_ time: Double) -> String {
    switch self {
    case .utc:
      let parts = rfc3339(time.rounded()).split(separator: "T")
      return parts.count == 2 ? "\(parts[0]) \(parts[1].dropLast())" : "invalid"
    case .elapsed(let since):
      let time = time - since
      guard time.magnitude < 1e12 else { return "invalid" }
      return Durations.clock(Int(time.rounded()))
    }
  }

  /// What stands above a column of times.
  var heading: String { self == .utc ? "Time (UTC)" : "Time (h:mm:ss)" }
}
