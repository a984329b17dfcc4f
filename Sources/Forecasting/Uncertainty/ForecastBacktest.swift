/// One-step forecasts of a series with an interval around each.
public struct ForecastBacktest: Sendable, Equatable {
  /// Index of the first value that was forecast.
  public let from: Int
  /// The forecast values themselves.
  public let actual: [Double]
  /// The forecasts.
  public let forecasts: [Double]
  /// Lower ends of the intervals, the quantile 1 − Q.
  public let lower: [Double]
  /// Upper ends of the intervals, the quantile Q.
  public let upper: [Double]
  private let predictor: PredictorKind
  private let quantile: Double

  /// Runs a predictor over a series.
  ///
  /// - Parameters:
  ///   - values: finite values of at least 0, oldest first.
  ///   - from: index of the first value to forecast; at least 1, so that there is a value before.
  ///   - settings: which predictor; its quantile (0.9 without one) is the intervals' upper end.
  public init(of values: [Double], from: Int, settings: PredictorSettings) {
    let quantile = settings.forecastQuantile ?? 0.9
    var plain = settings
    plain.forecastQuantile = nil
    plain.startupDelaySeconds = 0
    var predictor = SeriesPredictor(settings: plain)
    var above = ForecastMargin(quantile: quantile)
    var below = ForecastMargin(quantile: 1 - quantile)
    var forecasts: [Double] = []
    var lower: [Double] = []
    var upper: [Double] = []
    let from = max(1, from)
    for (index, value) in values.enumerated() {
      let forecast = predictor.planned ?? 0
      if index >= from {
        forecasts.append(forecast)
        lower.append(max(0, min(forecast, forecast + below.margin)))
        upper.append(max(forecast, forecast + above.margin))
      }
      above.settle(value)
      below.settle(value)
      predictor.observe(value, intervalEnd: intervalEnd(index, settings))
      above.expect(predictor.planned ?? 0)
      below.expect(predictor.planned ?? 0)
    }
    self.from = from
    self.quantile = quantile
    self.predictor = settings.kind
    self.forecasts = forecasts
    self.lower = lower
    self.upper = upper
    actual = Array(values.dropFirst(from))
  }

  /// The errors of the forecasts; nil where there is none.
  public var score: ForecastScore? {
    guard !actual.isEmpty else { return nil }
    var absolute = 0.0
    var squared = 0.0
    var relative = 0.0
    var pinball = 0.0
    var covered = 0
    for index in actual.indices {
      let error = actual[index] - forecasts[index]
      absolute += abs(error)
      squared += error * error
      let size = abs(actual[index]) + abs(forecasts[index])
      if size > 0 { relative += abs(error) / size }
      let excess = actual[index] - upper[index]
      pinball += max(quantile * excess, (quantile - 1) * excess)
      if excess <= 0 { covered += 1 }
    }
    let count = Double(actual.count)
    return ForecastScore(
      predictor: predictor, count: actual.count, mae: absolute / count,
      smapePercent: 200 * relative / count,
      rmse: min((squared / count).squareRoot(), .greatestFiniteMagnitude),
      pinballLoss: pinball / count, coverage: Double(covered) / count)
  }
}
