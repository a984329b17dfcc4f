import NumericalMethods

/// A quantity over the KV cache usage, as measured at one context length: straight lines between
/// the points, beyond the last one with a slope of its own, before the first one with that of the
/// first piece, and never outside the given bounds.
struct LoadCurve: Sendable {
  /// KV usage of the points, strictly increasing, at least one.
  let kvUsage: [Double]
  /// The quantity at the points.
  let values: [Double]
  /// Change per unit of KV usage beyond the last point.
  var tailSlope: Double
  var minimum = -Double.infinity
  var maximum = Double.infinity

  /// The value at a KV usage; logarithmic in the number of points.
  func callAsFunction(_ usage: Double) -> Double {
    let last = kvUsage.count - 1
    if last == 0 || usage >= kvUsage[last] {
      return clamped(values[last] + tailSlope * (usage - kvUsage[last]), minimum, maximum)
    }
    let (low, high) = bisect(0, last) { kvUsage[$0] <= usage }
    let share = (usage - kvUsage[low]) / (kvUsage[high] - kvUsage[low])
    return clamped(values[low] + share * (values[high] - values[low]), minimum, maximum)
  }

  /// Slope of the least-squares line through all points: one noisy point at the end tilts it
  /// less than it does the last piece. Nil for a single point.
  var overallSlope: Double? {
    kvUsage.count > 1 ? LineFit(x: kvUsage, y: values)?.slope : nil
  }
}

/// The non-decreasing sequence nearest to `values` in the least-squares sense.
///
/// Source: R. E. Barlow et al., *Statistical Inference under Order Restrictions* (1972), the
/// pool-adjacent-violators algorithm; linear in the number of values.
func isotonic(_ values: [Double]) -> [Double] {
  var blocks: [(mean: Double, count: Int)] = []
  for value in values {
    var block = (mean: value, count: 1)
    while let previous = blocks.last, previous.mean > block.mean {
      blocks.removeLast()
      let count = previous.count + block.count
      block.mean +=
        (previous.mean - block.mean) * (Double(previous.count) / Double(count))
      block.count = count
    }
    blocks.append(block)
  }
  return blocks.flatMap { Array(repeating: $0.mean, count: $0.count) }
}
