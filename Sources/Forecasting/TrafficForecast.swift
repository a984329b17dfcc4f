/// The traffic expected in an interval to come, or to be planned for.
public struct TrafficForecast: Codable, Sendable, Equatable {
  /// Which predictor made it.
  public var predictor: PredictorKind
  /// Requests in the interval to plan for, at least 0.
  public var requestCount: Double
  /// Mean input sequence length in tokens, at least 0.
  public var isl: Double
  /// Mean output sequence length in tokens, at least 0.
  public var osl: Double

  /// What the models chose to be, of a predictor that chooses (`arima`, `auto`); nil else.
  public var models: ForecastModels?
  /// What `requestCount` was planned for where it is not the forecast of the next interval; nil
  /// else.
  public var plan: ForecastPlan?

  /// Creates a forecast.
  public init(
    predictor: PredictorKind, requestCount: Double, isl: Double, osl: Double,
    models: ForecastModels? = nil, plan: ForecastPlan? = nil
  ) {
    self.predictor = predictor
    self.models = models
    self.plan = plan
    self.requestCount = requestCount
    self.isl = isl
    self.osl = osl
  }
}
