import Presentation

/// The rule that a time zone goes on by: `CET-1CEST,M3.5.0,M10.5.0/3`. Source: POSIX, environment
/// variable TZ, and RFC 8536 for hours from -167 to 167.
struct PosixTimeZone: Sendable, Equatable {
  /// A day of the year with a time of day.
  private struct Change: Sendable, Equatable {
    enum Day: Sendable, Equatable {
      /// Day of the week 0…6 in week 1…5 of a month.
      case week(month: Int, week: Int, weekday: Int)
      /// 1…365, never the leap day.
      case julian(Int)
      /// 0…365.
      case ordinal(Int)
    }

    var day: Day
    var seconds: Int

    /// Seconds since 1970 in local time.
    func local(_ year: Int) -> Int { dayNumber(year) * 86_400 + seconds }

    private func dayNumber(_ year: Int) -> Int {
      let newYear = CivilDay(year: year, month: 1, day: 1).daysSinceEpoch
      switch day {
      case .ordinal(let number): return newYear + number
      case .julian(let number):
        let isLeap = CivilDay(year: year, month: 2, day: 29).isReal
        return newYear + number - 1 + (isLeap && number > 59 ? 1 : 0)
      case .week(let month, let week, let weekday):
        let first = CivilDay(year: year, month: month, day: 1).daysSinceEpoch
        let shift = ((weekday - (first + 4)) % 7 + 7) % 7
        var number = first + shift + (week - 1) * 7
        while CivilDay(daysSinceEpoch: number).month != month { number -= 7 }
        return number
      }
    }
  }

  private let standard: Int
  private let summer: Int?
  private let begins: Change?
  private let ends: Change?

  /// Reads a rule; nil when `text` is none.
  init?(_ text: String) {
    var rest = Substring(text)
    guard Self.name(&rest), let west = Self.time(&rest) else { return nil }
    standard = -west
    guard !rest.isEmpty else {
      summer = nil
      begins = nil
      ends = nil
      return
    }
    guard Self.name(&rest) else { return nil }
    var offset = -west + 3600
    if let first = rest.first, first != "," {
      guard let given = Self.time(&rest) else { return nil }
      offset = -given
    }
    guard let begins = Self.change(&rest), let ends = Self.change(&rest), rest.isEmpty else {
      return nil
    }
    summer = offset
    self.begins = begins
    self.ends = ends
  }

  /// Seconds ahead of UTC.
  func offset(at unixSeconds: Double) -> Int {
    guard let summer, let begins, let ends,
      let day = CivilDay(unixSeconds: unixSeconds + Double(standard))
    else { return standard }
    let start = Double(begins.local(day.year) - standard)
    let end = Double(ends.local(day.year) - summer)
    // South of the equator summer holds over the new year.
    let isSummer =
      start < end
      ? unixSeconds >= start && unixSeconds < end : unixSeconds >= start || unixSeconds < end
    return isSummer ? summer : standard
  }

  private static func name(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let end = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let letters = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(letters.count)
    return letters.count >= 3
  }

  /// Seconds of `[+-]h[:mm[:ss]]`.
  private static func time(_ rest: inout Substring) -> Int? {
    var sign = 1
    if let first = rest.first, first == "+" || first == "-" {
      sign = first == "-" ? -1 : 1
      rest.removeFirst()
    }
    let text = rest.prefix { $0.isNumber || $0 == ":" }
    rest = rest.dropFirst(text.count)
    let parts = text.split(separator: ":").map { Int($0) }
    guard (1...3).contains(parts.count), let hours = parts[0] else { return nil }
    var seconds = hours * 3600
    if parts.count > 1 { seconds += (parts[1] ?? 0) * 60 }
    if parts.count > 2 { seconds += parts[2] ?? 0 }
    return sign * seconds
  }

  private static func change(_ rest: inout Substring) -> Change? {
    guard rest.first == "," else { return nil }
    rest.removeFirst()
    let text = rest.prefix { $0 != "," && $0 != "/" }
    rest = rest.dropFirst(text.count)
    var seconds = 7200
    if rest.first == "/" {
      rest.removeFirst()
      guard let given = time(&rest) else { return nil }
      seconds = given
    }
    if text.first == "M" {
      let parts = text.dropFirst().split(separator: ".").compactMap { Int($0) }
      guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]),
        (0...6).contains(parts[2])
      else { return nil }
      return Change(
        day: .week(month: parts[0], week: parts[1], weekday: parts[2]), seconds: seconds)
    }
    if text.first == "J" {
      return Int(text.dropFirst()).map { Change(day: .julian($0), seconds: seconds) }
    }
    return Int(text).map { Change(day: .ordinal($0), seconds: seconds) }
  }
}
