#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Forecasts by ARIMA models whose orders are chosen from the series itself: the best one and those
/// that explain the series nearly as well, weighted (``ARIMAMixture``).
///
/// - Fewer than 5 values, or values that are all the same: the last value.
/// - Where the best model has no dynamics, (0, d, 0), the choice is retried on log(1 + y); if that
///   finds dynamics, it is used and its forecasts are transformed back to the *mean*: exp of the
///   forecast is the median, which for spiky traffic lies far below, so it is multiplied by the mean
///   of exp of the past innovations (smearing). The original forecasts the median.
/// - Order and parameters are chosen anew when a tenth more values have come than they were chosen
///   from (at first with every value, at 400 values with every fortieth), or when the innovations
///   since then are far larger than they should be. In between a new value only updates the filter.
/// - The last 500 values are kept and fitted to.
///
/// Source: ``StepwiseSearch``, ``ARMAEstimator``; N. Duan, "Smearing estimate: a nonparametric
/// retransformation method", JASA 78 (1983).
public struct ARIMAPredictor: LoadPredictor {
  /// Values below which the last value is the forecast.
  static let minimumPoints = 5
  private static let window = 500

  private let mayUseLog: Bool
  @PackedNumbers private var values: [Double] = []
  private var fitted: FittedARIMA?

  /// Creates a predictor that has seen nothing.
  ///
  /// - Parameter settings: where they already ask for log(1 + y), the retry on it is left out.
  public init(settings: PredictorSettings) {
    mayUseLog = !settings.usesLog1p
  }

  /// A predictor whose model is chosen once, from a whole series.
  ///
  /// - Parameter values: finite values, oldest first; the last 500 count.
  package init(settings: PredictorSettings, fittedTo values: [Double]) {
    self.init(settings: settings)
    self.values = values.suffix(Self.window)
    if self.values.count >= Self.minimumPoints {
      fitted = FittedARIMA(to: self.values, mayUseLog: mayUseLog, warmStart: nil)
    }
  }

  /// Updates the filter with the value; chooses the model anew where that is due.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    values.append(value)
    if values.count > Self.window { values.removeFirst(values.count - Self.window) }
    guard values.count >= Self.minimumPoints else { return }
    fitted?.update(value)
    if fitted?.needsRefit ?? true {
      fitted = FittedARIMA(to: values, mayUseLog: mayUseLog, warmStart: fitted?.fit)
    }
  }

  /// The model's forecasts; the last value where there is no model; empty before the first value.
  public func forecast(steps: Int) -> [Double] {
    guard let last = values.last, steps > 0 else { return [] }
    return fitted?.forecast(steps: steps) ?? [Double](repeating: last, count: steps)
  }

  /// Values that a share `quantile` of the coming ones would be below, if the innovations are
  /// Gaussian and the model is right; the last value where there is no model; empty before the
  /// first value.
  ///
  /// - Parameters:
  ///   - steps: intervals ahead, at least 1.
  ///   - quantile: the share, above 0 and below 1; 0.5 is the median.
  public func forecast(steps: Int, quantile: Double) -> [Double] {
    guard let last = values.last, steps > 0 else { return [] }
    return fitted?.forecast(steps: steps, quantile: quantile)
      ?? [Double](repeating: last, count: steps)
  }

  /// Order, coefficients, mean, innovation variance and AIC of the best model; all models' weights.
  public var summary: ModelSummary {
    guard let fitted else {
      return ModelSummary(
        note: values.count < Self.minimumPoints
          ? "Fewer than \(Self.minimumPoints) values seen: the forecast is the last value."
          : "All values are the same: the forecast is the last value.")
    }
    return fitted.summary
  }
}
