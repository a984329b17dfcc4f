#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif
import NumericalMethods

/// Maximises the exact likelihood of an ARMA(p, q) process over its coefficients.
///
/// Innovation variance and mean have closed forms given the coefficients, so only those are
/// searched for, as unbounded partial autocorrelations. With the variance put in, −2 log L is
/// `n log(S/n) + Σ log f` plus a constant, and `S · exp(Σ log f / n)` is a sum of squares: of the
/// innovations scaled by their variances' geometric mean. That makes the problem one of nonlinear
/// least squares. Each step tries two models of the curvature with two dampings each
/// (Levenberg–Marquardt), in the four lanes of ``ARMALanes``, and keeps the best.
///
/// Source: G. E. P. Box, G. M. Jenkins, *Time Series Analysis*, chapter 7; J. J. Moré, "The
/// Levenberg–Marquardt algorithm", LNM 630 (1978); ``CurvatureModel``.
struct ARMAEstimator {
  typealias Lanes = ARMALanes.Lanes

  /// Where the search ended.
  struct Estimate {
    /// The unbounded parameters, autoregression first.
    var parameters: [Double]
    /// `n log(S/n) + Σ log f`: −2 log L without its constants.
    var objective: Double
    /// Estimated mean; 0 without one.
    var mean: Double
    /// Estimated innovation variance, S/n.
    var innovationVariance: Double
  }

  private let series: [Double]
  private let count: Int
  private let hasMean: Bool
  private var lanes: ARMALanes
  /// Scaled innovation and its derivatives, one block of three parameters after the other.
  private var deviations: [Lanes] = []

  /// Partial autocorrelations stay below 1 − 1/(2 · 200²): beyond lies only rounding.
  private static let bound = 200.0

  /// - Parameter series: at least one value, of magnitudes that can be squared.
  init(_ series: [Double], p: Int, q: Int, hasMean: Bool) {
    self.series = series
    self.hasMean = hasMean
    count = p + q
    lanes = ARMALanes(p: p, q: q, hasMean: hasMean)
  }

  /// Searches from the best of `starts`.
  ///
  /// - Parameters:
  ///   - starts: one to four sets of p + q unbounded parameters.
  ///   - maximumSteps: steps after which the search ends where it is.
  /// - Returns: nil when the likelihood has no finite value at any start.
  mutating func estimate(from starts: [[Double]], maximumSteps: Int = 40) -> Estimate? {
    guard var best = lowest(starts)?.estimate else { return nil }
    if count == 0 { return best }
    var model = CurvatureModel(count: count)
    var damping = 1e-2
    var steps = 0
    while steps < maximumSteps, let slope = differentiate(at: best.parameters, into: &model) {
      var failures = 0
      while true {
        steps += 1
        let dampings = [0.1 * damping, damping, 0.1 * damping, damping]
        let trials = (0..<4).map { lane in
          trial(
            from: best.parameters, curvature: lane < 2 ? model.gaussNewton : model.corrected,
            slope: slope, damping: dampings[lane])
        }
        if let found = lowest(trials), found.estimate.objective < best.objective {
          damping = min(max(dampings[found.lane], 1e-10), 1e8)
          let gain = best.objective - found.estimate.objective
          best = found.estimate
          if gain < 1e-9 { return best }
          break
        }
        failures += 1
        if failures > 5 { return best }
        damping = max(1e-4, 100 * damping)
      }
    }
    return best
  }

  /// Evaluates up to four points; the lowest of them and its lane.
  private mutating func lowest(_ points: [[Double]]) -> (lane: Int, estimate: Estimate)? {
    var parameters = [Lanes](repeating: .zero, count: count)
    for index in parameters.indices {
      for lane in 0..<4 { parameters[index][lane] = points[min(lane, points.count - 1)][index] }
    }
    let outcome = lanes.filter(series, parameters: parameters, records: false)
    let n = Double(series.count)
    var found: (lane: Int, estimate: Estimate)?
    for lane in points.indices {
      let variance = max(0, outcome.squares[lane]) / n
      // A perfect fit has no likelihood; the floor keeps its value finite and comparable.
      let objective = n * log(max(variance, .leastNormalMagnitude)) + outcome.logVariances[lane]
      guard objective < found?.estimate.objective ?? .infinity else { continue }
      found = (
        lane,
        Estimate(
          parameters: points[lane], objective: objective, mean: outcome.mean[lane],
          innovationVariance: variance)
      )
    }
    return found
  }

  /// Gradient and Gauss–Newton Hessian of the objective, from forward differences of the scaled
  /// innovations; nil when one is not finite.
  private mutating func differentiate(
    at point: [Double], into model: inout CurvatureModel
  ) -> [Double]? {
    let blocks = (count + 2) / 3
    let n = series.count
    if deviations.isEmpty { deviations = [Lanes](repeating: .zero, count: n * blocks) }
    for block in 0..<blocks { recordBlock(block, at: point) }
    var products = [Double](repeating: 0, count: count * count)
    var slope = [Double](repeating: 0, count: count)
    var squares = 0.0
    for left in 0..<blocks {
      for right in 0...left {
        let sums = laneProducts(left, right)
        if left == 0 { squares = sums[0][0] }
        for i in 1...3 where 3 * left + i <= count {
          let row = 3 * left + i - 1
          if right == 0 { slope[row] = sums[0][i] }
          for j in 1...3 where 3 * right + j <= count {
            let column = 3 * right + j - 1
            products[row * count + column] = sums[j][i]
            products[column * count + row] = sums[j][i]
          }
        }
      }
    }
    // From the sum of squares Q to the objective n log Q.
    let scale = 2 * Double(n) / squares
    for index in slope.indices { slope[index] *= scale }
    for index in products.indices { products[index] *= scale }
    guard slope.allSatisfy(\.isFinite), products.allSatisfy(\.isFinite) else { return nil }
    model.update(at: point, gaussNewton: products, slope: slope)
    return slope
  }

  /// Scaled innovations at the point (lane 0) and their derivatives by three parameters.
  private mutating func recordBlock(_ block: Int, at point: [Double]) {
    let n = series.count
    var parameters = point.map { Lanes(repeating: $0) }
    var inverseSteps = Lanes.zero
    for lane in 1...3 where 3 * block + lane <= count {
      let index = 3 * block + lane - 1
      let moved = point[index] + 1e-7 * max(1, abs(point[index]))
      parameters[index][lane] = moved
      inverseSteps[lane] = 1 / (moved - point[index])
    }
    let outcome = lanes.filter(series, parameters: parameters, records: true)
    var scale = Lanes.zero
    for lane in 0..<4 { scale[lane] = exp(outcome.logVariances[lane] / Double(2 * n)) }
    let mean = outcome.mean
    let hasMean = hasMean
    let offset = block * n
    deviations.withUnsafeMutableBufferPointer { deviations in
      lanes.innovations.withUnsafeBufferPointer { innovations in
        lanes.unitInnovations.withUnsafeBufferPointer { units in
          for time in 0..<n {
            var residual = innovations[time]
            if hasMean { residual -= mean * units[time] }
            residual *= scale
            let base = residual[0]
            residual = (residual - base) * inverseSteps
            residual[0] = base
            deviations[offset + time] = residual
          }
        }
      }
    }
  }

  /// Element [j][i] is the sum over time of lane j of block `right` times lane i of block `left`.
  private func laneProducts(_ left: Int, _ right: Int) -> [Lanes] {
    let n = series.count
    return deviations.withUnsafeBufferPointer { deviations in
      var sum0 = Lanes.zero
      var sum1 = Lanes.zero
      var sum2 = Lanes.zero
      var sum3 = Lanes.zero
      for time in 0..<n {
        let a = deviations[left * n + time]
        let b = deviations[right * n + time]
        sum0 += a * b[0]
        sum1 += a * b[1]
        sum2 += a * b[2]
        sum3 += a * b[3]
      }
      return [sum0, sum1, sum2, sum3]
    }
  }

  private func trial(
    from point: [Double], curvature: [Double], slope: [Double], damping: Double
  ) -> [Double] {
    var damped = curvature
    var largest = 0.0
    for index in 0..<count { largest = max(largest, abs(curvature[index * count + index])) }
    for index in 0..<count {
      // A flat direction (a parameter near its bound) keeps a little curvature of its own.
      damped[index * count + index] +=
        damping * max(curvature[index * count + index], 1e-9 * largest) + .leastNormalMagnitude
    }
    guard let step = CholeskySolver.solve(damped, slope) else { return point }
    return point.indices.map { index in
      // Small steps keep the search in the start's own basin: the likelihood has several.
      let limit = 0.3 * (1 + abs(point[index]))
      let moved = point[index] - min(max(step[index], -limit), limit)
      return min(max(moved, -Self.bound), Self.bound)
    }
  }
}
