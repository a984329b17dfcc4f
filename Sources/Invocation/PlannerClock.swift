/// The only source of time in an invocation.
public protocol PlannerClock: Sendable {
  /// Unix seconds.
  func now() -> Double

  /// Waits; returns early with an error when the task is cancelled.
  func sleep(seconds: Double) async throws
}

/// A clock that stands still: `--now` decides as of one moment and never waits.
public struct FixedClock: PlannerClock {
  let time: Double

  /// Creates a clock that always says `time` (Unix seconds).
  public init(_ time: Double) { self.time = time }

  /// The fixed moment.
  public func now() -> Double { time }

  /// Returns at once.
  public func sleep(seconds: Double) async throws { try Task.checkCancellation() }
}
