import NumericalMethods

/// Parameters laid through a measured profile, and how far they are off.
public struct EngineFit: Sendable, Equatable {
  /// The parameters.
  public var parameters: EngineParameters
  /// Relative errors of the decode steps, as measured and when each point is left out.
  public var decode: Errors
  /// Relative errors of the prompts.
  public var prefill: Errors

  /// How far a fit is off, relative to what was measured.
  public struct Errors: Sendable, Equatable {
    /// Median error at the points that were fitted.
    public var median: Double
    /// Error that 95 % of these points stay within.
    public var p95: Double
    /// Median error at a point that was left out of the fit.
    public var leftOut: Double
    /// Median error at a context length (for prompts: a length) whose points were all left out.
    public var rowLeftOut: Double
  }

  /// Fits both parts of `profile`; nil where one is missing or has fewer than four points.
  ///
  /// - Parameter withErrors: whether to find out how far it is off when points are left out, which
  ///   takes fifty times as long; else these errors are 0.
  public init?(_ profile: EngineProfile, withErrors: Bool = true) {
    guard let curve = profile.prefill, let surface = profile.decode else { return nil }
    let steps = surface.points.map { point in
      let kvTokens = point.kvUsage * surface.maximumKVTokens
      return RelativeFit.Point(
        row: point.contextLength, terms: [1, kvTokens, kvTokens / point.contextLength],
        value: point.itlMilliseconds)
    }
    let prompts = curve.points.map {
      RelativeFit.Point(
        row: $0.isl, terms: [1, $0.isl, $0.isl * $0.isl], value: $0.ttftMilliseconds)
    }
    guard let step = RelativeFit.coefficients(steps),
      let prompt = RelativeFit.coefficients(prompts),
      let parameters = EngineParameters(values: step + prompt)
    else { return nil }
    self.parameters = parameters
    let none = Errors(median: 0, p95: 0, leftOut: 0, rowLeftOut: 0)
    decode = withErrors ? Self.errors(of: steps, step) : none
    prefill = withErrors ? Self.errors(of: prompts, prompt) : none
  }

  private static func errors(of points: [RelativeFit.Point], _ fit: [Double]) -> Errors {
    let inside = points.map { $0.error(fit) }.sorted()
    let left = points.indices.compactMap { index in
      RelativeFit.coefficients(points.enumerated().filter { $0.offset != index }.map(\.element))
        .map { points[index].error($0) }
    }
    let rows = Set(points.map(\.row)).sorted().flatMap { row -> [Double] in
      guard let without = RelativeFit.coefficients(points.filter { $0.row != row }) else {
        return []
      }
      return points.filter { $0.row == row }.map { $0.error(without) }
    }
    return Errors(
      median: quantile(inside, 0.5), p95: quantile(inside, 0.95),
      leftOut: quantile(left.sorted(), 0.5), rowLeftOut: quantile(rows.sorted(), 0.5))
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
  }
}

/// Least squares of relative errors with coefficients of at least 0 that no outlier bends.
///
/// Iteratively reweighted least squares with Huber's weights (k = 1.5 robust deviations), and among
/// all subsets of the terms the best one whose coefficients are not negative: with three terms there
/// are seven, so that is exact. Source: P. J. Huber, *Robust Statistics* (1981), §7.
enum RelativeFit {
  struct Point {
    /// What the point shares with others that are left out together.
    var row: Double
    var terms: [Double]
    /// Above 0.
    var value: Double

    func error(_ coefficients: [Double]) -> Double {
      (zip(terms, coefficients).reduce(0) { $0 + $1.0 * $1.1 } / value - 1).magnitude
    }
  }

  private static let rounds = 20
  private static let huber = 1.5 * 1.4826

  /// The coefficients; nil with fewer points than four.
  static func coefficients(_ points: [Point]) -> [Double]? {
    guard let count = points.first?.terms.count, points.count > 3 else { return nil }
    var weights = points.map { _ in 1.0 }
    var found: [Double]?
    for _ in 0..<rounds {
      guard let fit = best(points, weights, terms: count) else { return found }
      found = fit
      let errors = points.map { $0.error(fit) }
      let scale = max(huber * errors.sorted()[errors.count / 2], 1e-9)
      weights = errors.map { min(1, scale / max($0, 1e-12)) }
    }
    return found
  }

  private static func best(_ points: [Point], _ weights: [Double], terms: Int) -> [Double]? {
    var best: (loss: Double, fit: [Double])?
    for subset in 1..<(1 << terms) {
      let chosen = (0..<terms).filter { subset & (1 << $0) != 0 }
      guard let fit = solve(points, weights, chosen, terms: terms), fit.allSatisfy({ $0 >= 0 })
      else { continue }
      let loss = zip(points, weights).reduce(0) { $0 + $1.1 * $1.0.error(fit) * $1.0.error(fit) }
      if loss < best?.loss ?? .infinity { best = (loss, fit) }
    }
    return best?.fit
  }

  /// Solves the normal equations in terms scaled to their largest value: KV tokens and 1 differ by a
  /// million.
  private static func solve(
    _ points: [Point], _ weights: [Double], _ chosen: [Int], terms: Int
  ) -> [Double]? {
    let scales = chosen.map { term in points.reduce(0) { max($0, $1.terms[term] / $1.value) } }
    guard scales.allSatisfy({ $0 > 0 }) else { return nil }
    let n = chosen.count
    var matrix = [Double](repeating: 0, count: n * n)
    var right = [Double](repeating: 0, count: n)
    for (point, weight) in zip(points, weights) {
      let row = zip(chosen, scales).map { point.terms[$0] / point.value / $1 }
      for i in 0..<n {
        right[i] += weight * row[i]
        for j in 0..<n { matrix[i * n + j] += weight * row[i] * row[j] }
      }
    }
    guard let solution = CholeskySolver.solve(matrix, right) else { return nil }
    var fit = [Double](repeating: 0, count: terms)
    for (index, term) in chosen.enumerated() { fit[term] = solution[index] / scales[index] }
    return fit
  }
}
