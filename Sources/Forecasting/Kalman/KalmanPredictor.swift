/// Forecasts by a local linear trend through a Kalman filter; before it has seen enough values, by
/// the last one.
///
/// A value so large that the state overflows starts the filter afresh at that value.
public struct KalmanPredictor: LoadPredictor {
  private let levelNoise: Double
  private let trendNoise: Double
  private let measurementNoise: Double
  private let minimumPoints: Int
  private var filter: LocalLinearTrendFilter?
  private var last: Double?
  private var count = 0

  /// Creates a predictor that has seen nothing.
  ///
  /// Noises are kept above 0 (level and trend 1e-12, measurement 1e-9), as the original does.
  public init(settings: PredictorSettings) {
    levelNoise = max(1e-12, settings.kalmanLevelNoise)
    trendNoise = max(1e-12, settings.kalmanTrendNoise)
    measurementNoise = max(1e-9, settings.kalmanMeasurementNoise)
    minimumPoints = settings.kalmanMinimumPoints
  }

  /// Moves the filter one interval on and updates it with the value.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    last = value
    if count < minimumPoints { count += 1 }
    guard var next = filter else {
      filter = start(at: value)
      return
    }
    next.predict()
    next.update(value)
    filter = next.isFinite ? next : start(at: value)
  }

  /// The level moved on by the trend; empty before the first value.
  public func forecast(steps: Int) -> [Double] {
    guard let filter, let last, steps > 0 else { return [] }
    guard count >= minimumPoints else { return [Double](repeating: last, count: steps) }
    return (1...steps).map { filter.level + Double($0) * filter.trend }
  }

  /// Level, trend and the three noises.
  public var summary: ModelSummary {
    guard let filter else { return ModelSummary() }
    return ModelSummary(
      parameters: [
        .init("level", filter.level), .init("trend", filter.trend),
        .init("level_noise", levelNoise), .init("trend_noise", trendNoise),
        .init("measurement_noise", measurementNoise),
      ],
      note: count < minimumPoints
        ? "Fewer than \(minimumPoints) values seen: the forecast is the last value." : nil)
  }

  private func start(at value: Double) -> LocalLinearTrendFilter {
    LocalLinearTrendFilter(
      startingAt: value, levelNoise: levelNoise, trendNoise: trendNoise,
      measurementNoise: measurementNoise)
  }
}
