/// How the values of one interval's requests are spread, as histograms tell it. A histogram that
/// the source lacks is nil.
public struct TrafficSpread: Codable, Sendable, Equatable {
  /// Input sequence lengths, tokens.
  public var isl: BucketCounts?
  /// Output sequence lengths, tokens.
  public var osl: BucketCounts?
  /// Times to first token, milliseconds.
  public var ttftMilliseconds: BucketCounts?
  /// Inter-token latencies, milliseconds, one per token.
  public var itlMilliseconds: BucketCounts?

  /// Creates a spread.
  public init(
    isl: BucketCounts? = nil, osl: BucketCounts? = nil, ttftMilliseconds: BucketCounts? = nil,
    itlMilliseconds: BucketCounts? = nil
  ) {
    self.isl = isl
    self.osl = osl
    self.ttftMilliseconds = ttftMilliseconds
    self.itlMilliseconds = itlMilliseconds
  }
}
