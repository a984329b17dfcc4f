import Planning
import Presentation

/// One window of the calendar as the configuration writes it:
/// `name=office;cron=0 8 * * 1-5;for=10h;time-zone=Europe/Berlin;decode=4..12`.
public struct CalendarEntry: Sendable, Equatable {
  /// What it is called.
  public var name: String
  /// When it begins.
  public var cron: CronExpression
  /// How long it lasts, seconds, at least a minute and at most 14 days.
  public var seconds: Double
  /// A name of the IANA time zone database.
  public var timeZone: String
  /// Bounds of prefill and decode; nil for none.
  public var bounds: [Component: CountBounds]
  /// GPUs that count instead of `--max-gpu-budget`; nil where that counts.
  public var gpuBudget: Int?
  /// Why; nil when nobody said.
  public var reason: String?

  /// Why a text is no window, as the rest of a sentence.
  struct Problem: Error { let reason: String }

  /// Reads a line.
  init(_ line: String) throws(Problem) {
    var fields: [String: String] = [:]
    for part in line.split(separator: ";") {
      guard let equals = part.firstIndex(of: "=") else {
        throw Problem(reason: "a window has fields NAME=VALUE, and '\(part)' is none")
      }
      let key = String(part[..<equals]).trimmed.replacing("_", with: "-")
      fields[key] = String(part[part.index(after: equals)...]).trimmed
    }
    let known = [
      "name", "cron", "for", "time-zone", "prefill", "decode", "max-gpu-budget", "reason",
    ]
    if let other = fields.keys.sorted().first(where: { !known.contains($0) }) {
      throw Problem(
        reason: "a window has no field '\(other)'; it has \(known.joined(separator: ", "))")
    }
    guard let name = fields["name"], !name.isEmpty else {
      throw Problem(reason: "a window needs a name")
    }
    self.name = name
    guard let cron = fields["cron"].flatMap(CronExpression.init) else {
      throw Problem(
        reason:
          "'\(name)' needs a cron expression of five fields, like '0 8 * * 1-5', not '\(fields["cron"] ?? "")'"
      )
    }
    self.cron = cron
    guard let seconds = fields["for"].flatMap(Durations.seconds), (60...1_209_600).contains(seconds)
    else {
      throw Problem(reason: "'\(name)' needs a length from 1m to 14d, like for=10h")
    }
    self.seconds = seconds
    timeZone = fields["time-zone"] ?? "UTC"
    let isName = timeZone.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/_+-".contains($0))
    }
    guard isName, !timeZone.hasPrefix("/"), !timeZone.isEmpty else {
      throw Problem(reason: "'\(name)' has a time zone '\(timeZone)', which is no IANA name")
    }
    bounds = [:]
    for component in Component.allCases {
      guard let text = fields[component.rawValue] else { continue }
      guard let read = CountBounds(text) else {
        throw Problem(
          reason: "'\(name)' bounds \(component.rawValue) by '\(text)'; write 2..8, 4.., ..10 or 6")
      }
      bounds[component] = read
    }
    if let text = fields["max-gpu-budget"] {
      guard let budget = Int(text), budget > 0 else {
        throw Problem(reason: "'\(name)' has a budget of '\(text)', which is no number of GPUs")
      }
      gpuBudget = budget
    }
    reason = fields["reason"]
    if bounds.isEmpty, gpuBudget == nil {
      throw Problem(reason: "'\(name)' bounds nothing: give prefill, decode or max-gpu-budget")
    }
  }
}

/// The fewest and the most replicas: `2..8`, `4..`, `..10`, or `6` for both.
public struct CountBounds: Sendable, Equatable {
  /// More than any deployment has.
  public static let most = 100_000

  /// The fewest; nil for no bound.
  public var minimum: Int?
  /// The most; nil for no bound.
  public var maximum: Int?

  /// Reads bounds of counts from 1 on; nil when `text` is none.
  public init?(_ text: String) {
    func count(_ text: Substring) -> Int?? {
      guard !text.isEmpty else { return .some(nil) }
      return Int(text).flatMap { (1...Self.most).contains($0) ? .some($0) : .none }
    }
    if let range = text.firstRange(of: "..") {
      guard let low = count(text[..<range.lowerBound]), let high = count(text[range.upperBound...])
      else { return nil }
      (minimum, maximum) = (low, high)
    } else {
      guard let both = count(text[...]) else { return nil }
      (minimum, maximum) = (both, both)
    }
    guard minimum != nil || maximum != nil, minimum ?? 1 <= maximum ?? Self.most else { return nil }
  }
}
