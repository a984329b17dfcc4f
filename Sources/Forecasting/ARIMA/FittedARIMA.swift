#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif
import NumericalMethods

/// ARIMA models at work: chosen and fitted once, followed since.
struct FittedARIMA: Codable, Sendable, Equatable {
  /// The best model; on the scale of log(1 + y) if `usesLog`.
  let fit: ARIMAFit
  /// Whether log(1 + y) is modelled.
  let usesLog: Bool
  /// Mean of exp of the innovations on the log scale: mean over median of the forecasts.
  private let smearing: Double
  private let fittedCount: Int
  private var mixture: ARIMAMixture
  private var updates = 0
  private var squaredInnovations = 0.0

  /// Chooses the models.
  ///
  /// - Parameters:
  ///   - values: at least five.
  ///   - mayUseLog: whether a model without dynamics is retried on log(1 + y).
  ///   - warmStart: the best model so far.
  /// - Returns: nil when there is nothing to model (all values are the same).
  init?(to values: [Double], mayUseLog: Bool, warmStart: ARIMAFit?) {
    let largest = values.reduce(0) { max($0, abs($1)) }
    if Differencing.isConstant(values, scale: largest) { return nil }
    var fits =
      Self.line(values, scale: largest).map { [$0] }
      ?? StepwiseSearch.fits(for: values, warmStart: warmStart)
    guard let plain = fits.first else { return nil }
    var series = values
    var usesLog = false
    if mayUseLog, !plain.order.hasDynamics, plain.innovationVariance > 0,
      values.allSatisfy({ $0 >= 0 })
    {
      let logs = values.map { log1p($0) }
      let onLogs = StepwiseSearch.fits(for: logs, warmStart: warmStart)
      if onLogs.first?.order.hasDynamics == true { (fits, series, usesLog) = (onLogs, logs, true) }
    }
    var mixture = ARIMAMixture(fits, count: series.count - fits[0].order.d)
    if usesLog {
      smearing = Self.smearing(of: series, &mixture)
    } else {
      for value in series { mixture.follow(value) }
      smearing = 1
    }
    guard mixture.isFinite else { return nil }
    self.mixture = mixture
    self.usesLog = usesLog
    fit = fits[0]
    fittedCount = values.count
  }

  /// Takes a new value.
  mutating func update(_ value: Double) {
    updates += 1
    squaredInnovations += mixture.update(usesLog ? log1p(value) : value) ?? 0
  }

  /// Whether the models should be chosen anew: for a tenth more values, or because the sum of the
  /// squared innovations is more than 5 standard deviations above its expectation (χ²).
  var needsRefit: Bool {
    if !mixture.isFinite { return true }
    if updates >= max(1, fittedCount / 10) { return true }
    if updates == 0 { return false }
    if fit.innovationVariance == 0 { return true }
    let count = Double(updates)
    return !(squaredInnovations <= count + 5 * (2 * count).squareRoot())
  }

  /// The forecasts, on the scale of the values.
  func forecast(steps: Int) -> [Double] {
    let values = mixture.forecast(steps: steps).values
    return usesLog ? values.map { exp($0) * smearing - 1 } : values
  }

  /// The quantiles of the coming values, on their scale.
  func forecast(steps: Int, quantile: Double) -> [Double] {
    let (values, variances) = mixture.forecast(steps: steps)
    let distance = NormalDistribution.quantile(quantile)
    return zip(values, variances).map { value, variance in
      let bound = value + distance * variance.squareRoot()
      return usesLog ? expm1(bound) : bound
    }
  }

  /// Order, coefficients, mean and innovation variance of the best model, and all models' weights.
  var summary: ModelSummary {
    var parameters: [ModelSummary.Parameter] = []
    if fit.order.hasMean { parameters.append(.init("mean", fit.mean)) }
    for (lag, value) in fit.ar.enumerated() { parameters.append(.init("ar.L\(lag + 1)", value)) }
    for (lag, value) in fit.ma.enumerated() { parameters.append(.init("ma.L\(lag + 1)", value)) }
    parameters.append(.init("sigma2", fit.innovationVariance))
    return ModelSummary(
      order: [fit.order.p, fit.order.d, fit.order.q],
      members: mixture.orders.count > 1
        ? zip(mixture.orders, mixture.weights).map { .init(name: $0.description, weight: $1) }
        : nil,
      parameters: parameters, aic: fit.aic,
      scale: usesLog ? "log1p" : nil,
      note: usesLog
        ? "No dynamics were found in the values, so log(1 + y) is modelled; the forecast is transformed back to the mean."
        : nil)
  }

  /// The model of a straight line, which a short one would not get: too few values for the test.
  private static func line(_ values: [Double], scale: Double) -> ARIMAFit? {
    let differences = DifferencedSeries(values, order: 1)
    guard Differencing.isConstant(differences.values, scale: scale) else { return nil }
    return ARIMAFit(differences, order: ARIMAOrder(p: 0, d: 1, q: 0, hasMean: true))
  }

  /// The mean of exp of the innovations, for models of logs that have not seen a value yet. One
  /// that brings more than half of the sum says nothing of the others: it is left out.
  private static func smearing(of logs: [Double], _ mixture: inout ARIMAMixture) -> Double {
    var sum = 0.0
    var count = 0.0
    var largest = 0.0
    for value in logs {
      let expected = mixture.forecast(steps: 1).values[0]
      guard mixture.follow(value) != nil else { continue }
      let ratio = exp(value - expected)
      largest = max(largest, ratio)
      sum += ratio
      count += 1
    }
    if count > 1, largest > sum / 2 {
      sum -= largest
      count -= 1
    }
    return count > 0 && sum.isFinite ? sum / count : 1
  }
}

extension ARIMAOrder {
  /// Whether the model has any coefficient.
  var hasDynamics: Bool { p + q > 0 }
}
