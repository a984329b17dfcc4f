import Presentation

/// Numbers as a person reads them. Locale-free, so that the same decision reads the same anywhere.
enum Phrase {
  /// `value` rounded to at most `digits` decimals, without trailing zeros; more of them where it
  /// would be shown as 0 and is not: 0.02 ms is not none.
  static func number(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "unknown" : value > 0 ? "∞" : "−∞" }
    return Numbers.short(value, digits)
  }

  /// A phrase as it begins a sentence.
  static func capitalised(_ phrase: String) -> String {
    guard let first = phrase.first, first.isLowercase else { return phrase }
    return first.uppercased() + phrase.dropFirst()
  }

  /// A sentence as it stands inside another one.
  static func withoutFullStop(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}
