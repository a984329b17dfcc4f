/// Why no curve can be laid through the given points.
public enum InterpolationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is not a single point.
  case noPoints
  /// As many values as knots are needed.
  case lengthMismatch(knots: Int, values: Int)
  /// The knot or value at this index is NaN or infinite.
  case notFinite(index: Int)
  /// The knot at this index is not greater than the one before it.
  case notIncreasing(index: Int, previous: Double, knot: Double)

  /// A sentence that says which rule was broken and by what.
  public var description: String {
    switch self {
    case .noPoints:
      "No points to interpolate: give at least one."
    case .lengthMismatch(let knots, let values):
      "\(knots) knots but \(values) values: give as many values as knots."
    case .notFinite(let index):
      "Point \(index) is not finite: remove it before interpolating."
    case .notIncreasing(let index, let previous, let knot):
      "Knot \(index) (\(knot)) is not above the one before it (\(previous)): "
        + "sort the knots and merge equal ones."
    }
  }
}

/// The interpolating cubic spline with *not-a-knot* ends.
///
/// Through the points goes a piecewise cubic with continuous second derivative, whose third
/// derivative is continuous also at the second and the last but one knot. Four points give one
/// cubic; with fewer the curve is piecewise linear (a spline has nothing to say there), as it is
/// when the numbers are too extreme to solve for a cubic; a single point gives a constant.
///
/// The curve passes through the points but may overshoot between them: a caller with physical
/// bounds has to clamp. Setting up is linear in the number of points, a query is logarithmic.
///
/// Source: C. de Boor, *A Practical Guide to Splines*, revised ed., chapter IV.
public struct CubicSpline: Sendable, Equatable {
  /// The abscissas, strictly increasing.
  public let knots: [Double]
  /// The ordinates at the knots.
  public let values: [Double]
  /// First derivatives at the knots; empty where the curve is linear.
  private let slopes: [Double]

  /// Lays the curve through the points `(knots[i], values[i])`.
  ///
  /// - Throws: ``InterpolationError`` when there are no points, the lengths differ, a coordinate
  ///   is not finite, or the knots do not strictly increase.
  public init(knots: [Double], values: [Double]) throws(InterpolationError) {
    guard knots.count == values.count else {
      throw .lengthMismatch(knots: knots.count, values: values.count)
    }
    guard !knots.isEmpty else { throw .noPoints }
    for i in knots.indices {
      guard knots[i].isFinite, values[i].isFinite else { throw .notFinite(index: i) }
      guard i == 0 || knots[i] > knots[i - 1] else {
        throw .notIncreasing(index: i, previous: knots[i - 1], knot: knots[i])
      }
    }
    self.knots = knots
    self.values = values
    let slopes = knots.count < 4 ? [] : Self.notAKnotSlopes(knots: knots, values: values)
    // Knots so uneven, or values so large, that the system can't be solved in double precision.
    self.slopes = slopes.allSatisfy(\.isFinite) ? slopes : []
  }

  /// The curve at `x`. Outside the knots the outermost piece is continued: clamp `x` where that
  /// is not wanted. NaN gives NaN.
  public func callAsFunction(_ x: Double) -> Double {
    guard knots.count > 1 else { return x.isNaN ? x : values[0] }
    let i = piece(at: x)
    let width = knots[i + 1] - knots[i]
    let t = (x - knots[i]) / width
    let u = 1 - t
    let chord = u * values[i] + t * values[i + 1]
    guard !slopes.isEmpty else { return chord }
    // Cubic Hermite form, arranged so that t = 0 and t = 1 give the values exactly.
    let rise = values[i + 1] - values[i]
    let startDeviation = slopes[i] * width - rise
    let endDeviation = slopes[i + 1] * width - rise
    return chord + t * u * (u * startDeviation - t * endDeviation)
  }

  /// Index of the piece that `x` lies in, from `knots[i]` up to `knots[i + 1]`: the outermost ones
  /// for an `x` outside, 0 for NaN and for a single point.
  public func piece(at x: Double) -> Int {
    bisect(0, knots.count - 1) { knots[$0] <= x }.low
  }

  /// Solves the tridiagonal system for the first derivatives (de Boor IV, equations 7 and 8).
  private static func notAKnotSlopes(knots: [Double], values: [Double]) -> [Double] {
    let n = knots.count
    let widths = (0..<(n - 1)).map { knots[$0 + 1] - knots[$0] }
    let chords = (0..<(n - 1)).map { (values[$0 + 1] - values[$0]) / widths[$0] }

    var diagonal = [Double](repeating: 0, count: n)
    var upper = [Double](repeating: 0, count: n)
    var right = [Double](repeating: 0, count: n)
    // Not-a-knot at the start: the third derivative does not jump at the second knot.
    let first = widths[0] + widths[1]
    diagonal[0] = widths[1]
    upper[0] = first
    right[0] =
      ((widths[0] + 2 * first) * widths[1] * chords[0] + widths[0] * widths[0] * chords[1]) / first
    for i in 1..<(n - 1) {
      let factor = widths[i] / diagonal[i - 1]
      diagonal[i] = 2 * (widths[i - 1] + widths[i]) - factor * upper[i - 1]
      upper[i] = widths[i - 1]
      right[i] =
        3 * (widths[i] * chords[i - 1] + widths[i - 1] * chords[i]) - factor * right[i - 1]
    }
    // And at the end, at the last but one knot.
    let a = widths[n - 2]
    let b = widths[n - 3]
    let last = a + b
    let factor = last / diagonal[n - 2]
    diagonal[n - 1] = b - factor * upper[n - 2]
    right[n - 1] =
      ((a + 2 * last) * b * chords[n - 2] + a * a * chords[n - 3]) / last - factor * right[n - 2]

    var slopes = right
    slopes[n - 1] /= diagonal[n - 1]
    for i in stride(from: n - 2, through: 0, by: -1) {
      slopes[i] = (right[i] - upper[i] * slopes[i + 1]) / diagonal[i]
    }
    return slopes
  }
}
