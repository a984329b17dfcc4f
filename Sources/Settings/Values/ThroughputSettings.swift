import Forecasting
import Planning

/// How throughput-based scaling is set up.
public struct ThroughputSettings: Sendable, Equatable {
  /// Length of an adjustment interval in whole seconds, at least 1.
  public var intervalSeconds: Int
  /// Folder with the engine's profiling data.
  public var profileDirectory: String
  /// The predictors of requests, ISL and OSL.
  public var predictor: PredictorSettings
  /// File with recorded requests that new predictors learn from; nil for none.
  public var warmUpTrace: String?
  /// Whether observed latencies correct the profiled ones: by some rules never with load-based
  /// scaling on, which reacts to real latencies already.
  public var usesCorrection: Bool
  /// Whose metrics count traffic.
  public var source: TrafficMetricsSource
  /// Most intervals that are read afterwards when no run saw them, at least 0.
  public var catchUpIntervals: Int
  /// Seconds after its end that an interval counts as ended, at least 0.
  public var settleSeconds: Double
  /// How throughput becomes replicas.
  public var sizing: SizingRule

  init(_ values: SettingsValues, isLoadbasedOn: Bool) throws(SettingsError) {
    intervalSeconds = try values.integer(.adjustmentInterval)
    profileDirectory = try values.text(.profileResultsDirectory)
    predictor = PredictorSettings(
      kind: try values.choice(.loadPredictor),
      usesLog1p: try values.boolean(.loadPredictorLog1p),
      kalmanLevelNoise: try values.number(.kalmanQLevel),
      kalmanTrendNoise: try values.number(.kalmanQTrend),
      kalmanMeasurementNoise: try values.number(.kalmanR),
      kalmanMinimumPoints: try values.integer(.kalmanMinPoints),
      prophetWindow: try values.integer(.prophetWindowSize), intervalSeconds: intervalSeconds,
      forecastQuantile: values.optionalNumber(.forecastQuantile),
      startupDelaySeconds: try values.integer(.startupDelay))
    warmUpTrace = values.optionalText(.loadPredictorWarmupTrace)
    sizing = try SizingRule(values)
    usesCorrection =
      try !values.boolean(.noCorrection) && (!isLoadbasedOn || sizing.traits.correctsBesideLoad)
    source = try values.choice(.throughputMetricsSource)
    catchUpIntervals = try values.integer(.catchUpIntervals)
    settleSeconds = try values.number(.settle)
  }
}

extension SizingRule {
  /// The rule that `--sizing` names.
  init(_ values: SettingsValues) throws(SettingsError) {
    self =
      switch try values.choice(.sizing) as SizingName {
      case .capacity: .capacity
      case .sla:
        .sla(
          SLASizingPolicy(
            quantile: try values.number(.slaQuantile),
            backlogDrainSeconds: try values.number(.backlogDrainSeconds)))
      }
  }
}
