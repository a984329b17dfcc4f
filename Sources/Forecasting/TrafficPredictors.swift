/// The three predictors of one deployment's traffic: requests per interval, ISL and OSL.
public struct TrafficPredictors: Codable, Sendable, Equatable {
  /// The settings that all three were made with.
  public let settings: PredictorSettings
  /// Predicts requests per interval; an idle interval counts as 0.
  public private(set) var requestCount: SeriesPredictor
  /// Predicts the mean input sequence length, tokens; sees only intervals with requests.
  public private(set) var isl: SeriesPredictor
  /// Predicts the mean output sequence length, tokens; sees only intervals with requests.
  public private(set) var osl: SeriesPredictor
  /// End of the newest interval learned, Unix seconds; nil before the first.
  public private(set) var lastIntervalEnd: Int?

  /// Creates predictors that have seen nothing; the quantile to plan for, if any, is the request
  /// count's.
  public init(settings: PredictorSettings) {
    self.settings = settings
    requestCount = SeriesPredictor(settings: settings)
    var lengths = settings
    lengths.forecastQuantile = nil
    isl = SeriesPredictor(settings: lengths)
    osl = SeriesPredictor(settings: lengths)
  }

  /// Learns one interval. One that is not newer than ``lastIntervalEnd`` is ignored, so a repeated
  /// invocation can't count an interval twice.
  ///
  /// - Parameters:
  ///   - requestCount: requests in the interval; refused with the whole interval when it is
  ///     negative or not finite.
  ///   - isl: mean input sequence length in tokens, if known; ignored in an interval without
  ///     requests and when it is negative or not finite.
  ///   - osl: mean output sequence length in tokens, as `isl`.
  ///   - intervalEnd: end of the interval, Unix seconds.
  /// - Returns: whether the interval was learned.
  @discardableResult
  public mutating func observe(
    requestCount count: Double, isl inputLength: Double?, osl outputLength: Double?,
    intervalEnd: Int
  ) -> Bool {
    if let lastIntervalEnd, intervalEnd <= lastIntervalEnd { return false }
    guard requestCount.observe(count, intervalEnd: intervalEnd) else { return false }
    if count > 0 {
      if let inputLength { isl.observe(inputLength, intervalEnd: intervalEnd) }
      if let outputLength { osl.observe(outputLength, intervalEnd: intervalEnd) }
    }
    lastIntervalEnd = intervalEnd
    return true
  }

  /// Skips idle intervals until the next traffic, see ``SeriesPredictor/resetIdleSkip()``.
  public mutating func resetIdleSkip() {
    requestCount.resetIdleSkip()
    isl.resetIdleSkip()
    osl.resetIdleSkip()
  }

  /// Learns recorded traffic from before the first live interval, and then waits for the first live
  /// request: the idle time in between means nothing.
  ///
  /// - Parameters:
  ///   - intervals: consecutive recorded intervals, oldest first.
  ///   - end: end of the last recorded interval on the live clock, Unix seconds; it has to lie before
  ///     the end of the first live interval.
  public mutating func warmUp(_ intervals: [RecordedTraffic], endingAt end: Int) {
    for (index, interval) in intervals.enumerated() {
      observe(
        requestCount: interval.requestCount, isl: interval.isl, osl: interval.osl,
        intervalEnd: end - (intervals.count - 1 - index) * settings.intervalSeconds)
    }
    resetIdleSkip()
  }

  /// Forecasts the traffic to plan for: that of the next interval, or, with a start-up delay, the
  /// largest of the intervals until a worker that is started now is ready. Where the settings name
  /// a quantile, the request count is that quantile of it; the lengths are never padded.
  ///
  /// - Parameter past: intervals after the newest learned one that have ended already, because their
  ///   samples are late: those after them are planned for.
  /// - Returns: nil while there is nothing to forecast from: no request was ever seen, or the
  ///   lengths are unknown.
  public func forecast(skipping past: Int = 0) -> TrafficForecast? {
    guard let requests = requestCount.planned(skipping: past),
      let input = isl.peak(skipping: past), let output = osl.peak(skipping: past)
    else { return nil }
    return TrafficForecast(
      predictor: settings.kind, requestCount: requests, isl: input, osl: output, models: models,
      plan: plan(skipping: past))
  }

  private var models: ForecastModels? {
    guard settings.kind == .arima || settings.kind == .auto else { return nil }
    return ForecastModels(
      requestCount: requestCount.summary.brief, isl: isl.summary.brief, osl: osl.summary.brief)
  }

  private func plan(skipping past: Int) -> ForecastPlan? {
    guard settings.plansAhead, let next = requestCount.forecast(steps: past + 1)?.last else {
      return nil
    }
    return ForecastPlan(
      nextRequestCount: next, intervals: settings.horizon, quantile: settings.forecastQuantile,
      coverage: requestCount.coverage)
  }
}
