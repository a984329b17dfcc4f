import NumericalMethods

/// Start values for the coefficients of an ARMA process, by two regressions: a long autoregression
/// gives estimates of the innovations, then the series is regressed on its own lags and theirs.
///
/// Source: E. J. Hannan, J. Rissanen, "Recursive estimation of mixed autoregressive-moving average
/// order", Biometrika 69 (1982); 2q lags in the long autoregression, as statsmodels takes them.
enum HannanRissanen {
  /// Estimates φ and θ. A part that is not stationary or not invertible is shrunk until its inverse
  /// roots lie within 0.95; with too few values everything is 0.
  ///
  /// - Parameter series: centred values.
  static func coefficients(of series: [Double], p: Int, q: Int) -> (ar: [Double], ma: [Double]) {
    let zeros = ([Double](repeating: 0, count: p), [Double](repeating: 0, count: q))
    var innovations: [Double] = []
    let longLags = 2 * q
    if q > 0 {
      guard let long = regress(series, lags: longLags, and: [], 0, from: longLags)
      else { return zeros }
      innovations = [Double](repeating: 0, count: series.count)
      for time in longLags..<series.count {
        var innovation = series[time]
        for lag in 1...longLags { innovation -= long[lag - 1] * series[time - lag] }
        innovations[time] = innovation
      }
    }
    let first = max(longLags + q, p)
    guard let found = regress(series, lags: p, and: innovations, q, from: first)
    else { return zeros }
    let ar = shrunk(Array(found[..<p]))
    let ma = shrunk(found[p...].map { -$0 }).map { -$0 }
    return (ar, ma)
  }

  /// Moves the inverse roots of `1 − c₁ z − …` towards 0 until the largest is at most 0.95.
  private static func shrunk(_ coefficients: [Double]) -> [Double] {
    var shrunk = coefficients
    // Ends: the coefficients are finite and fall geometrically.
    while !LagPolynomial.hasInverseRoots(within: 0.95, coefficients: shrunk) {
      var power = 1.0
      for index in shrunk.indices {
        power *= 0.95
        shrunk[index] *= power
      }
    }
    return shrunk
  }

  /// Least squares of a series on its own lags and those of another.
  private static func regress(
    _ series: [Double], lags: Int, and other: [Double], _ otherLags: Int, from first: Int
  ) -> [Double]? {
    let count = lags + otherLags
    guard first + count < series.count else { return nil }
    var products = [Double](repeating: 0, count: count * count)
    var sums = [Double](repeating: 0, count: count)
    var row = [Double](repeating: 0, count: count)
    for time in first..<series.count {
      for lag in 0..<lags { row[lag] = series[time - lag - 1] }
      for lag in 0..<otherLags { row[lags + lag] = other[time - lag - 1] }
      for i in 0..<count {
        sums[i] += row[i] * series[time]
        for j in 0...i { products[i * count + j] += row[i] * row[j] }
      }
    }
    // A trace of ridge: collinear lags (a smooth series) still give a usable start.
    for i in 0..<count { products[i * count + i] *= 1 + 1e-10 }
    return CholeskySolver.solve(products, sums)
  }
}
