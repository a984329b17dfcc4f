/// Coefficients of a stationary autoregression and its partial autocorrelations, and the way
/// between them.
///
/// A set of partial autocorrelations between −1 and 1 belongs to exactly one stationary
/// autoregression, so a search over them needs no bounds. The same holds for an invertible moving
/// average with the signs turned.
///
/// Source: J. F. Monahan, "A note on enforcing stationarity in autoregressive-moving average
/// models", Biometrika 71 (1984).
enum LagPolynomial {
  /// Coefficients φ of `x_t = φ₁ x_{t−1} + … ` from the partial autocorrelations.
  static func coefficients(partials: [Double]) -> [Double] {
    var coefficients: [Double] = []
    for partial in partials {
      let before = coefficients
      for index in before.indices {
        coefficients[index] = before[index] - partial * before[before.count - 1 - index]
      }
      coefficients.append(partial)
    }
    return coefficients
  }

  /// Partial autocorrelations of a stationary autoregression; nil when it is not stationary.
  static func partials(coefficients: [Double]) -> [Double]? {
    var current = coefficients
    var partials: [Double] = []
    while let partial = current.popLast() {
      guard abs(partial) < 1 else { return nil }
      partials.append(partial)
      let scale = 1 - partial * partial
      let before = current
      for index in before.indices {
        current[index] = (before[index] + partial * before[before.count - 1 - index]) / scale
      }
    }
    return partials.reversed()
  }

  /// Whether every inverse root of `1 − φ₁ z − φ₂ z² …` lies within `radius` of 0: scaled by the
  /// radius, the polynomial has to be stationary. No root is computed.
  static func hasInverseRoots(within radius: Double, coefficients: [Double]) -> Bool {
    var power = 1.0
    let scaled = coefficients.map { coefficient in
      power *= radius
      return coefficient / power
    }
    return partials(coefficients: scaled) != nil
  }
}
