/// A condition that did not come true in time.
public struct WaitTimedOut: Error, CustomStringConvertible {
  /// What was waited for.
  public let condition: String
  /// How long, in seconds.
  public let seconds: Double

  /// What was waited for and how long.
  public var description: String { "'\(condition)' did not come true within \(seconds) s." }
}

/// Waits until `check` is true; it is asked at once and then every few milliseconds.
///
/// - Parameters:
///   - condition: what is waited for, named in the error.
///   - seconds: how long at most. Generous on purpose: it is only spent when the test fails.
/// - Throws: ``WaitTimedOut``, what `check` throws, or `CancellationError`.
public func waitUntil(
  _ condition: String, within seconds: Double = 30, _ check: () async throws -> Bool
) async throws {
  _ = try await waitFor(condition, within: seconds) { try await check() ? true : nil }
}

/// Waits until `value` gives something, and returns it.
///
/// - Parameters:
///   - condition: what is waited for, named in the error.
///   - seconds: how long at most.
/// - Throws: ``WaitTimedOut``, what `value` throws, or `CancellationError`.
public func waitFor<Value>(
  _ condition: String, within seconds: Double = 30, _ value: () async throws -> Value?
) async throws -> Value {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if let found = try await value() { return found }
    guard ContinuousClock.now < end else {
      throw WaitTimedOut(condition: condition, seconds: seconds)
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}
