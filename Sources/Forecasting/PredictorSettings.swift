/// The kinds of predictor that `--load-predictor` knows.
public enum PredictorKind: String, Codable, Sendable, CaseIterable {
  /// The last value.
  case constant
  /// Local linear trend through a Kalman filter.
  case kalman
  /// ARIMA with automatic order selection.
  case arima
  /// Piecewise-linear trend with seasonalities (the Prophet model).
  case prophet

  /// The kinds this build has.
  public static let available: [PredictorKind] = [.constant, .kalman, .prophet]
}

/// How the predictors of one deployment are set up. Two equal settings give equal forecasts.
public struct PredictorSettings: Codable, Sendable, Equatable {
  /// Which model forecasts.
  public var kind: PredictorKind
  /// Whether log(1 + y) is modelled instead of y.
  public var usesLog1p: Bool
  /// Process noise of the Kalman filter's level, above 0 or 0.
  public var kalmanLevelNoise: Double
  /// Process noise of the Kalman filter's trend.
  public var kalmanTrendNoise: Double
  /// Measurement noise of the Kalman filter, above 0.
  public var kalmanMeasurementNoise: Double
  /// Values that the Kalman filter takes before it forecasts with its own level.
  public var kalmanMinimumPoints: Int
  /// Values that Prophet is fitted to, at least 1.
  public var prophetWindow: Int
  /// Length of an interval in seconds, at least 1.
  public var intervalSeconds: Int

  /// Creates settings; the defaults are the original planner's.
  public init(
    kind: PredictorKind = .kalman, usesLog1p: Bool = false, kalmanLevelNoise: Double = 1.0,
    kalmanTrendNoise: Double = 0.1, kalmanMeasurementNoise: Double = 10.0,
    kalmanMinimumPoints: Int = 5, prophetWindow: Int = 50, intervalSeconds: Int = 180
  ) {
    self.kind = kind
    self.usesLog1p = usesLog1p
    self.kalmanLevelNoise = kalmanLevelNoise
    self.kalmanTrendNoise = kalmanTrendNoise
    self.kalmanMeasurementNoise = kalmanMeasurementNoise
    self.kalmanMinimumPoints = kalmanMinimumPoints
    self.prophetWindow = prophetWindow
    self.intervalSeconds = intervalSeconds
  }
}
