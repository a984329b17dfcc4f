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
  /// All of these and more, weighted by their recent errors.
  case auto
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
  /// Share of the coming values to plan for, above 0 and below 1; nil plans for the forecast
  /// itself.
  public var forecastQuantile: Double?
  /// Seconds until a worker that is started now serves, at least 0.
  public var startupDelaySeconds: Int

  /// Creates settings; the defaults are the original planner's.
  public init(
    kind: PredictorKind = .arima, usesLog1p: Bool = false, kalmanLevelNoise: Double = 1.0,
    kalmanTrendNoise: Double = 0.1, kalmanMeasurementNoise: Double = 10.0,
    kalmanMinimumPoints: Int = 5, prophetWindow: Int = 50, intervalSeconds: Int = 180,
    forecastQuantile: Double? = nil, startupDelaySeconds: Int = 0
  ) {
    self.kind = kind
    self.usesLog1p = usesLog1p
    self.kalmanLevelNoise = kalmanLevelNoise
    self.kalmanTrendNoise = kalmanTrendNoise
    self.kalmanMeasurementNoise = kalmanMeasurementNoise
    self.kalmanMinimumPoints = kalmanMinimumPoints
    self.prophetWindow = prophetWindow
    self.intervalSeconds = intervalSeconds
    self.forecastQuantile = forecastQuantile
    self.startupDelaySeconds = startupDelaySeconds
  }

  /// Intervals that a plan covers: from the next one up to the one in which a worker that is
  /// started now is ready, at most 1000.
  public var horizon: Int {
    min(1000, 1 + max(0, startupDelaySeconds) / max(1, intervalSeconds))
  }
}

extension PredictorSettings {
  /// Decodes settings; what an older version did not know has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try container.decode(PredictorKind.self, forKey: .kind),
      usesLog1p: try container.decode(Bool.self, forKey: .usesLog1p),
      kalmanLevelNoise: try container.decode(Double.self, forKey: .kalmanLevelNoise),
      kalmanTrendNoise: try container.decode(Double.self, forKey: .kalmanTrendNoise),
      kalmanMeasurementNoise: try container.decode(Double.self, forKey: .kalmanMeasurementNoise),
      kalmanMinimumPoints: try container.decode(Int.self, forKey: .kalmanMinimumPoints),
      prophetWindow: try container.decode(Int.self, forKey: .prophetWindow),
      intervalSeconds: try container.decode(Int.self, forKey: .intervalSeconds),
      forecastQuantile: try container.decodeIfPresent(Double.self, forKey: .forecastQuantile),
      startupDelaySeconds:
        try container.decodeIfPresent(Int.self, forKey: .startupDelaySeconds) ?? 0)
  }
}
