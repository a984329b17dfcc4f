/// Differences of a series.
enum Differencing {
  /// The differences of order `order`; shorter than the series by `order`.
  static func differences(of series: [Double], order: Int) -> [Double] {
    var result = series
    for _ in 0..<order where !result.isEmpty {
      for index in 0..<(result.count - 1) { result[index] = result[index + 1] - result[index] }
      result.removeLast()
    }
    return result
  }

  /// Whether all values are the same, up to the rounding of a series whose largest magnitude is
  /// `scale` (a straight line in steps of 0.1 has differences that differ in the last bit).
  static func isConstant(_ series: [Double], scale: Double) -> Bool {
    guard let first = series.first else { return true }
    let tolerance = 4 * scale * .ulpOfOne
    return series.allSatisfy { abs($0 - first) <= tolerance }
  }
}
