/// How far values lie from a model's forecasts, on the scaled history.
struct ProphetErrors: Sendable, Equatable {
  /// Of a model that fits its history exactly.
  static let none = ProphetErrors(sorted: [], changeRate: 0)

  /// Residuals, ascending, corrected for the degrees of freedom.
  private let sorted: [Double]
  /// Variance that the trend gains per cubed time unit.
  private let changeRate: Double

  private init(sorted: [Double], changeRate: Double) {
    self.sorted = sorted
    self.changeRate = changeRate
  }

  /// Learns from a fit.
  ///
  /// The trend's part: the library lets S changepoints per time unit go on after the history,
  /// with Laplace changes of the mean size b = mean |δ| seen in it. A change at distance u before
  /// the forecast moves it by u δ, so at horizon h the variance is S ∫₀ʰ u² 2b² du = 2 S b² h³ / 3:
  /// in closed form what the library samples.
  ///
  /// - Parameters:
  ///   - residuals: of the history.
  ///   - freeCount: coefficients fitted to it, those held at 0 not counted.
  ///   - changes: the changes of rate δ.
  init(residuals: [Double], freeCount: Int, changes: [Double]) {
    let count = Double(residuals.count)
    let correction = (count / max(1, count - Double(freeCount))).squareRoot()
    sorted = residuals.map { $0 * correction }.sorted()
    let total = changes.reduce(0) { $0 + abs($1) }
    changeRate = changes.isEmpty ? 0 : 2 * total * total / (3 * Double(changes.count))
  }

  /// The error that a share `quantile` of the errors are below, `horizon` time units after the end.
  func quantile(_ quantile: Double, horizon: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let variance = sorted.reduce(0) { $0 + $1 * $1 } / Double(sorted.count)
    guard variance > 0 else { return 0 }
    // Rank q (n + 1): of n + 1 exchangeable errors the next one is below that of rank r in r cases.
    let share = quantile.isNaN ? 0.5 : min(max(quantile, 0), 1)
    let rank = min(max(share * Double(sorted.count + 1) - 1, 0), Double(sorted.count - 1))
    let lower = Int(rank)
    let upper = min(lower + 1, sorted.count - 1)
    let error = sorted[lower] + (rank - Double(lower)) * (sorted[upper] - sorted[lower])
    let trendVariance = changeRate * horizon * horizon * horizon
    return error * (1 + trendVariance / variance).squareRoot()
  }
}
