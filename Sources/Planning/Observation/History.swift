import Forecasting

/// What has to be read of the past before a moment can be learned.
public struct HistoryNeeds: Sendable, Equatable {
  /// Stored intervals, the newest ones; 0 for none.
  public var intervals: Int
  /// Whether the recorded traffic is needed that new predictors are warmed up on.
  public var warmUpTrace: Bool

  /// Creates needs.
  public init(intervals: Int = 0, warmUpTrace: Bool = false) {
    self.intervals = intervals
    self.warmUpTrace = warmUpTrace
  }
}

/// The past, as far as it was asked for.
public struct History: Sendable {
  /// Intervals that earlier invocations stored, oldest first.
  public var intervals: [TrafficObservation]
  /// Recorded traffic, consecutive intervals of the adjustment interval's length, oldest first.
  public var warmUpTrace: [RecordedTraffic]

  /// Creates a history.
  public init(intervals: [TrafficObservation] = [], warmUpTrace: [RecordedTraffic] = []) {
    self.intervals = intervals
    self.warmUpTrace = warmUpTrace
  }
}
