/// The coefficients that are most probable for a given noise variance v, found exactly:
///
///     minimise ½ ‖y − Xθ‖² + v (½ θᵀDθ + ‖δ‖₁ / τ)
///
/// with D the precisions of the normal priors. Where it is known which δ are not 0, and their
/// signs, this is a linear system; an active-set search finds that out. A δ whose gradient exceeds
/// the Laplace prior's slope enters, one that would cross 0 leaves; each step lowers the objective,
/// so no set comes back. A quasi-Newton method would only creep towards the kinks at δ = 0, where
/// most of the optimum lies.
///
/// Source: feature-sign search, H. Lee, A. Battle, R. Raina, A. Y. Ng (2007), *Efficient sparse
/// coding algorithms*, with the step to the first sign change of C. Lawson, R. Hanson, *Solving
/// Least Squares Problems*, chapter 23.
struct ChangepointSelection {
  /// The coefficients, in the order of ``ProphetDesign``.
  private(set) var coefficients: [Double]
  private let equations: ProphetNormalEquations
  private let precisions: [Double]
  /// Columns before this index are always in.
  private let unpenalised: Int
  /// Columns that are in: the unpenalised ones, then the δ in the order in which they entered.
  private var columns: [Int]
  /// Sign of each δ that is in, else 0.
  private var signs: [Double]
  /// δ that are kept out at this variance.
  private var refused: [Bool]
  private var factor: GrowingCholesky
  /// Gradients up to this size are rounding.
  private let rounding: Double

  /// Starts with every δ at 0.
  init(_ design: ProphetDesign) {
    let equations = ProphetNormalEquations(design)
    self.equations = equations
    unpenalised = design.growthIndex + 1
    coefficients = [Double](repeating: 0, count: equations.size)
    signs = coefficients
    refused = [Bool](repeating: false, count: equations.size)
    columns = Array(0..<unpenalised)
    factor = GrowingCholesky(capacity: equations.size)
    precisions = (0..<equations.size).map { index in
      switch index {
      case 0, design.growthIndex: 1 / (ProphetPriors.trendScale * ProphetPriors.trendScale)
      case ..<design.growthIndex:
        1 / (ProphetPriors.seasonalityScale * ProphetPriors.seasonalityScale)
      default: 0
      }
    }
    rounding = 1e-13 * equations.right.reduce(0) { max($0, abs($1)) }
  }

  /// Number of coefficients that are free: the unpenalised ones and the δ other than 0.
  var freeCount: Int { columns.count }

  /// Moves to the optimum for a noise variance, from the one for another.
  ///
  /// - Returns: false when data and priors don't determine the unpenalised coefficients within
  ///   rounding (fewer points than Fourier columns, and the variance next to 0); the coefficients
  ///   then mean nothing.
  mutating func minimise(noiseVariance: Double) -> Bool {
    factor.truncate(to: 0)
    refused = [Bool](repeating: false, count: equations.size)
    // A search takes a few dozen steps; the bound only guards against rounding.
    for _ in 0..<(20 * equations.size) {
      guard extendFactor(noiseVariance) else { return false }
      let target = solution(noiseVariance)
      if let (position, step) = firstSignChange(towards: target) {
        move(towards: target, by: step)
        if step == 0 { refused[columns[position]] = true }
        remove(at: position)
        continue
      }
      move(towards: target, by: 1)
      guard let (column, sign) = steepest(noiseVariance) else { return true }
      columns.append(column)
      signs[column] = sign
    }
    return true
  }

  /// How the optimum moves with the variance while no δ enters or leaves: `slope` is −dθ/dv on the
  /// free coefficients, given as its products with the priors' gradient and, through X, with
  /// itself.
  func response(noiseVariance: Double) -> (withPriors: Double, squaredFit: Double) {
    let gradient = columns.map {
      precisions[$0] * coefficients[$0] + signs[$0] / ProphetPriors.changepointScale
    }
    let slope = factor.solve(gradient)
    var withPriors = 0.0
    var priorPart = 0.0
    for (position, column) in columns.enumerated() {
      withPriors += slope[position] * gradient[position]
      priorPart += precisions[column] * slope[position] * slope[position]
    }
    return (withPriors, withPriors - noiseVariance * priorPart)
  }

  /// Minus the logarithm of the priors of the coefficients, without constants.
  var priorPenalty: Double {
    coefficients.indices.reduce(0) { sum, index in
      let value = coefficients[index]
      return sum
        + (index < unpenalised
          ? 0.5 * precisions[index] * value * value
          : abs(value) / ProphetPriors.changepointScale)
    }
  }

  /// Brings the factor up to the columns that are in. A δ that can't be told from those before it
  /// (changepoints closer together than rounding) is refused.
  private mutating func extendFactor(_ variance: Double) -> Bool {
    let (gram, size, precisions) = (equations.gram, equations.size, self.precisions)
    while factor.size < columns.count {
      let position = factor.size
      let (row, columns) = (columns[position], self.columns)
      let isNew = factor.append { position in
        let column = columns[position]
        let element = gram[row * size + column]
        return column == row ? element + variance * precisions[row] : element
      }
      guard !isNew else { continue }
      guard position >= unpenalised else { return false }
      refused[row] = true
      remove(at: position)
    }
    return true
  }

  /// The optimum of the free coefficients if they kept their signs.
  private func solution(_ variance: Double) -> [Double] {
    factor.solve(
      columns.map {
        equations.right[$0] - variance * signs[$0] / ProphetPriors.changepointScale
      })
  }

  /// The first δ on the way to `target` that would leave its sign, and how far it is to there.
  private func firstSignChange(towards target: [Double]) -> (position: Int, step: Double)? {
    var first: (position: Int, step: Double)?
    for position in unpenalised..<columns.count {
      let value = coefficients[columns[position]]
      guard target[position] * signs[columns[position]] <= 0 else { continue }
      let step = value == 0 ? 0 : value / (value - target[position])
      if step < first?.step ?? 1 { first = (position, step) }
    }
    return first
  }

  private mutating func move(towards target: [Double], by step: Double) {
    for (position, column) in columns.enumerated() {
      coefficients[column] =
        step == 1
        ? target[position]
        : coefficients[column] + step * (target[position] - coefficients[column])
    }
  }

  private mutating func remove(at position: Int) {
    let column = columns.remove(at: position)
    coefficients[column] = 0
    signs[column] = 0
    factor.truncate(to: position)
  }

  /// The δ outside whose gradient exceeds the prior's slope most, and the sign it would take.
  private func steepest(
    _ variance: Double
  ) -> (column: Int, sign: Double)? {
    let slope = variance / ProphetPriors.changepointScale
    var largest = slope * (1 + 1e-10) + rounding
    var found: (column: Int, sign: Double)?
    for column in unpenalised..<equations.size where signs[column] == 0 && !refused[column] {
      var gradient = equations.right[column]
      for other in columns {
        gradient -= equations.gram[column * equations.size + other] * coefficients[other]
      }
      if abs(gradient) > largest {
        largest = abs(gradient)
        found = (column, gradient < 0 ? -1 : 1)
      }
    }
    return found
  }
}
