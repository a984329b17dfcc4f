import Forecasting

/// How a series is forecast: what `run` and `forecast` have in common.
struct PredictorOptions {
  /// The predictor, with the default interval.
  var predictor = PredictorSettings()
  /// File with recorded requests that new predictors learn from; nil for none.
  var warmUpTrace: String?

  /// - Parameters:
  ///   - aliases: other names of the predictor's flag.
  ///   - hasTrace: whether there can be requests to learn from beforehand.
  init(
    _ options: inout OptionReader, aliases: [OptionAlias] = [], hasTrace: Bool
  ) throws(SettingsError) {
    predictor.kind = try options.choice(
      .init(
        "load-predictor", .choice(of: PredictorKind.self),
        default: PredictorKind.arima.rawValue, unit: "model", aliases: aliases,
        help: "Predictor: \(PredictorKind.allCases.map(\.rawValue).joined(separator: ", "))."))
    predictor.usesLog1p = try options.boolean(
      .init(
        "load-predictor-log1p", .boolean, default: "false",
        help: "Forecast log(1 + y) instead of y."))
    predictor.prophetWindow = try options.integer(
      .init(
        "prophet-window-size", .integer(1...100_000), default: "50", unit: "intervals",
        help: "Intervals that prophet is fitted to."))
    try readKalmanFilter(&options)
    if hasTrace {
      warmUpTrace = try options.optionalText(
        .init(
          "load-predictor-warmup-trace", .text, unit: "file",
          help: """
            Recorded requests (Mooncake JSONL or Azure CSV, also gzip) that new predictors learn \
            from before the first live interval.
            """))
    }
    predictor.forecastQuantile = try options.optionalNumber(
      .init(
        "forecast-quantile", .share, unit: "share",
        help: """
          Plan for this quantile of the coming requests, as 0.9 (default: for the forecast itself).
          """))
    predictor.startupDelaySeconds = try options.integer(
      .init(
        "startup-delay", .integer(0...604_800), default: "0", unit: "seconds",
        help: """
          Time until a worker that is started now serves; the largest forecast until then is \
          planned for. Where it is 0, --sizing sla takes it for 120 s when it learns how wrong \
          plans have been.
          """))
  }

  private mutating func readKalmanFilter(_ options: inout OptionReader) throws(SettingsError) {
    predictor.kalmanLevelNoise = try options.number(
      .init(
        "kalman-q-level", .number(0...1e12), default: "1.0", unit: "variance",
        help: "Process noise of the Kalman filter's level."))
    predictor.kalmanTrendNoise = try options.number(
      .init(
        "kalman-q-trend", .number(0...1e12), default: "0.1", unit: "variance",
        help: "Process noise of the Kalman filter's trend."))
    predictor.kalmanMeasurementNoise = try options.number(
      .init(
        "kalman-r", .positive(through: 1e12), default: "10.0", unit: "variance",
        help: "Measurement noise of the Kalman filter."))
    predictor.kalmanMinimumPoints = try options.integer(
      .init(
        "kalman-min-points", .integer(1...1_000_000), default: "5", unit: "intervals",
        help: "Intervals below which the Kalman filter forecasts the last value."))
  }
}

/// What `forecast` takes of the options of `run`.
public struct ForecastSettings: SettingsSection {
  package static let title = "Predictor"

  /// Length of an interval in seconds, at least 1; nil for the series' own.
  public var intervalSeconds: Int?
  /// The predictor, with the default interval.
  public var predictor: PredictorSettings

  package init(_ options: inout OptionReader) throws(SettingsError) {
    intervalSeconds = try options.optionalInteger(.interval(default: nil))
    predictor = try PredictorOptions(
      &options, aliases: [.flag("predictor")], hasTrace: false
    ).predictor
  }
}

extension PlannerOption {
  /// The length of an interval.
  static func interval(default standard: String?) -> PlannerOption {
    PlannerOption(
      "adjustment-interval", .integer(1...31_536_000), default: standard, unit: "seconds",
      aliases: [
        .file("throughput_adjustment_interval"), .file("throughput_adjustment_interval_seconds"),
      ],
      help: "Length of the intervals that traffic is counted and forecast in."
        + (standard == nil ? " (default: the series' own, else 180)" : ""))
  }
}
