import Presentation

/// When something begins, as cron says it: minute, hour, day of the month, month, day of the week.
///
/// Each field is `*`, a number, a range `1-5`, a step `*/15` or `8-18/2`, or several separated by
/// commas; months and days of the week also by their first three letters. Where both days are
/// limited, one of them is enough. Source: crontab(5).
public struct CronExpression: Sendable, Equatable {
  let minutes: Set<Int>
  let hours: Set<Int>
  private let daysOfMonth: Set<Int>
  private let months: Set<Int>
  private let daysOfWeek: Set<Int>
  private let limitsDayOfMonth: Bool
  private let limitsDayOfWeek: Bool

  /// Reads the five fields; nil when `text` is none.
  public init?(_ text: String) {
    let fields = text.split(separator: " ").map(String.init)
    let monthNames = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    guard fields.count == 5, let minutes = Self.values(fields[0], 0...59),
      let hours = Self.values(fields[1], 0...23), let days = Self.values(fields[2], 1...31),
      let months = Self.values(fields[3], 1...12, names: monthNames, first: 1),
      let weekdays = Self.values(fields[4], 0...7, names: dayNames, first: 0)
    else { return nil }
    self.minutes = minutes
    self.hours = hours
    self.months = months
    daysOfMonth = days
    // 7 is Sunday, too.
    daysOfWeek = Set(weekdays.map { $0 % 7 })
    limitsDayOfMonth = !fields[2].hasPrefix("*")
    limitsDayOfWeek = !fields[4].hasPrefix("*")
  }

  /// Whether it begins on `day` at some time.
  func matches(_ day: CivilDay) -> Bool {
    guard months.contains(day.month) else { return false }
    // 1970-01-01 was a Thursday.
    let weekday = ((day.daysSinceEpoch + 4) % 7 + 7) % 7
    let byMonth = daysOfMonth.contains(day.day)
    let byWeek = daysOfWeek.contains(weekday)
    return limitsDayOfMonth && limitsDayOfWeek ? byMonth || byWeek : byMonth && byWeek
  }

  private static func values(
    _ field: String, _ range: ClosedRange<Int>, names: [String] = [], first: Int = 0
  ) -> Set<Int>? {
    var values: Set<Int> = []
    for part in field.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let span = halves.first else { return nil }
      let step = halves.count == 2 ? Int(halves[1]) : 1
      guard let step, step > 0 else { return nil }
      func number(_ text: Substring) -> Int? {
        names.firstIndex(of: String(text)).map { $0 + first } ?? Int(text)
      }
      let bounds: (Int, Int)
      if span == "*" {
        bounds = (range.lowerBound, range.upperBound)
      } else {
        let ends = span.split(separator: "-", omittingEmptySubsequences: false).map(number)
        guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1]
        else { return nil }
        bounds = (low, ends.count == 1 && halves.count == 2 ? range.upperBound : high)
      }
      guard bounds.0 <= bounds.1, range.contains(bounds.0), range.contains(bounds.1) else {
        return nil
      }
      values.formUnion(stride(from: bounds.0, through: bounds.1, by: step))
    }
    return values.isEmpty ? nil : values
  }
}
