/// The Hessian of a nonlinear least-squares objective: its Gauss–Newton part, and the same with a
/// secant correction for the curvature of the residuals, which Gauss–Newton leaves out.
///
/// Source: J. E. Dennis, D. M. Gay, R. E. Welsch, "An adaptive nonlinear least-squares algorithm"
/// (NL2SOL), ACM Transactions on Mathematical Software 7 (1981), equations 3.3–3.6.
struct CurvatureModel {
  /// The Gauss–Newton part, n · n elements.
  private(set) var gaussNewton: [Double]
  /// With the correction; need not be positive definite.
  private(set) var corrected: [Double]
  private var correction: [Double]
  private var point: [Double] = []
  private var slope: [Double] = []

  init(count: Int) {
    gaussNewton = [Double](repeating: 0, count: count * count)
    corrected = gaussNewton
    correction = gaussNewton
  }

  /// Takes the derivatives at a new point.
  mutating func update(
    at newPoint: [Double], gaussNewton newPart: [Double], slope newSlope: [Double]
  ) {
    gaussNewton = newPart
    if !point.isEmpty { correct(at: newPoint, slope: newSlope) }
    point = newPoint
    slope = newSlope
    for index in corrected.indices { corrected[index] = gaussNewton[index] + correction[index] }
  }

  private mutating func correct(at newPoint: [Double], slope newSlope: [Double]) {
    let count = newPoint.count
    let step = newPoint.indices.map { newPoint[$0] - point[$0] }
    let change = newSlope.indices.map { newSlope[$0] - slope[$0] }
    // What the correction times the step should give, and what it gives.
    var wanted = change
    var given = [Double](repeating: 0, count: count)
    for row in 0..<count {
      for column in 0..<count {
        wanted[row] -= gaussNewton[row * count + column] * step[column]
        given[row] += correction[row * count + column] * step[column]
      }
    }
    let stepWanted = zip(step, wanted).reduce(0) { $0 + $1.0 * $1.1 }
    let stepGiven = zip(step, given).reduce(0) { $0 + $1.0 * $1.1 }
    let stepChange = zip(step, change).reduce(0) { $0 + $1.0 * $1.1 }
    // A correction that has become too large for the residuals left is sized down.
    let size = stepGiven == 0 ? 1 : min(1, abs(stepWanted / stepGiven))
    for index in correction.indices { correction[index] *= size }
    guard stepChange > 0 else { return }
    let missing = wanted.indices.map { wanted[$0] - size * given[$0] }
    let stepMissing = stepWanted - size * stepGiven
    for row in 0..<count {
      for column in 0..<count {
        correction[row * count + column] +=
          (missing[row] * change[column] + change[row] * missing[column]) / stepChange
          - stepMissing * change[row] * change[column] / (stepChange * stepChange)
      }
    }
  }
}
