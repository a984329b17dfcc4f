/// The exact Gaussian likelihood of a stationary ARMA process, for four parameter sets at once.
///
/// In state-space form (Harvey's companion form, innovation variance 1) the Kalman filter of a
/// stationary process needs no covariance matrix: its increments have rank one, so the recursions
/// of Morf, Sidhu and Kailath carry one vector instead, O(max(p, q + 1)) per value. Once the
/// innovation variance has reached its limit 1, the gain no longer changes and is kept.
///
/// The four lanes run the same operations on four parameter sets: a point and three neighbours
/// (for derivatives), or four trial points.
///
/// A mean is filtered along: a series of ones runs through the same filter, and generalised least
/// squares of the one on the other gives the mean's estimate and the sum of squares left.
///
/// Source: M. Morf, G. S. Sidhu, T. Kailath, "Some new algorithms for recursive estimation in
/// constant, linear, discrete-time systems", IEEE Trans. Automatic Control 19 (1974); start
/// covariances from P. J. Brockwell, R. A. Davis, *Time Series: Theory and Methods*, §3.3.
struct ARMALanes {
  typealias Lanes = SIMD4<Double>

  /// What the likelihood is made of, lane by lane.
  struct Outcome {
    /// Sum of the squared innovations, each divided by its variance.
    var squares: Lanes
    /// Sum of the logarithms of the innovation variances.
    var logVariances: Lanes
    /// Estimated mean; 0 without one.
    var mean: Lanes
  }

  private let p: Int
  private let q: Int
  private let size: Int
  private let hasMean: Bool
  /// φ, θ (both padded to `size` + 1), gain, increment, state and the state of the ones.
  private var work: [Lanes]
  private var startCovariances: [Lanes]
  /// Innovations of the series divided by their standard deviations, if recorded.
  private(set) var innovations: [Lanes] = []
  /// The same for the series of ones.
  private(set) var unitInnovations: [Lanes] = []

  init(p: Int, q: Int, hasMean: Bool) {
    self.p = p
    self.q = q
    self.hasMean = hasMean
    size = max(p, q + 1)
    work = [Lanes](repeating: .zero, count: 6 * (size + 1))
    startCovariances = [Lanes](repeating: .zero, count: size + p + 2 * q + 2)
  }

  /// Filters `series` with the parameters of each lane.
  ///
  /// - Parameters:
  ///   - parameters: p numbers for the autoregression, then q for the moving average, unbounded:
  ///     u stands for the partial autocorrelation u / √(1 + u²).
  ///   - records: whether the scaled innovations are kept.
  mutating func filter(_ series: [Double], parameters: [Lanes], records: Bool) -> Outcome {
    setCoefficients(parameters)
    let startVariance = setStart()
    if records, innovations.count != series.count {
      innovations = [Lanes](repeating: .zero, count: series.count)
      if hasMean { unitInnovations = innovations }
    }
    return run(series, startVariance: startVariance, records: records)
  }

  /// φ and θ from the unbounded parameters, and the autocovariances of the autoregression alone
  /// (innovation variance 1) by Levinson's recursion.
  private mutating func setCoefficients(_ parameters: [Lanes]) {
    let theta = size + 1
    for index in work.indices { work[index] = .zero }
    var variance = Lanes(repeating: 1)
    for index in 0..<p {
      variance *= 1 + parameters[index] * parameters[index]
    }
    startCovariances[0] = variance
    for order in 0..<p {
      let u = parameters[order]
      let scale = 1 + u * u
      let partial = u / scale.squareRoot()
      var covariance = partial * variance
      for index in 0..<order {
        covariance += work[index] * startCovariances[order - index]
      }
      startCovariances[order + 1] = covariance
      variance /= scale
      extend(at: 0, order: order, partial: partial)
    }
    for order in 0..<q {
      let u = parameters[p + order]
      extend(at: theta, order: order, partial: u / (1 + u * u).squareRoot())
    }
    for index in 0..<q { work[theta + index] = -work[theta + index] }
  }

  /// One step of the recursion from partial autocorrelations to coefficients, in place.
  private mutating func extend(at start: Int, order: Int, partial: Lanes) {
    var low = 0
    var high = order - 1
    while low <= high {
      let left = work[start + low]
      let right = work[start + high]
      work[start + low] = left - partial * right
      work[start + high] = right - partial * left
      low += 1
      high -= 1
    }
    work[start + order] = partial
  }

  /// Gain and increment of the first step, from the stationary covariance of the state.
  ///
  /// - Returns: variance of the process.
  private mutating func setStart() -> Lanes {
    let theta = size + 1
    let lagCount = p + q
    for lag in (p + 1)..<max(p + 1, lagCount + 1) {
      var covariance = Lanes.zero
      for index in 0..<p { covariance += work[index] * startCovariances[lag - 1 - index] }
      startCovariances[lag] = covariance
    }
    // Autocovariances of the moving average, then of the whole process, then ψ weights.
    func coefficient(_ index: Int) -> Lanes {
      index == 0 ? Lanes(repeating: 1) : work[theta + index - 1]
    }
    var processCovariances = [Lanes](repeating: .zero, count: p + 1)
    for shift in 0...q {
      var product = Lanes.zero
      for index in 0...(q - shift) { product += coefficient(index) * coefficient(index + shift) }
      for lag in 0...p {
        processCovariances[lag] += product * startCovariances[lag + shift]
        if shift > 0 {
          processCovariances[lag] += product * startCovariances[abs(lag - shift)]
        }
      }
    }
    var weights = [Lanes](repeating: Lanes(repeating: 1), count: q + 1)
    for index in 1..<max(1, q + 1) {
      var weight = coefficient(index)
      for lag in 1..<(min(index, p) + 1) { weight += work[lag - 1] * weights[index - lag] }
      weights[index] = weight
    }
    let gain = 2 * (size + 1)
    let increment = 3 * (size + 1)
    for row in 0..<size {
      var covariance = Lanes.zero
      for index in (row + 1)..<max(row + 1, p) {
        covariance += work[index] * processCovariances[index - row]
      }
      for index in (row + 1)..<max(row + 1, q + 1) {
        covariance += coefficient(index) * weights[index - row - 1]
      }
      work[gain + row] = work[row] * processCovariances[0] + covariance
      work[increment + row] = work[gain + row]
    }
    return processCovariances[0]
  }

  private mutating func run(_ series: [Double], startVariance: Lanes, records: Bool) -> Outcome {
    let size = size
    let hasMean = hasMean
    return work.withUnsafeMutableBufferPointer { work in
      innovations.withUnsafeMutableBufferPointer { innovations in
        unitInnovations.withUnsafeMutableBufferPointer { unitInnovations in
          var recursion = LaneRecursion(work, size: size, startVariance: startVariance)
          for time in series.indices {
            let deviation = records ? recursion.inverse.squareRoot() : .zero
            let innovation = recursion.take(series[time])
            if records { innovations[time] = innovation * deviation }
            if hasMean {
              let unit = recursion.takeUnit()
              if records { unitInnovations[time] = unit * deviation }
            }
            if !recursion.isSteady { recursion.advanceGain(isWarm: time >= size) }
          }
          return recursion.outcome(hasMean: hasMean)
        }
      }
    }
  }
}
