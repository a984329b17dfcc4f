#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// One way of saying what work comes when a worker that is ordered now is ready. Each is simple and
/// right somewhere; ``ComponentDemand`` learns where.
enum DemandExpert: String, Codable, Sendable, CaseIterable {
  /// What came in the last two steps comes again: level traffic, and the least that must be served.
  case latest
  /// The level of three minutes: traffic whose steps are noisy.
  case level
  /// The level of a minute grows on as it did, ever more slowly: ramps.
  case trend
  /// The most of the last half hour comes back: bursts, and shifts to and fro.
  case peak
  /// It goes on as it did a day ago: mornings.
  case daily
  /// What the chosen predictor says.
  case predictor

  /// Growth fades to this much of itself every step.
  private static let damping = 0.97
  /// More growth than that over a lead, times the second largest that was seen, is not forecast.
  private static let acceleration = 1.2
  private static let peakSeconds = 1800

  /// Logarithm of the tokens a second at the lead; nil while it has nothing to say.
  ///
  /// - Parameter predicted: logarithm of what the chosen predictor says; nil where it says nothing.
  func forecast(
    _ levels: WorkLevels, lead steps: Int, stepSeconds: Int, predicted: Double?
  ) -> Double? {
    switch self {
    case .latest: levels.latest
    case .level: levels.slow
    case .peak: levels.highest(steps: Self.peakSeconds / stepSeconds)
    case .trend: levels.minute + Self.growth(levels, lead: steps, stepSeconds: stepSeconds)
    case .daily: levels.dailyChange(lead: steps * stepSeconds).map { levels.slow + $0 }
    case .predictor: predicted
    }
  }

  /// The damped growth over the lead, within what growth such a lead has seen: 0.3 (a third more)
  /// while none has been, never less than 0.1.
  private static func growth(_ levels: WorkLevels, lead steps: Int, stepSeconds: Int) -> Double {
    // The average of a minute is a minute behind.
    let ahead = Double(steps) + WorkLevels.paces[0] / Double(stepSeconds)
    let factor = damping * (1 - pow(damping, ahead)) / (1 - damping)
    let growth = levels.slope * Double(stepSeconds) * factor
    let seen = levels.count > steps + 8 ? max(0.1, levels.growth(over: steps) ?? 0.1) : 0.3
    return min(max(growth, -seen / 2), acceleration * seen)
  }
}
