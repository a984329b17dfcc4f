/// Unix seconds as RFC 3339 in UTC, whole seconds where they are whole, else milliseconds;
/// `invalid` beyond the years that have four digits.
public func rfc3339(_ unixSeconds: Double) -> String {
  guard unixSeconds.magnitude < Instant.limit else { return "invalid" }
  let milliseconds = Int((unixSeconds * 1000).rounded())
  let seconds = milliseconds.flooredQuotient(by: 1000)
  let fraction = milliseconds - seconds * 1000
  let days = seconds.flooredQuotient(by: 86_400)
  let (date, ofDay) = (CivilDay(daysSinceEpoch: days), seconds - days * 86_400)
  let clock =
    "\((ofDay / 3600).padded(2)):\((ofDay / 60 % 60).padded(2)):\((ofDay % 60).padded(2))"
  return "\(date.year.padded(4))-\(date.month.padded(2))-\(date.day.padded(2))T\(clock)"
    + "\(fraction == 0 ? "" : ".\(fraction.padded(3))")Z"
}

/// As ``rfc3339(_:)``, always with six decimals, of which none is rounded up.
public func rfc3339Microseconds(_ unixSeconds: Double) -> String {
  guard unixSeconds.magnitude < Instant.limit else { return "invalid" }
  let whole = unixSeconds.rounded(.down)
  let microseconds = min(999_999, Int((unixSeconds - whole) * 1e6))
  return "\(rfc3339(whole).dropLast()).\(microseconds.padded(6))Z"
}
