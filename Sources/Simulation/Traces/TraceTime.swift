import Presentation

/// Reads times as traces write them, without a locale or a time zone database.
enum TraceTime {
  /// Seconds since the epoch of a number in `unit`, or of a date with time in the Gregorian
  /// calendar: `YYYY-MM-DD`, a space or `T`, `hh:mm:ss` with any number of decimals, and nothing,
  /// `Z` or `±hh:mm` (nothing means UTC). Nil for anything else.
  static func seconds(_ text: ArraySlice<UInt8>, unit: TraceTimeUnit) -> Double? {
    if let date = date(text) { return date }
    guard let number = DecimalNumber.value(text) else { return nil }
    let seconds = number / unit.perSecond
    return seconds.isFinite && seconds.magnitude < 1e11 ? seconds : nil
  }

  /// The unit in which a number too large for seconds is a time between 1973 and 5138; nil for any
  /// other text.
  static func probableUnit(_ text: ArraySlice<UInt8>) -> TraceTimeUnit? {
    guard let number = DecimalNumber.value(text), number >= 1e11 else { return nil }
    return [TraceTimeUnit.milliseconds, .microseconds, .nanoseconds].first {
      number / $0.perSecond < 1e11
    }
  }

  private static func date(_ text: ArraySlice<UInt8>) -> Double? {
    var rest = text
    guard let year = digits(&rest, 4), take(&rest, "-"), let month = digits(&rest, 2),
      take(&rest, "-"), let day = digits(&rest, 2), take(&rest, " ") || take(&rest, "T"),
      let hour = digits(&rest, 2), take(&rest, ":"), let minute = digits(&rest, 2),
      take(&rest, ":"), let second = digits(&rest, 2),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    let civil = CivilDay(year: year, month: month, day: day)
    guard civil.isReal else { return nil }
    var fraction = 0.0
    if take(&rest, ".") {
      guard let decimals = DecimalNumber.fraction(&rest) else { return nil }
      fraction = decimals
    }
    guard let offset = zone(&rest), rest.isEmpty else { return nil }
    let seconds = civil.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second
    return Double(seconds - offset) + fraction
  }

  /// Seconds east of UTC.
  private static func zone(_ rest: inout ArraySlice<UInt8>) -> Int? {
    guard let first = rest.first else { return 0 }
    rest.removeFirst()
    if first == UInt8(ascii: "Z") { return 0 }
    guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-"), let hours = digits(&rest, 2)
    else { return nil }
    _ = take(&rest, ":")
    guard let minutes = digits(&rest, 2), hours < 24, minutes < 60 else { return nil }
    let offset = hours * 3600 + minutes * 60
    return first == UInt8(ascii: "+") ? offset : -offset
  }

  private static func digits(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
    guard rest.count >= count else { return nil }
    var value = 0
    for _ in 0..<count {
      let digit = Int(rest.removeFirst()) - 48
      guard (0...9).contains(digit) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private static func take(
    _ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar
  ) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }
}
