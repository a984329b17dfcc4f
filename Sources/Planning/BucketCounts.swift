/// What a histogram tells of many values: how many fell into each bucket, and their sum.
public struct BucketCounts: Codable, Sendable, Equatable {
  /// Upper bounds of the buckets, finite and increasing; a bucket holds its upper bound.
  public var upperBounds: [Double]
  /// Values in each bucket (not cumulative), at least 0; one more than there are bounds: the last
  /// holds what is above all of them. Not whole: Prometheus extrapolates.
  public var counts: [Double]
  /// Sum of all values; nil when unknown.
  public var sum: Double?

  /// Creates a histogram; nil unless there is one count more than bounds, the bounds are finite and
  /// increasing, and every count is finite and not negative.
  public init?(upperBounds: [Double], counts: [Double], sum: Double? = nil) {
    guard counts.count == upperBounds.count + 1, upperBounds.allSatisfy(\.isFinite),
      zip(upperBounds, upperBounds.dropFirst()).allSatisfy({ $0 < $1 }),
      counts.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { return nil }
    self.upperBounds = upperBounds
    self.counts = counts
    self.sum = sum.flatMap { $0.isFinite ? $0 : nil }
  }

  /// Number of values.
  public var count: Double { counts.reduce(0, +) }

  /// Their mean; nil without values or without their sum.
  public var mean: Double? {
    guard let sum, count > 0 else { return nil }
    return sum / count
  }
}
