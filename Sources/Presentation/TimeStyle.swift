/// Points in time as text for people: in local time, with the offset from UTC behind it.
public struct TimeStyle: Sendable {
  /// Seconds that local time is ahead of UTC at a moment, Unix seconds.
  public var offsetSeconds: @Sendable (Double) -> Int

  /// Creates a style.
  public init(offsetSeconds: @escaping @Sendable (Double) -> Int) {
    self.offsetSeconds = offsetSeconds
  }

  /// Coordinated universal time.
  public static let utc = TimeStyle { _ in 0 }

  /// `2026-11-30T21:05:19+01:00`; UTC ends in `Z`.
  public func text(_ unixSeconds: Double) -> String {
    let offset = unixSeconds.isFinite ? offsetSeconds(unixSeconds) : 0
    let text = rfc3339(unixSeconds + Double(offset))
    guard offset != 0, text.hasSuffix("Z") else { return text }
    let minutes = offset.magnitude / 60
    return "\(text.dropLast())\(offset < 0 ? "-" : "+")\(Int(minutes / 60).padded(2)):"
      + "\(Int(minutes % 60).padded(2))"
  }

  /// The same of an RFC 3339 text; another text is left as it is.
  public func text(rfc3339 text: String) -> String { Instant.rfc3339(text).map(self.text) ?? text }

  /// `21:05` on the day of `now`, else `Dec 1 09:00`.
  public func short(_ unixSeconds: Double, now: Double) -> String {
    let local = unixSeconds + Double(offsetSeconds(unixSeconds))
    let localNow = now + Double(offsetSeconds(now))
    guard let day = CivilDay(unixSeconds: local) else { return "never" }
    let seconds = Int(local.rounded(.down)) - day.daysSinceEpoch * 86_400
    let clock = "\((seconds / 3600).padded(2)):\((seconds / 60 % 60).padded(2))"
    return day == CivilDay(unixSeconds: localNow) ? clock : "\(day.monthName) \(day.day) \(clock)"
  }

  /// Unix seconds of what a person writes for a point in time: `now`, `today`, `yesterday` (their
  /// beginning), `21:05` (of today), `2026-11-16`, `2026-11-16T08:00` with or without seconds and
  /// offset, Unix seconds; nil for anything else.
  ///
  /// - Parameter now: Unix seconds.
  public func unixSeconds(_ text: String, now: Double) -> Double? {
    if let seconds = Instant.unixSeconds(text) { return seconds }
    let today = CivilDay(unixSeconds: now + Double(offsetSeconds(now)))
    switch text {
    case "now": return now
    case "today": return today.map { unixSeconds($0.unixSeconds) }
    case "yesterday": return today.map { unixSeconds($0.unixSeconds - 86_400) }
    default: break
    }
    let isUTC = text.hasSuffix("Z") || text.hasSuffix("z")
    let parts = text.prefix(isUTC ? text.count - 1 : text.count)
      .split(omittingEmptySubsequences: false, whereSeparator: { "Tt ".contains($0) })
    if parts.count == 1, !isUTC, let clock = Self.clock(parts[0]) {
      return today.map { unixSeconds($0.unixSeconds + clock) }
    }
    guard (1...2).contains(parts.count), let day = Self.day(parts[0]) else {
      return Self.withoutSeconds(text).flatMap(Instant.unixSeconds)
    }
    guard let clock = parts.count == 1 ? 0 : Self.clock(parts[1]) else {
      return Self.withoutSeconds(text).flatMap(Instant.unixSeconds)
    }
    return isUTC ? day.unixSeconds + clock : unixSeconds(day.unixSeconds + clock)
  }

  /// Unix seconds of a local time given as if it were UTC; of two the later offset counts.
  private func unixSeconds(_ local: Double) -> Double {
    local - Double(offsetSeconds(local - Double(offsetSeconds(local))))
  }

  private static func day(_ text: Substring) -> CivilDay? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
      let day = Int(parts[2]), year >= 1970
    else { return nil }
    let civil = CivilDay(year: year, month: month, day: day)
    return civil.isReal ? civil : nil
  }

  /// Seconds of `8:00`, `08:00`, `08:00:30`.
  private static func clock(_ text: Substring) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.dropFirst().allSatisfy({ $0.count == 2 }) else {
      return nil
    }
    let numbers = parts.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
    guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 })
    else { return nil }
    return Double(numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0))
  }

  /// `2026-11-16T08:00+01:00` with the seconds that RFC 3339 asks for; nil for another text.
  private static func withoutSeconds(_ text: String) -> String? {
    guard text.count == 22 else { return nil }
    return "\(text.prefix(16)):00\(text.suffix(6))"
  }
}
