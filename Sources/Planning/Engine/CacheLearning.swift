/// How much of the prompts the workers' caches hold, as far as it can be counted on.
///
/// The level falls quickly and rises slowly: after a change of prompts that no cache holds, three steps
/// of 15 s take nine tenths of what was counted on away; it takes twenty to count on it again. What is
/// planned with is a deviation below the level.
public struct CacheLearning: Codable, Sendable, Equatable {
  private var level = 0.0
  private var variance = 0.0
  private var isKnown = false

  private static let fall = 0.55
  private static let rise = 0.1

  /// Knows nothing, and counts on nothing.
  public init() {}

  /// Learns the hit rate of a stretch; one that is no share changes nothing.
  public mutating func observe(_ rate: Double?) {
    guard let rate, (0...1).contains(rate) else { return }
    guard isKnown else {
      // A first look may be a lucky one.
      (level, variance, isKnown) = (rate / 2, rate * rate / 16, true)
      return
    }
    let error = rate - level
    level += (error < 0 ? Self.fall : Self.rise) * error
    variance += Self.rise * (error * error - variance)
  }

  /// Share of the prompt tokens that is counted on.
  public var cautious: Double {
    isKnown ? max(0, min(0.95, level - max(0, variance).squareRoot() / 2)) : 0
  }
}
