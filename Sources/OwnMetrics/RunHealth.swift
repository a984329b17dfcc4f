import Presentation

/// Whether a run that goes on is alive, as `/healthz` tells it.
///
/// Alive means that rounds end, not that they succeed: a new process would meet the same
/// unreachable server. A round that fails for good ends the process by itself.
struct RunHealth: Sendable {
  private let patienceSeconds: Double
  private var last: ContinuousClock.Instant
  private var outcome: String?

  /// - Parameters:
  ///   - patienceSeconds: how long after a round, or the beginning, the next has to have ended.
  ///   - start: when the run began.
  init(patienceSeconds: Double, beganAt start: ContinuousClock.Instant) {
    self.patienceSeconds = patienceSeconds
    last = start
  }

  /// Notes what a round came to.
  mutating func roundEnded(_ outcome: String, at time: ContinuousClock.Instant) {
    last = time
    self.outcome = outcome
  }

  /// Whether the run is alive, and a sentence.
  func answer(at time: ContinuousClock.Instant) -> (isAlive: Bool, text: String) {
    let age = max(0, (time - last) / .seconds(1))
    let seconds = Numbers.short(age, 0)
    let what =
      outcome.map { "\(seconds) s ago: \($0)" }
      ?? "no round has ended yet, \(seconds) s after the start"
    guard age <= patienceSeconds else {
      return (
        false,
        "overdue, a round should have ended within \(Numbers.short(patienceSeconds, 0)) s; \(what)"
      )
    }
    return (true, "alive; \(what)")
  }
}
