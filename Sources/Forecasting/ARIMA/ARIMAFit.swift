#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// An ARIMA model fitted to a series by maximum likelihood.
///
///     w = Δᵈ y,   w_t − μ = Σ φ_j (w_{t−j} − μ) + ε_t + Σ θ_j ε_{t−j},   ε_t ~ N(0, σ²)
///
/// The likelihood is that of the n − d differences: the exact one of the state-space model with a
/// diffuse start, which leaves out the first d values.
struct ARIMAFit: Codable, Sendable, Equatable {
  /// The order.
  var order: ARIMAOrder
  /// φ.
  var ar: [Double]
  /// θ.
  var ma: [Double]
  /// μ; 0 without a mean.
  var mean: Double
  /// σ²; 0 for a series without innovations (a straight line).
  var innovationVariance: Double
  /// −2 log L + 2 · parameters.
  var aic: Double
  /// The unbounded parameters of the search, a warm start for the next fit.
  var searchParameters: [Double]
}

extension ARIMAFit {
  /// Fits a model of a given order.
  ///
  /// - Parameters:
  ///   - differences: the series, differenced as often as the order says.
  ///   - order: the order.
  ///   - warmStart: the parameters of an earlier fit of the same order, tried beside the start of
  ///     ``HannanRissanen``.
  /// - Returns: nil when there is nothing to fit to.
  init?(_ differences: DifferencedSeries, order: ARIMAOrder, warmStart: [Double]? = nil) {
    let n = differences.values.count
    guard n > 0, order.d == differences.order else { return nil }
    let centre = order.hasMean ? differences.mean : 0
    let scale = differences.scale
    let series = differences.values.map { ($0 - centre) / scale }
    let start = HannanRissanen.coefficients(of: series, p: order.p, q: order.q)
    var starts = [Self.unbounded(start.ar) + Self.unbounded(start.ma.map { -$0 })]
    if let warmStart, warmStart.count == order.p + order.q { starts.append(warmStart) }
    var estimator = ARMAEstimator(series, p: order.p, q: order.q, hasMean: order.hasMean)
    guard let estimate = estimator.estimate(from: starts) else { return nil }
    self.order = order
    searchParameters = estimate.parameters
    let partials = estimate.parameters.map { $0 / (1 + $0 * $0).squareRoot() }
    ar = LagPolynomial.coefficients(partials: Array(partials[..<order.p]))
    ma = LagPolynomial.coefficients(partials: Array(partials[order.p...])).map { -$0 }
    mean = centre + estimate.mean * scale
    innovationVariance =
      differences.isConstant ? 0 : estimate.innovationVariance * scale * scale
    aic =
      Double(n) * (log(2 * .pi) + 1 + 2 * log(scale)) + estimate.objective
      + 2 * Double(order.parameterCount)
    // Sums of huge values overflow; such a model can neither be compared nor saved.
    guard mean.isFinite, innovationVariance.isFinite, aic.isFinite else { return nil }
  }

  /// AIC corrected for a small sample, `AIC + 2 k (k + 1) / (n − k − 1)` for k parameters; infinite
  /// where there are no more values than parameters.
  ///
  /// - Parameter count: n, the differences that it was fitted to.
  func correctedAIC(count: Int) -> Double {
    let parameters = order.parameterCount
    guard count > parameters + 1 else { return .infinity }
    return aic + Double(2 * parameters * (parameters + 1)) / Double(count - parameters - 1)
  }

  private static func unbounded(_ coefficients: [Double]) -> [Double] {
    let partials = LagPolynomial.partials(coefficients: coefficients) ?? coefficients.map { _ in 0 }
    return partials.map { $0 / (1 - $0 * $0).squareRoot() }
  }

  /// Whether the inverse roots lie within `radius`: those of the moving average where there is one,
  /// else those of the autoregression (the test of pmdarima).
  func hasInverseRoots(within radius: Double) -> Bool {
    order.q > 0
      ? LagPolynomial.hasInverseRoots(within: radius, coefficients: ma.map { -$0 })
      : LagPolynomial.hasInverseRoots(within: radius, coefficients: ar)
  }
}
