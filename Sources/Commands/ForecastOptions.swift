import ArgumentParser
import Forecasting

/// The flags of `forecast` that set up a predictor; their names are those of `run`. Numbers may
/// begin with a dash, so that the message can say what is wrong with them.
struct ForecastOptions: ParsableArguments {
  @Option(
    name: [.customLong("load-predictor"), .customLong("predictor")],
    help: "The predictor: \(PredictorKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var predictor = PredictorSettings().kind.rawValue

  @Option(
    parsing: .unconditional,
    help: "Length of an interval in seconds; wins over the series' own.")
  var adjustmentInterval: Int?

  @Flag(help: "Model log(1 + y) instead of y.")
  var loadPredictorLog1p = false

  @Option(parsing: .unconditional, help: "Points that Prophet is fitted to.")
  var prophetWindowSize = PredictorSettings().prophetWindow

  @Option(parsing: .unconditional, help: "Process noise of the Kalman filter's level.")
  var kalmanQLevel = PredictorSettings().kalmanLevelNoise

  @Option(parsing: .unconditional, help: "Process noise of the Kalman filter's trend.")
  var kalmanQTrend = PredictorSettings().kalmanTrendNoise

  @Option(parsing: .unconditional, help: "Measurement noise of the Kalman filter.")
  var kalmanR = PredictorSettings().kalmanMeasurementNoise

  @Option(
    parsing: .unconditional,
    help: "Points the Kalman filter takes before it forecasts with its own level.")
  var kalmanMinPoints = PredictorSettings().kalmanMinimumPoints

  @Option(
    parsing: .unconditional,
    help: "Plan for this quantile of the coming value, above 0 and below 1.")
  var forecastQuantile: Double?

  @Option(
    parsing: .unconditional,
    help: "Plan for the largest value until a worker started now serves, in seconds.")
  var startupDelay = 0

  func validate() throws {
    _ = try kind()
    if let adjustmentInterval, adjustmentInterval < 1 {
      throw ValidationError(
        "--adjustment-interval is at least 1 second, not \(adjustmentInterval).")
    }
    if prophetWindowSize < 1 {
      throw ValidationError("--prophet-window-size is at least 1, not \(prophetWindowSize).")
    }
    if kalmanMinPoints < 1 {
      throw ValidationError("--kalman-min-points is at least 1, not \(kalmanMinPoints).")
    }
    for (flag, noise) in [("--kalman-q-level", kalmanQLevel), ("--kalman-q-trend", kalmanQTrend)]
    where !(noise.isFinite && noise >= 0) {
      throw ValidationError("\(flag) is a variance, a finite number of at least 0, not \(noise).")
    }
    if !(kalmanR.isFinite && kalmanR > 0) {
      throw ValidationError("--kalman-r is a variance, a finite number above 0, not \(kalmanR).")
    }
    if let forecastQuantile, !(forecastQuantile > 0 && forecastQuantile < 1) {
      throw ValidationError(
        "--forecast-quantile is a share above 0 and below 1, not \(forecastQuantile).")
    }
    if startupDelay < 0 {
      throw ValidationError("--startup-delay is at least 0 seconds, not \(startupDelay).")
    }
  }

  /// The settings for a series whose own interval is `intervalSeconds`, if it says one.
  func settings(intervalSeconds: Int?) throws -> PredictorSettings {
    PredictorSettings(
      kind: try kind(), usesLog1p: loadPredictorLog1p, kalmanLevelNoise: kalmanQLevel,
      kalmanTrendNoise: kalmanQTrend, kalmanMeasurementNoise: kalmanR,
      kalmanMinimumPoints: kalmanMinPoints, prophetWindow: prophetWindowSize,
      intervalSeconds: adjustmentInterval ?? intervalSeconds ?? PredictorSettings().intervalSeconds,
      forecastQuantile: forecastQuantile, startupDelaySeconds: startupDelay)
  }

  private func kind() throws -> PredictorKind {
    if let kind = PredictorKind(rawValue: predictor) { return kind }
    let names = PredictorKind.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("There is no predictor '\(predictor)'; choose one of: \(names).")
  }
}
