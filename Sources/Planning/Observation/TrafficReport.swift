/// The adjustment intervals that a traffic source is asked for.
public struct TrafficWindow: Sendable, Equatable {
  /// End of the first (oldest) interval, Unix seconds, a multiple of `intervalSeconds`.
  public var firstIntervalEnd: Int
  /// End of the last interval, Unix seconds; not before the first.
  public var lastIntervalEnd: Int
  /// Length of an interval in seconds, at least 1.
  public var intervalSeconds: Int

  /// Creates a window.
  public init(firstIntervalEnd: Int, lastIntervalEnd: Int, intervalSeconds: Int) {
    self.firstIntervalEnd = firstIntervalEnd
    self.lastIntervalEnd = lastIntervalEnd
    self.intervalSeconds = intervalSeconds
  }

  /// The ends of all intervals, oldest first.
  public var intervalEnds: [Int] {
    Array(stride(from: firstIntervalEnd, through: lastIntervalEnd, by: intervalSeconds))
  }
}

/// What a traffic source answers: one reading per interval asked for, oldest first.
public struct TrafficReport: Codable, Sendable, Equatable {
  /// One reading per interval, oldest first.
  public var readings: [TrafficReading]
  /// What a person should know (values refused, series that look odd).
  public var warnings: [String]
  /// The query that the requests were counted by; nil where there was none.
  public var query: String?
  /// By how many seconds the newest interval's samples are late, when that keeps it from being known:
  /// it will be known later, and until then the newest interval that is complete is decided on.
  public var lateSeconds: Double?
  /// Whether no interval is known because the settings name other traffic than there is: another model
  /// or namespace, or none of several models. A deployment that is young or idle has no traffic at all.
  public var isMisnamed: Bool?
  /// Length of the intervals; nil in reports from before it was told.
  public var intervalSeconds: Int?

  /// Creates a report.
  public init(readings: [TrafficReading], warnings: [String] = [], query: String? = nil) {
    self.readings = readings
    self.warnings = warnings
    self.query = query
  }
}
