import Planning

extension BucketCounts {
  /// The histogram that an answer of `sum by (le) (increase(…_bucket[…]))` holds; nil where there is
  /// none, or where it can't be right.
  ///
  /// - Parameters:
  ///   - model: the label of the series that count; empty where they carry none.
  ///   - unit: what a bound is multiplied by.
  init?(_ answer: RangeAnswer, at position: Int, model: String, times unit: Double) {
    var cumulative: [(bound: Double, count: Double)] = []
    for series in answer.series where series.labels["model"] ?? "" == model {
      guard let bound = series.labels["le"].flatMap(DecimalText.value), !bound.isNaN else {
        return nil
      }
      guard let text = series.texts[position] else { continue }
      guard let count = DecimalText.value(text), count.isFinite, count >= 0 else { return nil }
      cumulative.append((bound, count))
    }
    cumulative.sort { $0.bound < $1.bound }
    guard let total = cumulative.last, total.bound == .infinity, total.count > 0 else { return nil }
    var counts: [Double] = []
    var below = 0.0
    for (_, count) in cumulative {
      // Servers with different buckets don't add up: what is below a bound is then not known.
      guard count >= below - 0.01 * total.count else { return nil }
      counts.append(Self.hundredths(max(0, count - below)))
      below = max(below, count)
    }
    self.init(
      upperBounds: cumulative.dropLast().map { Self.millionths($0.bound * unit) }, counts: counts)
  }

  /// Counts are extrapolated: more digits would only make what is stored longer.
  static func hundredths(_ count: Double) -> Double { (count * 100).rounded() / 100 }

  private static func millionths(_ bound: Double) -> Double {
    (bound * 1_000_000).rounded() / 1_000_000
  }
}
