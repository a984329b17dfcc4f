/// The answer of `sla-planner forecast`: the next values of a series.
public struct SeriesForecast: Codable, Sendable, Equatable {
  /// Which predictor made it.
  public var predictor: PredictorKind
  /// Forecast of the next interval.
  public var forecast: Double
  /// What to plan for with the settings' quantile and start-up delay; nil where they have neither.
  public var planned: Double?
  /// Share of the past values that were at most what was planned for them; nil without a quantile.
  public var coverage: Double?
  /// What the model was made of.
  public var model: ModelSummary

  /// Runs a predictor over a series, as a planner would that saw every interval.
  ///
  /// A series of zeros forecasts 0.
  ///
  /// - Parameters:
  ///   - values: finite values of at least 0, oldest first, not empty.
  ///   - settings: which predictor, and how it is set up.
  public init(of values: [Double], settings: PredictorSettings) {
    var predictor = SeriesPredictor(settings: settings)
    for (index, value) in values.enumerated() {
      predictor.observe(value, intervalEnd: intervalEnd(index, settings))
    }
    self.predictor = settings.kind
    forecast = predictor.forecast()?.first ?? 0
    if settings.plansAhead { planned = predictor.planned ?? 0 }
    coverage = predictor.coverage
    model = predictor.summary
  }
}

/// The answer of `sla-planner forecast --rolling`: one-step forecasts over the past.
public struct RollingForecast: Codable, Sendable, Equatable {
  /// Which predictor made it.
  public var predictor: PredictorKind
  /// Index of the first value that was forecast, from 0.
  public var from: Int
  /// One forecast for each value from index `from` to the last; the one for index i uses only the
  /// values before i. Nil where there is no value before. With a quantile or a start-up delay it is
  /// what would have been planned for.
  public var forecasts: [Double?]

  /// Runs a predictor over a series and forecasts each value before it is seen.
  ///
  /// - Parameters:
  ///   - values: finite values of at least 0, oldest first.
  ///   - from: index of the first value to forecast; beyond the end there is none.
  ///   - settings: which predictor, and how it is set up.
  public init(of values: [Double], from: Int, settings: PredictorSettings) {
    var predictor = SeriesPredictor(settings: settings)
    var forecasts: [Double?] = []
    for (index, value) in values.enumerated() {
      if index >= from {
        // Nothing but zeros so far: no traffic is what was seen.
        forecasts.append(index == 0 ? nil : predictor.planned ?? 0)
      }
      predictor.observe(value, intervalEnd: intervalEnd(index, settings))
    }
    self.predictor = settings.kind
    self.from = from
    self.forecasts = forecasts
  }
}

extension PredictorSettings {
  /// Whether a plan is for more than the forecast of the next interval.
  var plansAhead: Bool { forecastQuantile != nil || horizon > 1 }
}

/// End of an interval of a series that says nothing of time: counted from the epoch on.
func intervalEnd(_ index: Int, _ settings: PredictorSettings) -> Int {
  let (end, overflow) = (index + 1).multipliedReportingOverflow(by: settings.intervalSeconds)
  return overflow ? Int.max : end
}
