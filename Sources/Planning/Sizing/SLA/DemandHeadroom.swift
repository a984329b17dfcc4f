/// How much more than the forecast work is planned for, and why.
public struct DemandHeadroom: Codable, Sendable, Equatable {
  /// Work to plan for over the work that is forecast, at least 1.
  public var factor: Double
  /// Share of the requests whose intervals it is meant to cover.
  public var share: Double
  /// Intervals that this was learned from.
  public var intervals: Int

  /// Creates a headroom.
  public init(factor: Double, share: Double, intervals: Int) {
    self.factor = factor
    self.share = share
    self.intervals = intervals
  }
}
