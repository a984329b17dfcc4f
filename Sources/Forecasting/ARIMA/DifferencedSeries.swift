/// A series differenced for a fit, with what scales it.
struct DifferencedSeries: Sendable {
  /// Differences taken.
  let order: Int
  /// The differences.
  let values: [Double]
  /// Their mean.
  let mean: Double
  /// Their variance.
  var variance: Double {
    values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / Double(max(1, values.count)) }
  }
  /// A power of two near their largest distance from the mean: dividing by it is exact, and
  /// squares neither overflow nor vanish.
  let scale: Double

  /// Whether all differences are the same within rounding.
  let isConstant: Bool

  init(_ series: [Double], order: Int) {
    self.order = order
    values = Differencing.differences(of: series, order: order)
    let count = Double(max(1, values.count))
    let centre = values.reduce(0) { $0 + $1 / count }
    mean = centre
    isConstant = Differencing.isConstant(
      values, scale: series.reduce(0) { max($0, abs($1)) })
    let largest = values.reduce(0) { max($0, abs($1), abs($1 - centre)) }
    scale = largest > 0 ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1
  }
}
