/// The traffic expected in an interval to come.
public struct TrafficForecast: Codable, Sendable, Equatable {
  /// Which predictor made it.
  public var predictor: PredictorKind
  /// Requests in the interval, at least 0.
  public var requestCount: Double
  /// Mean input sequence length in tokens, at least 0.
  public var isl: Double
  /// Mean output sequence length in tokens, at least 0.
  public var osl: Double

  /// Creates a forecast.
  public init(predictor: PredictorKind, requestCount: Double, isl: Double, osl: Double) {
    self.predictor = predictor
    self.requestCount = requestCount
    self.isl = isl
    self.osl = osl
  }
}
