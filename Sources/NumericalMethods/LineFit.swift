/// The ordinary least-squares line `y = slope · x + intercept`.
///
/// Both coordinates are centred on their means before anything is multiplied, so a large common
/// offset (x around 10⁹ with steps of 1) costs no digits of the slope.
///
/// Source: N. R. Draper, H. Smith, *Applied Regression Analysis*, 3rd ed., sections 1.2–1.4.
public struct LineFit: Sendable, Equatable {
  /// Number of points the line was fitted to.
  public let count: Int
  /// Change of y for one unit of x; 0 when every x is the same.
  public let slope: Double
  /// Value of the line at x = 0.
  public let intercept: Double
  /// Standard error of the slope, `√(RSS / (n − 2) / Σ(x − x̄)²)`.
  ///
  /// Infinite when it can't be told: fewer than three points, or every x the same.
  public let slopeStandardError: Double

  /// The slope in units of its standard error; 0 when the error is infinite.
  ///
  /// An exact fit has no error at all: its statistic is ±∞ for a slope ≠ 0, and 0 for slope 0.
  public var tStatistic: Double {
    guard slope != 0, slopeStandardError.isFinite else { return 0 }
    return slope / slopeStandardError
  }

  /// Fits the line.
  ///
  /// Nil when there is nothing to fit: no points, unequal lengths, a coordinate that is not
  /// finite (whoever collects the points refuses and names it), or sums that overflow.
  ///
  /// - Parameters:
  ///   - x: abscissas; two or more different ones give a slope.
  ///   - y: ordinates, as many as `x`.
  public init?(x: [Double], y: [Double]) {
    guard !x.isEmpty, x.count == y.count else { return nil }
    let n = Double(x.count)
    let meanX = Self.mean(x)
    let meanY = Self.mean(y)
    var sumXX = 0.0
    var sumXY = 0.0
    var sumYY = 0.0
    for i in x.indices {
      let dx = x[i] - meanX
      let dy = y[i] - meanY
      sumXX += dx * dx
      sumXY += dx * dy
      sumYY += dy * dy
    }
    // One check covers NaN and infinite input as well as overflow of the squares.
    guard sumXX.isFinite, sumXY.isFinite, sumYY.isFinite else { return nil }

    let varies = x.contains { $0 != x[0] } && sumXX > 0
    let slope = varies ? sumXY / sumXX : 0
    var residualSum = 0.0
    for i in x.indices {
      let residual = (y[i] - meanY) - slope * (x[i] - meanX)
      residualSum += residual * residual
    }
    self.count = x.count
    self.slope = slope
    self.intercept = meanY - slope * meanX
    self.slopeStandardError =
      varies && x.count > 2 ? (residualSum / (n - 2) / sumXX).squareRoot() : .infinity
  }

  /// The line's value at `x`.
  public func callAsFunction(_ x: Double) -> Double { slope * x + intercept }

  /// Mean in two passes: the second removes the rounding error of the first, which would
  /// otherwise tilt the line when the values carry a large offset.
  private static func mean(_ values: [Double]) -> Double {
    let n = Double(values.count)
    let first = values.reduce(0) { $0 + $1 / n }
    return first + values.reduce(0) { $0 + ($1 - first) / n }
  }
}
