/// Unix seconds as RFC 3339 in UTC, whole seconds where they are whole, else milliseconds.
///
/// Civil date from days since the epoch after Howard Hinnant, "chrono-compatible low-level date
/// algorithms" (`civil_from_days`).
public func rfc3339(_ unixSeconds: Double) -> String {
  guard unixSeconds.isFinite, unixSeconds.magnitude < 253_402_300_800 else { return "invalid" }
  let totalMilliseconds = Int((unixSeconds * 1000).rounded())
  let seconds = totalMilliseconds.flooredQuotient(by: 1000)
  let milliseconds = totalMilliseconds - seconds * 1000
  let days = seconds.flooredQuotient(by: 86_400)
  let ofDay = seconds - days * 86_400

  let shifted = days + 719_468
  let era = shifted.flooredQuotient(by: 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

  let date = "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))"
  let time =
    "\((ofDay / 3600).padded(2)):\((ofDay / 60 % 60).padded(2)):\((ofDay % 60).padded(2))"
  return "\(date)T\(time)\(milliseconds == 0 ? "" : ".\(milliseconds.padded(3))")Z"
}

extension Int {
  fileprivate func flooredQuotient(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  fileprivate func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
