import Invocation

/// The clock of a run that is recorded: it decides as of the moment it began, as its replay will,
/// and waits as long as any other.
struct RecordingClock: PlannerClock {
  private let time = SystemClock().now()

  func now() -> Double { time }

  func sleep(seconds: Double) async throws { try await SystemClock().sleep(seconds: seconds) }
}
