import Forecasting

extension PlannerOption {
  package static let enableThroughputScaling = PlannerOption(
    "enable-throughput-scaling", .boolean, default: "true",
    aliases: [.flag("disable-throughput-scaling", isInverted: true)],
    help: "Scale by forecast traffic and profiled capacity; on unless disabled (as agg needs).")

  package static let adjustmentInterval = PlannerOption(
    "adjustment-interval", .integer(1...31_536_000), default: "180", unit: "seconds",
    aliases: [
      .file("throughput_adjustment_interval"), .file("throughput_adjustment_interval_seconds"),
    ],
    help: "Length of the intervals that traffic is counted and forecast in.")

  package static let profileResultsDirectory = PlannerOption(
    "profile-results-dir", .text, default: "profiling_results", unit: "folder",
    help: "Folder with the engine's profiling data.")

  package static let loadPredictor = PlannerOption(
    "load-predictor", .choice(PredictorKind.allCases.map(\.rawValue)),
    default: PredictorKind.arima.rawValue, unit: "model",
    help: "Predictor: \(PredictorKind.allCases.map(\.rawValue).joined(separator: ", ")).")

  package static let loadPredictorLog1p = PlannerOption(
    "load-predictor-log1p", .boolean, default: "false",
    help: "Forecast log(1 + y) instead of y.")

  package static let prophetWindowSize = PlannerOption(
    "prophet-window-size", .integer(1...100_000), default: "50", unit: "intervals",
    help: "Intervals that prophet is fitted to.")

  package static let kalmanQLevel = PlannerOption(
    "kalman-q-level", .number(0...1e12), default: "1.0", unit: "variance",
    help: "Process noise of the Kalman filter's level.")

  package static let kalmanQTrend = PlannerOption(
    "kalman-q-trend", .number(0...1e12), default: "0.1", unit: "variance",
    help: "Process noise of the Kalman filter's trend.")

  package static let kalmanR = PlannerOption(
    "kalman-r", .positive(through: 1e12), default: "10.0", unit: "variance",
    help: "Measurement noise of the Kalman filter.")

  package static let kalmanMinPoints = PlannerOption(
    "kalman-min-points", .integer(1...1_000_000), default: "5", unit: "intervals",
    help: "Intervals below which the Kalman filter forecasts the last value.")

  package static let loadPredictorWarmupTrace = PlannerOption(
    "load-predictor-warmup-trace", .text, unit: "file",
    help: """
      Recorded requests (Mooncake JSONL or Azure CSV, also gzip) that new predictors learn from \
      before the first live interval.
      """)

  package static let forecastQuantile = PlannerOption(
    "forecast-quantile", .share, unit: "share",
    help: """
      Plan for this quantile of the coming requests, as 0.9 (default: for the forecast itself).
      """)

  package static let startupDelay = PlannerOption(
    "startup-delay", .integer(0...604_800), default: "0", unit: "seconds",
    help: """
      Time until a worker that is started now serves; the largest forecast until then is planned \
      for. Where it is 0, --sizing sla takes it for 120 s when it learns how wrong plans have been.
      """)

  package static let noCorrection = PlannerOption(
    "no-correction", .boolean, default: "false",
    help:
      "Trust the profile as it is; with --sizing capacity always so when load-based scaling is on.")

  package static let throughputMetricsSource = PlannerOption(
    "throughput-metrics-source", .choice(TrafficMetricsSource.allCases.map(\.rawValue)),
    default: "frontend", unit: "source", help: "Whose metrics count traffic: frontend or router.")

  package static let catchUpIntervals = PlannerOption(
    "catch-up-intervals", .integer(0...10_000), default: "500", unit: "intervals",
    help: "Most intervals that are read afterwards when no run saw them.")

  package static let settle = PlannerOption(
    "settle", .number(0...86_400), default: "0", unit: "seconds",
    help: """
      An interval counts as ended only so much later, where samples always come late; at 0 the \
      newest complete one counts while they do.
      """)
}
