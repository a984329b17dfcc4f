/// How good a predictor's one-step forecasts of a series were.
public struct ForecastScore: Codable, Sendable, Equatable {
  /// Which predictor.
  public var predictor: PredictorKind
  /// Forecasts that were scored.
  public var count: Int
  /// Mean absolute error.
  public var mae: Double
  /// Symmetric mean absolute percentage error, 0 to 200 %; an exact 0 counts as 0.
  public var smapePercent: Double
  /// Root of the mean squared error.
  public var rmse: Double
  /// Mean pinball loss of the upper quantile.
  public var pinballLoss: Double
  /// Share of the values within the upper quantile.
  public var coverage: Double
  /// Milliseconds for one value learned and one forecast made; nil where nobody measured.
  public var millisecondsPerForecast: Double?
}
