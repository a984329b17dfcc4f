#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Forecasts one series of counts or lengths with the model that the settings name.
///
/// Around the model it does what every model needs: it refuses values that can't be right
/// (negative, infinite, NaN), skips the idle time before the first traffic, keeps single outliers
/// from it (``OutlierFilter``), works on log(1 + y) where asked to, and forecasts neither below 0
/// nor what nothing in the series' past speaks for (``ForecastBounds``). Two predictors with equal settings that saw the
/// same values are equal, also if one of them was encoded and decoded in between.
public struct SeriesPredictor: Codable, Sendable, Equatable {
  /// The settings it was made with.
  public let settings: PredictorSettings
  /// The last value learned; nil before the first.
  public private(set) var last: Double?
  private var model: any LoadPredictor
  private var skipsZeros = true
  private var margin: ForecastMargin?
  private var outliers = OutlierFilter()
  private var bounds = ForecastBounds()

  /// Creates a predictor that has seen nothing.
  public init(settings: PredictorSettings) {
    self.settings = settings
    model = settings.kind.makeModel(settings)
    margin = settings.forecastQuantile.map {
      ForecastMargin(quantile: $0, horizon: settings.horizon)
    }
  }

  /// Learns the next value.
  ///
  /// Zeros before the first traffic (see ``resetIdleSkip()``) are accepted but not learned.
  ///
  /// - Parameters:
  ///   - value: a count or a length, at least 0.
  ///   - intervalEnd: end of its interval, Unix seconds.
  /// - Returns: false when the value was refused: it is negative or not finite.
  @discardableResult
  public mutating func observe(_ value: Double, intervalEnd: Int) -> Bool {
    guard value.isFinite, value >= 0 else { return false }
    if value == 0, skipsZeros { return true }
    skipsZeros = false
    last = value
    margin?.settle(value)
    let verdict =
      isConstant
      ? OutlierFilter.Verdict(counts: true) : outliers.judge(value, intervalEnd: intervalEnd)
    if let shift = verdict.shift { learn(shift.value, intervalEnd: shift.intervalEnd) }
    if let dropped = verdict.dropped, let expected = modelled(steps: 1)?.first {
      learn(expected, intervalEnd: dropped.intervalEnd)
    }
    if verdict.counts { learn(value, intervalEnd: intervalEnd) }
    if margin != nil, let peak = peak() { margin?.expect(peak) }
    return true
  }

  /// The last value is what `constant` promises, whatever it is.
  private var isConstant: Bool { settings.kind == .constant }

  private mutating func learn(_ value: Double, intervalEnd: Int) {
    bounds.observe(value, intervalEnd: intervalEnd)
    model.observe(settings.usesLog1p ? log1p(value) : value, intervalEnd: intervalEnd)
  }

  /// Skips zeros again until the next non-zero value, as before the very first one: between a
  /// warm-up on recorded traffic and live traffic lies an idle time that means nothing.
  public mutating func resetIdleSkip() {
    skipsZeros = true
  }

  /// Forecasts the next intervals.
  ///
  /// Right after an outlier, which may be the first interval of a level shift, no forecast is below
  /// the most that was ordinary.
  ///
  /// - Parameter steps: intervals ahead; less than 1 gives nil.
  /// - Returns: `steps` finite values of at least 0, the next interval's first; nil before the
  ///   first value.
  public func forecast(steps: Int = 1) -> [Double]? {
    guard last != nil, steps > 0 else { return nil }
    guard let withheld = outliers.withheld else { return modelled(steps: steps) }
    // The model has not seen the interval of the outlier.
    let forecasts = modelled(steps: steps + 1)?.dropFirst()
    return forecasts?.map { max($0, withheld.ordinary) }
  }

  /// The model's forecasts of the intervals after the newest that it learned, within what is
  /// possible.
  private func modelled(steps: Int) -> [Double]? {
    guard let last else { return nil }
    let forecasts = model.forecast(steps: steps)
    guard forecasts.count == steps else { return [Double](repeating: last, count: steps) }
    return forecasts.enumerated().map { index, forecast in
      let value = settings.usesLog1p ? expm1(forecast) : forecast
      // An overflow says nothing about the series; the last value is at least a value of it.
      guard value.isFinite else { return last }
      return max(0, isConstant ? value : bounds.bounded(value, step: index + 1))
    }
  }

  /// What to plan for: the largest forecast from the next interval up to the one in which a worker
  /// that is started now is ready, and, where the settings name a quantile, that of its value.
  ///
  /// Finite and at least 0; nil before the first value. Without quantile and start-up delay it is
  /// the forecast of the next interval.
  public var planned: Double? { planned(skipping: 0) }

  /// What to plan for when as many intervals after the newest value are over already.
  func planned(skipping past: Int) -> Double? {
    guard let peak = peak(skipping: past) else { return nil }
    let planned = peak + (margin?.margin ?? 0)
    return planned.isFinite ? max(0, planned) : peak
  }

  /// Share of the past values that were at most what was planned for them; nil without a quantile
  /// and before there is any.
  public var coverage: Double? { margin?.coverage }

  /// The largest forecast up to the interval in which a worker that is started now is ready.
  func peak(skipping past: Int = 0) -> Double? {
    forecast(steps: past + settings.horizon)?.dropFirst(past).max()
  }

  /// What the model is made of at the moment.
  public var summary: ModelSummary {
    var summary = model.summary
    if summary.scale == nil { summary.scale = settings.usesLog1p ? "log1p" : "linear" }
    return summary
  }
}

extension SeriesPredictor {
  private enum CodingKeys: String, CodingKey {
    case settings, last, model, skipsZeros, margin, outliers, bounds
  }

  /// Decodes a predictor; the model's type follows from the settings. One of an older version knows
  /// no outliers and bounds yet.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    settings = try container.decode(PredictorSettings.self, forKey: .settings)
    last = try container.decodeIfPresent(Double.self, forKey: .last)
    skipsZeros = try container.decode(Bool.self, forKey: .skipsZeros)
    margin = try container.decodeIfPresent(ForecastMargin.self, forKey: .margin)
    outliers =
      try container.decodeIfPresent(OutlierFilter.self, forKey: .outliers) ?? OutlierFilter()
    bounds = try container.decodeIfPresent(ForecastBounds.self, forKey: .bounds) ?? ForecastBounds()
    let modelType = type(of: settings.kind.makeModel(settings))
    model = try container.decode(modelType, forKey: .model)
  }

  /// Encodes the predictor with everything it learned.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(settings, forKey: .settings)
    try container.encodeIfPresent(last, forKey: .last)
    try container.encode(skipsZeros, forKey: .skipsZeros)
    try container.encode(model, forKey: .model)
    try container.encodeIfPresent(margin, forKey: .margin)
    try container.encode(outliers, forKey: .outliers)
    try container.encode(bounds, forKey: .bounds)
  }

  /// Whether both would forecast the same for ever.
  public static func == (left: SeriesPredictor, right: SeriesPredictor) -> Bool {
    left.settings == right.settings && left.last == right.last
      && left.skipsZeros == right.skipsZeros && left.margin == right.margin
      && left.outliers == right.outliers && left.bounds == right.bounds
      && left.model.equals(right.model)
  }
}
