/// Numbers as a person reads them. Locale-free, so that the same decision reads the same anywhere.
enum Phrase {
  /// `value` rounded to at most `digits` decimals, without trailing zeros; more of them where it
  /// would be shown as 0 and is not: 0.02 ms is not none.
  static func number(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "unknown" : value > 0 ? "∞" : "−∞" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    if rounded == 0, value != 0, digits < 6 { return number(value, digits: digits + 1) }
    guard rounded.isFinite, rounded.magnitude < 1e15 else { return "\(value)" }
    return rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
  }

  /// A sentence as it stands inside another one.
  static func withoutFullStop(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }

  /// A share of 1 as `95 %`, `99.5 %`.
  static func percent(_ share: Double) -> String { "\(number(share * 100, digits: 1)) %" }

  /// `1 replica`, `2 replicas`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Seconds as `45 s`, `3 min`, `2.5 h`.
  static func age(seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(number(seconds, digits: 0)) s"
    case ..<7200: "\(number(seconds / 60, digits: 0)) min"
    default: "\(number(seconds / 3600, digits: 1)) h"
    }
  }
}
