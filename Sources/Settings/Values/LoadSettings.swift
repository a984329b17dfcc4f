import Planning

/// How load-based scaling is set up.
public struct LoadSettings: Sendable, Equatable {
  /// The router's metrics page; nil where the deployment tells (only in kubernetes).
  public var routerMetricsURL: String?
  /// Seconds over which the samples of one run are spread, above 0.
  public var intervalSeconds: Double
  /// Observations that a regression looks back on, at least 1.
  public var learningWindow: Int
  /// How readily a worker is removed, 0 (never) to 100.
  public var scalingDownSensitivityPercent: Double
  /// Samples of one run, at least 1.
  public var metricSamples: Int
  /// Observations below which no decision rests on a regression, 1…`learningWindow`.
  public var minObservations: Int
  /// Seconds for which a new worker is counted but not learned from, at least 0.
  public var warmUpSeconds: Double
  /// How to catch up with traffic; nil goes by one step, as the original does.
  public var catchUp: LoadCatchUp?

  init(_ values: SettingsValues) throws(SettingsError) {
    routerMetricsURL = values.optionalText(.loadbasedRouterMetricsURL)
    intervalSeconds = try values.number(.loadbasedAdjustmentInterval)
    learningWindow = try values.integer(.loadbasedLearningWindow)
    scalingDownSensitivityPercent = try values.number(.loadbasedScalingDownSensitivity)
    metricSamples = try values.integer(.loadbasedMetricSamples)
    minObservations = try values.integer(.loadbasedMinObservations)
    warmUpSeconds = try values.number(.loadbasedWarmUp)
    catchUp =
      try SizingRule(values).traits.catchesUpByLoad
      ? LoadCatchUp(agreeingSamples: values.optionalInteger(.loadbasedAgreeingSamples)) : nil
  }
}
