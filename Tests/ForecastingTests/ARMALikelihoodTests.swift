import Glibc
import Testing

@testable import Forecasting

@Suite struct ARMALikelihoodTests {
  struct Process: CustomTestStringConvertible {
    var ar: [Double] = []
    var ma: [Double] = []
    var hasMean = true
    var testDescription: String { "AR \(ar) MA \(ma) mean \(hasMean)" }
  }

  static let processes = [
    Process(), Process(hasMean: false), Process(ar: [0.7]), Process(ma: [0.4]),
    Process(ar: [0.5, -0.3], ma: [0.8]), Process(ar: [-0.6], ma: [0.2, 0.3], hasMean: false),
    Process(ar: [1.2, -0.5, 0.1], ma: [-0.4, 0.2]), Process(ar: [0.97], ma: [-0.9]),
    Process(ma: [0.1, -0.2, 0.3, 0.2]), Process(ar: [0.1, 0.1, 0.1, 0.1, 0.3], ma: [0.5]),
  ]

  /// The likelihood from its definition: the covariance matrix of all values at once, by the
  /// autocovariances Σ ψ_j ψ_{j+h}, and its Cholesky factor.
  @Test("it is the multivariate normal density", arguments: processes)
  func itIsTheMultivariateNormalDensity(_ process: Process) throws {
    var noise = SeededNoise(seed: 11)
    let series = noise.process(30, ar: process.ar, ma: process.ma, mean: 3)
    let reference = try #require(directObjective(series, process))
    let model = ARIMAFit(
      order: ARIMAOrder(
        p: process.ar.count, d: 0, q: process.ma.count, hasMean: process.hasMean),
      ar: process.ar, ma: process.ma, mean: 0, innovationVariance: 1, aic: 0,
      searchParameters: [])
    let aic = try #require(ARIMAReference.aic(of: series, model))
    #expect(abs(aic - 2 * Double(model.order.parameterCount) - reference) < 1e-7)
  }

  @Test("the four lanes are independent")
  func theFourLanesAreIndependent() {
    var noise = SeededNoise(seed: 3)
    let series = noise.process(50, ar: [0.5], ma: [0.3])
    let sets: [[Double]] = [[0.1, 0.4], [2, -1], [-0.5, 0.3], [9, 9]]
    var together = ARMALanes(p: 1, q: 1, hasMean: true)
    let parameters = (0..<2).map { index in
      ARMALanes.Lanes(sets[0][index], sets[1][index], sets[2][index], sets[3][index])
    }
    let outcome = together.filter(series, parameters: parameters, records: false)
    for lane in 0..<4 {
      var alone = ARMALanes(p: 1, q: 1, hasMean: true)
      let single = alone.filter(
        series, parameters: sets[lane].map { ARMALanes.Lanes(repeating: $0) }, records: false)
      #expect(abs(single.squares[0] - outcome.squares[lane]) < 1e-9 * outcome.squares[lane])
      #expect(abs(single.logVariances[0] - outcome.logVariances[lane]) < 1e-9)
      #expect(abs(single.mean[0] - outcome.mean[lane]) < 1e-9)
    }
  }

  @Test("at the reference's coefficients the AIC is not above the reference's")
  func atTheReferencesCoefficientsTheAICIsNotAboveTheReferences() throws {
    // d = 0, where both start the filter alike, and not the perfect series (no likelihood). Ours
    // has the best mean and variance for these coefficients, theirs the optimiser's.
    for fit in try ARIMAReference.load().fits
    where fit.ndiffs == 0 && !fit.name.hasPrefix("constant") && !fit.name.hasPrefix("alternating") {
      guard let aic = ARIMAReference.aic(of: fit.series, fit.model(fit.params)) else { continue }
      #expect(aic <= fit.aic + 1e-6, "\(fit.title)")
    }
  }

  /// n log(2π) + n + n log(S / n) + log det R.
  private func directObjective(_ series: [Double], _ process: Process) -> Double? {
    let n = series.count
    var weights = [1.0]
    for index in 1..<3000 {
      var weight = index <= process.ma.count ? process.ma[index - 1] : 0
      for (lag, phi) in process.ar.enumerated() where index > lag {
        weight += phi * weights[index - lag - 1]
      }
      weights.append(weight)
    }
    let covariances = (0..<n).map { lag in
      (0..<(weights.count - lag)).reduce(0.0) { $0 + weights[$1] * weights[$1 + lag] }
    }
    var factor = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for row in 0..<n {
      for column in 0...row {
        var sum = covariances[row - column]
        for k in 0..<column { sum -= factor[row][k] * factor[column][k] }
        if row == column && sum <= 0 { return nil }
        factor[row][column] = row == column ? sum.squareRoot() : sum / factor[column][column]
      }
    }
    func solve(_ vector: [Double]) -> [Double] {
      var solution = vector
      for row in 0..<n {
        for k in 0..<row { solution[row] -= factor[row][k] * solution[k] }
        solution[row] /= factor[row][row]
      }
      return solution
    }
    let whitened = solve(series)
    let ones = solve([Double](repeating: 1, count: n))
    let mean =
      process.hasMean
      ? zip(whitened, ones).reduce(0) { $0 + $1.0 * $1.1 } / ones.reduce(0) { $0 + $1 * $1 } : 0
    let squares = zip(whitened, ones).reduce(0.0) {
      $0 + ($1.0 - mean * $1.1) * ($1.0 - mean * $1.1)
    }
    let logDeterminant = (0..<n).reduce(0.0) { $0 + 2 * log(factor[$1][$1]) }
    let count = Double(n)
    return count * (log(2 * .pi) + 1 + log(squares / count)) + logDeterminant
  }
}
