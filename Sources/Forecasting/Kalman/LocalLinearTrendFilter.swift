/// The Kalman filter of the local linear trend model: a level that moves by a trend, both with
/// their own noise, measured with noise.
///
///     level' = level + trend + N(0, levelNoise)
///     trend' = trend + N(0, trendNoise)
///     value  = level + N(0, measurementNoise)
///
/// Source: A. C. Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, §2.3
/// and §3.2. The start is the original planner's: the first value sets the level, the covariance
/// is 1000 · I.
struct LocalLinearTrendFilter: Codable, Sendable, Equatable {
  /// Process noise of the level, a variance.
  let levelNoise: Double
  /// Process noise of the trend, a variance.
  let trendNoise: Double
  /// Measurement noise, a variance above 0.
  let measurementNoise: Double
  /// Level of the series.
  private(set) var level: Double
  /// Change of the level per interval.
  private(set) var trend: Double
  /// Variance of the level.
  private(set) var levelVariance: Double
  /// Covariance of level and trend.
  private(set) var covariance: Double
  /// Variance of the trend.
  private(set) var trendVariance: Double

  /// Starts at a first value.
  init(startingAt value: Double, levelNoise: Double, trendNoise: Double, measurementNoise: Double) {
    self.levelNoise = levelNoise
    self.trendNoise = trendNoise
    self.measurementNoise = measurementNoise
    level = value
    trend = 0
    levelVariance = 1000
    covariance = 0
    trendVariance = 1000
  }

  /// Moves one interval on.
  mutating func predict() {
    level += trend
    levelVariance += 2 * covariance + trendVariance + levelNoise
    covariance += trendVariance
    trendVariance += trendNoise
  }

  /// Takes the value of the interval that `predict` moved to.
  mutating func update(_ value: Double) {
    let innovation = value - level
    let innovationVariance = levelVariance + measurementNoise
    let levelGain = levelVariance / innovationVariance
    let trendGain = covariance / innovationVariance
    level += levelGain * innovation
    trend += trendGain * innovation
    // Joseph form, (I − KH) P (I − KH)ᵀ + K R Kᵀ: stays positive where P − K H P would not.
    let kept = 1 - levelGain
    let keptLevel = kept * levelVariance
    let keptCovariance = kept * covariance
    let mixedLevel = covariance - trendGain * levelVariance
    let mixedTrend = trendVariance - trendGain * covariance
    levelVariance = keptLevel * kept + levelGain * measurementNoise * levelGain
    covariance = keptCovariance - keptLevel * trendGain + levelGain * measurementNoise * trendGain
    trendVariance =
      mixedTrend - mixedLevel * trendGain + trendGain * measurementNoise * trendGain
  }

  /// Whether every number of the state is finite.
  var isFinite: Bool {
    level.isFinite && trend.isFinite && levelVariance.isFinite && covariance.isFinite
      && trendVariance.isFinite
  }
}
