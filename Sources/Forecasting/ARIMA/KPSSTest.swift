/// The test of Kwiatkowski, Phillips, Schmidt and Shin: is a series stationary around a level?
///
/// Source: D. Kwiatkowski et al., "Testing the null hypothesis of stationarity against the
/// alternative of a unit root", Journal of Econometrics 54 (1992); lag window and critical values
/// as `ndiffs` of R's forecast package and of pmdarima take them.
struct KPSSTest: Sendable, Equatable {
  /// The statistic; NaN for a series without variation.
  let statistic: Double
  /// Lags of the Bartlett window, `trunc(4 · (n / 100)^¼)`.
  let lags: Int

  /// Runs the test.
  ///
  /// - Parameter series: at least one value.
  init(_ series: [Double]) {
    let n = Double(series.count)
    lags = Int(4 * (n / 100).squareRoot().squareRoot())
    let mean = series.reduce(0, +) / n
    let residuals = series.map { $0 - mean }
    var cumulated = 0.0
    var squares = 0.0
    for residual in residuals {
      cumulated += residual
      squares += cumulated * cumulated
    }
    var variance = residuals.reduce(0) { $0 + $1 * $1 }
    for lag in 1..<max(1, min(lags, series.count - 1) + 1) {
      var product = 0.0
      for index in lag..<residuals.count { product += residuals[index] * residuals[index - lag] }
      variance += 2 * product * (1 - Double(lag) / Double(lags + 1))
    }
    statistic = squares / (n * n) / (variance / n)
  }

  /// p-value, interpolated between the critical values and therefore within 0.01 … 0.10.
  var pValue: Double {
    let statistics = [0.347, 0.463, 0.574, 0.739]
    let pValues = [0.10, 0.05, 0.025, 0.01]
    if statistic.isNaN { return .nan }
    if statistic <= statistics[0] { return pValues[0] }
    for index in 1..<statistics.count where statistic <= statistics[index] {
      let share =
        (statistic - statistics[index - 1]) / (statistics[index] - statistics[index - 1])
      return pValues[index - 1] + share * (pValues[index] - pValues[index - 1])
    }
    return pValues[3]
  }

  /// Whether stationarity is rejected at the 5 % level.
  var rejectsStationarity: Bool { pValue < 0.05 }

  /// How often a series has to be differenced until the test no longer rejects.
  ///
  /// - Parameters:
  ///   - series: the series; a constant one needs 0.
  ///   - maximum: differences at most.
  static func differencesNeeded(by series: [Double], atMost maximum: Int = 2) -> Int {
    let scale = series.reduce(0) { max($0, abs($1)) }
    if Differencing.isConstant(series, scale: scale) { return 0 }
    var current = series
    for differences in 0..<maximum {
      let test = KPSSTest(current)
      if test.statistic.isNaN { return max(0, differences - 1) }
      if !test.rejectsStationarity { return differences }
      current = Differencing.differences(of: current, order: 1)
      if Differencing.isConstant(current, scale: scale) { return differences + 1 }
    }
    return KPSSTest(current).statistic.isNaN ? max(0, maximum - 1) : maximum
  }
}
