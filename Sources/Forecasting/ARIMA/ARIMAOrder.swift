/// Which ARIMA model: autoregressive order, differences, moving-average order, and whether the
/// differenced series has a mean.
struct ARIMAOrder: Codable, Sendable, Hashable {
  /// Autoregressive coefficients.
  var p: Int
  /// Differences taken.
  var d: Int
  /// Moving-average coefficients.
  var q: Int
  /// Whether the differenced series has a mean of its own (a drift for d = 1).
  var hasMean: Bool

  /// Estimated numbers: coefficients, mean and innovation variance.
  var parameterCount: Int { p + q + (hasMean ? 1 : 0) + 1 }
}

extension ARIMAOrder: CustomStringConvertible {
  var description: String { "(\(p),\(d),\(q))\(hasMean ? "+c" : "")" }
}
