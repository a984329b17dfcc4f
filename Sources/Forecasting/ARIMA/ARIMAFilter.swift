#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Follows a series with a fitted ARIMA model: takes value after value and forecasts from where it
/// stands.
///
/// The recursions are those of ``ARMALanes``, for one parameter set and value by value, so
/// filtering on costs O(max(p, q + 1)) per value, and the state can be saved at any time.
struct ARIMAFilter: Codable, Sendable, Equatable {
  /// How far a value was from its forecast.
  struct Innovation {
    /// In units of its standard deviation.
    var standardised: Double
    /// Its variance, above 0.
    var variance: Double
    /// −2 log of the value's density, without the constant log 2π.
    var deviance: Double { log(variance) + standardised * standardised }
  }

  private let ar: [Double]
  private let ma: [Double]
  private let mean: Double
  private let innovationVariance: Double
  private var state: [Double]
  private var gain: [Double]
  private var increment: [Double]
  private var multiplier: Double
  private var variance: Double
  private var isSteady = false
  /// The newest value and its differences below order d.
  private var latest: [Double]
  private var taken = 0

  /// Starts before the first value.
  init(_ fit: ARIMAFit) {
    let size = max(fit.order.p, fit.order.q + 1)
    let zeros = [Double](repeating: 0, count: size + 1)
    ar = fit.ar + [Double](repeating: 0, count: size - fit.ar.count)
    ma = fit.ma + [Double](repeating: 0, count: size - fit.ma.count)
    mean = fit.mean
    innovationVariance = fit.innovationVariance
    latest = [Double](repeating: 0, count: fit.order.d)
    state = zeros
    let start = StationaryStart(ar: fit.ar, ma: fit.ma)
    variance = start.variance
    gain = start.gain
    increment = start.gain + [0]
    multiplier = -1 / start.variance
  }

  /// Takes the next value.
  ///
  /// - Returns: nil for the first d values, which only fill the differences, and for a model without
  ///   innovations.
  @discardableResult
  mutating func update(_ value: Double) -> Innovation? {
    var difference = value
    for order in latest.indices {
      let next = difference - latest[order]
      latest[order] = difference
      // The first values have no differences of higher order yet.
      if taken < order + 1 {
        taken += 1
        return nil
      }
      difference = next
    }
    let innovation = difference - mean - state[0]
    let expected = variance * innovationVariance
    let result =
      innovationVariance > 0
      ? Innovation(standardised: innovation / expected.squareRoot(), variance: expected) : nil
    let scaled = innovation / variance
    let head = state[0]
    for row in gain.indices {
      state[row] = ar[row] * head + state[row + 1] + gain[row] * scaled
    }
    if !isSteady { advanceGain() }
    return result
  }

  private mutating func advanceGain() {
    let lead = increment[0]
    let step = multiplier * lead
    let next = variance + lead * step
    for row in gain.indices {
      let moved = ar[row] * lead + increment[row + 1]
      gain[row] += moved * step
      increment[row] = moved - gain[row] / next * lead
    }
    multiplier += step * step / variance
    variance = max(1, next)
    if variance - 1 <= 1e-12 {
      isSteady = true
      variance = 1
      for row in gain.indices { gain[row] = ar[row] + ma[row] }
    }
  }

  /// Whether every number of the state is finite.
  var isFinite: Bool {
    state.allSatisfy(\.isFinite) && latest.allSatisfy(\.isFinite) && gain.allSatisfy(\.isFinite)
      && increment.allSatisfy(\.isFinite) && multiplier.isFinite && variance.isFinite
  }

  /// Forecasts the next values and the variance of each forecast's error.
  ///
  /// The variances are those of a long series, σ² Σ ψ²; shortly after the start the true ones are
  /// a little larger.
  func forecast(steps: Int) -> (values: [Double], variances: [Double]) {
    var state = state
    var latest = latest
    var weights = [Double](repeating: 0, count: gain.count + 1)
    weights[0] = 1
    var integrated = [Double](repeating: 0, count: latest.count + 1)
    var values: [Double] = []
    var variances: [Double] = []
    var sum = 0.0
    for step in 0..<max(0, steps) {
      var value = mean + state[0]
      for order in latest.indices.reversed() {
        latest[order] += value
        value = latest[order]
      }
      values.append(value)
      // ψ of the differences, then summed up once per difference.
      integrated[latest.count] = weights[0]
      for order in latest.indices.reversed() { integrated[order] += integrated[order + 1] }
      sum += integrated[0] * integrated[0]
      variances.append(innovationVariance * sum)
      let head = state[0]
      let headWeight = weights[0]
      for row in gain.indices {
        state[row] = ar[row] * head + state[row + 1]
        weights[row] =
          ar[row] * headWeight + weights[row + 1] + (step == 0 ? ma[row] : 0)
      }
    }
    return (values, variances)
  }
}

/// Variance of a stationary ARMA process with innovation variance 1, and its filter's first gain.
private struct StationaryStart {
  var variance: Double
  var gain: [Double]

  init(ar: [Double], ma: [Double]) {
    let p = ar.count
    let q = ma.count
    let theta = [1] + ma
    // Autocovariances of the autoregression alone, from its partial autocorrelations.
    let partials = LagPolynomial.partials(coefficients: ar) ?? ar.map { _ in 0 }
    var autoregression = [partials.reduce(1) { $0 / (1 - $1 * $1) }]
    var remaining = autoregression[0]
    for order in 0..<p {
      let shorter = LagPolynomial.coefficients(partials: Array(partials[..<order]))
      var covariance = partials[order] * remaining
      for index in 0..<order { covariance += shorter[index] * autoregression[order - index] }
      autoregression.append(covariance)
      remaining *= 1 - partials[order] * partials[order]
    }
    for lag in (p + 1)..<(p + q + 2) {
      autoregression.append(
        (0..<p).reduce(0) { $0 + ar[$1] * autoregression[lag - 1 - $1] })
    }
    var covariances = [Double](repeating: 0, count: p + 1)
    for i in 0...q {
      for j in 0...q {
        for lag in 0...p {
          covariances[lag] += theta[i] * theta[j] * autoregression[abs(lag + i - j)]
        }
      }
    }
    var weights = [1.0]
    for index in 1..<max(1, q + 1) {
      let lags = min(index, p)
      weights.append((0..<lags).reduce(theta[index]) { $0 + ar[$1] * weights[index - 1 - $1] })
    }
    variance = covariances[0]
    gain = (0..<max(p, q + 1)).map { row in
      var sum = row < p ? ar[row] * covariances[0] : 0
      for index in (row + 1)..<max(row + 1, p) { sum += ar[index] * covariances[index - row] }
      for index in (row + 1)..<max(row + 1, q + 1) {
        sum += theta[index] * weights[index - row - 1]
      }
      return sum
    }
  }
}
