/// A history as the model sees it: scaled, with its potential changepoints and its features.
///
/// Time runs from 0 to 1, values are divided by the largest absolute one. Column order of the
/// coefficients, everywhere in this folder: the offset m, the Fourier coefficients β, the growth
/// rate k, then the changes of rate δ. The trend's columns are hinges max(0, t − s): the one of k
/// has its knot s at 0, those of δ at the changepoints.
struct ProphetDesign: Sendable {
  /// At most so many potential changepoints.
  static let maximumChangepoints = 25
  /// The share of the points, from the first on, that changepoints are spread over.
  static let changepointRange = 0.8

  /// Times of the points, Unix seconds, increasing.
  let times: [Int]
  /// Largest absolute value of the history; 1 for a history of zeros.
  let valueScale: Double
  /// The periodic parts.
  let seasonalities: [ProphetSeasonality]
  /// Number of Fourier columns.
  let seasonalColumns: Int
  /// Row of the first point at or after each knot; the first knot's is 0.
  let knotRows: [Int]
  /// Scaled time of each point.
  let scaledTimes: [Double]
  /// Row by row 1, the scaled value, and the Fourier features.
  let features: [Double]
  /// Length of a row of `features`.
  var width: Int { 2 + seasonalColumns }
  /// Number of coefficients.
  var coefficientCount: Int { 1 + seasonalColumns + knotRows.count }
  /// Index of k in the coefficients; δ follows.
  var growthIndex: Int { 1 + seasonalColumns }

  /// Scales a history; `times` increase and are at least two, `values` are finite.
  init(times: [Int], values: [Double]) {
    let start = times[0]
    let span = times[times.count - 1] - start
    let spacing = zip(times, times.dropFirst()).reduce(span) { min($0, $1.1 - $1.0) }
    let largest = values.reduce(0) { max($0, abs($1)) }
    let scale = largest == 0 ? 1 : largest
    self.times = times
    valueScale = scale
    seasonalities = ProphetSeasonality.automatic(span: span, spacing: spacing)
    seasonalColumns = seasonalities.reduce(0) { $0 + 2 * $1.fourierOrder }
    knotRows = [0] + Self.changepointRows(count: times.count)
    scaledTimes = times.map { Double($0 - start) / Double(span) }

    var features: [Double] = []
    features.reserveCapacity(times.count * (2 + seasonalColumns))
    for (time, value) in zip(times, values) {
      features.append(1)
      features.append(value / scale)
      for seasonality in seasonalities { seasonality.appendFeatures(at: time, to: &features) }
    }
    self.features = features
  }

  /// Rows of the potential changepoints: spread evenly over the first 80 % of the points, the very
  /// first point left out.
  static func changepointRows(count: Int) -> [Int] {
    let range = Int((Double(count) * changepointRange).rounded(.down))
    let changepoints = min(maximumChangepoints, range - 1)
    guard changepoints > 0 else { return [] }
    let stride = Double(range - 1) / Double(changepoints)
    return (1...changepoints).map {
      $0 == changepoints
        ? range - 1 : Int((Double($0) * stride).rounded(.toNearestOrEven))
    }
  }

  /// Residuals, value minus fit, on the scaled values.
  func residuals(_ coefficients: [Double]) -> [Double] {
    var residuals: [Double] = []
    residuals.reserveCapacity(times.count)
    var offset = coefficients[0]
    var rate = 0.0
    var knot = 0
    for row in times.indices {
      let time = scaledTimes[row]
      while knot < knotRows.count, knotRows[knot] == row {
        let change = coefficients[growthIndex + knot]
        rate += change
        offset -= change * time
        knot += 1
      }
      var fit = offset + rate * time
      let base = row * width + 1
      for column in 0..<seasonalColumns {
        fit += coefficients[1 + column] * features[base + 1 + column]
      }
      residuals.append(features[base] - fit)
    }
    return residuals
  }
}
