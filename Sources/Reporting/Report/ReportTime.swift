import Invocation

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
      let seconds = Int(time.rounded().magnitude)
      func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
      return
        "\(time < 0 ? "-" : "")\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
  }

  /// What stands above a column of times.
  var heading: String { self == .utc ? "Time (UTC)" : "Time (h:mm:ss)" }
}

/// A day of the Gregorian calendar.
struct CivilDay: Equatable {
  var year: Int
  /// 1…12.
  var month: Int
  /// 1…31.
  var day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The UTC day that holds a moment; nil outside the years 0…9999.
  init?(unixSeconds: Double) {
    let parts = rfc3339(unixSeconds.rounded(.down)).prefix { $0 != "T" }.split(separator: "-")
    guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]),
      let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Midnight at its beginning, Unix seconds.
  ///
  /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms" (`days_from_civil`).
  var unixSeconds: Double {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Double(era * 146_097 + dayOfEra - 719_468) * 86_400
  }

  /// `Nov`.
  var monthName: String {
    let names = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    return names.indices.contains(month - 1) ? names[month - 1] : "?"
  }

  /// Unix seconds of a moment as `rfc3339` writes it; nil for any other text.
  static func unixSeconds(rfc3339 text: String) -> Double? {
    let halves = text.split(separator: "T", maxSplits: 1)
    guard halves.count == 2, halves[1].last == "Z" else { return nil }
    let date = halves[0].split(separator: "-").compactMap { Int($0) }
    let clock = halves[1].dropLast().split(separator: ":")
    guard date.count == 3, clock.count == 3, (0...9999).contains(date[0]),
      (1...12).contains(date[1]), (1...31).contains(date[2]), let hour = Int(clock[0]),
      let minute = Int(clock[1]), let second = Double(clock[2]), (0..<24).contains(hour),
      (0..<60).contains(minute), second >= 0, second < 61
    else { return nil }
    return CivilDay(year: date[0], month: date[1], day: date[2]).unixSeconds
      + Double(hour * 3600 + minute * 60) + second
  }
}
