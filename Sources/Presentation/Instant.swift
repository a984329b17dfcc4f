/// Reads points in time.
public enum Instant {
  /// The year 10000 begins here: no time beyond it is meant in earnest.
  static let limit = 253_402_300_800.0

  /// Unix seconds of `text`: RFC 3339 with any offset and fraction, or a number of Unix seconds;
  /// nil when it is neither, or lies before 1970 or after 9999.
  ///
  /// A leap second (`:60`) is refused: Unix time has none.
  /// Source: RFC 3339 §5.6.
  public static func unixSeconds(_ text: String) -> Double? {
    let seconds = Double(text) ?? rfc3339(text)
    return seconds.flatMap { $0 >= 0 && $0 < limit ? $0 : nil }
  }

  /// Unix seconds of RFC 3339 with any offset and fraction, of any year of four digits; nil for
  /// anything else.
  public static func rfc3339(_ text: String) -> Double? {
    var rest = Substring(text)
    guard let year = digits(4, from: &rest), skip("-", in: &rest),
      let month = digits(2, from: &rest), skip("-", in: &rest),
      let day = digits(2, from: &rest), skip("Tt ", in: &rest),
      let hour = digits(2, from: &rest), hour < 24, skip(":", in: &rest),
      let minute = digits(2, from: &rest), minute < 60, skip(":", in: &rest),
      let second = digits(2, from: &rest), second < 60,
      let fraction = fraction(from: &rest), let offset = offset(from: rest)
    else { return nil }
    let date = CivilDay(year: year, month: month, day: day)
    guard date.isReal else { return nil }
    return Double(date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second - offset)
      + fraction
  }

  private static func digits(_ count: Int, from rest: inout Substring) -> Int? {
    let part = rest.prefix(count)
    guard part.count == count, part.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    rest = rest.dropFirst(count)
    return Int(part)
  }

  private static func skip(_ characters: String, in rest: inout Substring) -> Bool {
    guard let first = rest.first, characters.contains(first) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func fraction(from rest: inout Substring) -> Double? {
    guard rest.first == "." else { return 0 }
    let part = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(part.count + 1)
    return part.isEmpty ? nil : Double("0.\(part)")
  }

  /// Seconds that local time is ahead of UTC.
  private static func offset(from text: Substring) -> Int? {
    if text == "Z" || text == "z" { return 0 }
    var rest = text
    let isBehind = rest.first == "-"
    guard skip("+-", in: &rest), let hours = digits(2, from: &rest), hours < 24,
      skip(":", in: &rest), let minutes = digits(2, from: &rest), minutes < 60, rest.isEmpty
    else { return nil }
    return (hours * 3_600 + minutes * 60) * (isBehind ? -1 : 1)
  }
}
