#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Forecasts one series of counts or lengths with the model that the settings name.
///
/// Around the model it does what every model needs: it refuses values that can't be right
/// (negative, infinite, NaN), skips the idle time before the first traffic, works on log(1 + y)
/// where asked to, and never forecasts below 0. Two predictors with equal settings that saw the
/// same values are equal, also if one of them was encoded and decoded in between.
public struct SeriesPredictor: Codable, Sendable, Equatable {
  /// The settings it was made with.
  public let settings: PredictorSettings
  /// The last value learned; nil before the first.
  public private(set) var last: Double?
  private var model: any LoadPredictor
  private var skipsZeros = true
  private var margin: ForecastMargin?

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
    model.observe(settings.usesLog1p ? log1p(value) : value, intervalEnd: intervalEnd)
    if margin != nil, let peak { margin?.expect(peak) }
    return true
  }

  /// Skips zeros again until the next non-zero value, as before the very first one: between a
  /// warm-up on recorded traffic and live traffic lies an idle time that means nothing.
  public mutating func resetIdleSkip() {
    skipsZeros = true
  }

  /// Forecasts the next intervals.
  ///
  /// - Parameter steps: intervals ahead; less than 1 gives nil.
  /// - Returns: `steps` finite values of at least 0, the next interval's first; nil before the
  ///   first value.
  public func forecast(steps: Int = 1) -> [Double]? {
    guard let last, steps > 0 else { return nil }
    let forecasts = model.forecast(steps: steps)
    guard forecasts.count == steps else { return [Double](repeating: last, count: steps) }
    return forecasts.map { forecast in
      let value = settings.usesLog1p ? expm1(forecast) : forecast
      // An overflow says nothing about the series; the last value is at least a value of it.
      return value.isFinite ? max(0, value) : last
    }
  }

  /// What to plan for: the largest forecast from the next interval up to the one in which a worker
  /// that is started now is ready, and, where the settings name a quantile, that of its value.
  ///
  /// Finite and at least 0; nil before the first value. Without quantile and start-up delay it is
  /// the forecast of the next interval.
  public var planned: Double? {
    guard let peak else { return nil }
    let planned = peak + (margin?.margin ?? 0)
    return planned.isFinite ? max(0, planned) : peak
  }

  /// Share of the past values that were at most what was planned for them; nil without a quantile
  /// and before there is any.
  public var coverage: Double? { margin?.coverage }

  private var peak: Double? { forecast(steps: settings.horizon)?.max() }

  /// What the model is made of at the moment.
  public var summary: ModelSummary {
    var summary = model.summary
    if summary.scale == nil { summary.scale = settings.usesLog1p ? "log1p" : "linear" }
    return summary
  }
}

extension SeriesPredictor {
  private enum CodingKeys: String, CodingKey {
    case settings, last, model, skipsZeros, margin
  }

  /// Decodes a predictor; the model's type follows from the settings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    settings = try container.decode(PredictorSettings.self, forKey: .settings)
    last = try container.decodeIfPresent(Double.self, forKey: .last)
    skipsZeros = try container.decode(Bool.self, forKey: .skipsZeros)
    margin = try container.decodeIfPresent(ForecastMargin.self, forKey: .margin)
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
  }

  /// Whether both would forecast the same for ever.
  public static func == (left: SeriesPredictor, right: SeriesPredictor) -> Bool {
    left.settings == right.settings && left.last == right.last
      && left.skipsZeros == right.skipsZeros && left.margin == right.margin
      && left.model.equals(right.model)
  }
}
