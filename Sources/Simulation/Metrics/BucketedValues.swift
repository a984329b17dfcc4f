import Planning

/// What a Prometheus histogram knows of many values: their number, sum, and how many fell into each
/// bucket.
public struct BucketedValues: Sendable, Equatable, Codable {
  /// Upper bounds of the buckets, increasing; values above the last one are in a bucket of their
  /// own.
  public let bounds: [Double]
  /// Values in each bucket (not cumulative), one more than there are bounds. Not whole where a
  /// token is under way.
  public private(set) var counts: [Double]
  /// Sum of all values.
  public private(set) var sum = 0.0
  /// Number of values.
  public private(set) var count = 0.0

  /// Creates a histogram without values.
  public init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// The mean; nil without values.
  public var mean: Double? { count > 0 ? sum / count : nil }

  /// What was added since `earlier`.
  public func since(_ earlier: BucketedValues) -> BucketedValues {
    var difference = self
    for index in counts.indices { difference.counts[index] -= earlier.counts[index] }
    difference.sum -= earlier.sum
    difference.count -= earlier.count
    return difference
  }

  /// The same as a traffic source tells it, each value times `scale` (1000 for milliseconds).
  func bucketCounts(scale: Double = 1) -> BucketCounts? {
    BucketCounts(
      upperBounds: bounds.map { $0 * scale }, counts: counts.map { max(0, $0) }, sum: sum * scale)
  }

  mutating func add(_ value: Double) { add(value, times: 1, sum: value) }

  /// Adds `times` values of about `value` whose sum is `sum`.
  mutating func add(_ value: Double, times: Double, sum total: Double) {
    counts[bucket(of: value)] += times
    count += times
    sum += total
  }

  /// Makes one value of about `value` larger by `extra`.
  mutating func lengthen(_ value: Double, by extra: Double) {
    counts[bucket(of: value)] -= 1
    counts[bucket(of: value + extra)] += 1
    sum += extra
  }

  private func bucket(of value: Double) -> Int {
    var index = 0
    while index < bounds.count, value > bounds[index] { index += 1 }
    return index
  }
}
