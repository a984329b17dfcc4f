import Logging

/// Times the steps and names them in the log.
struct StepTimer {
  let clock: any PlannerClock
  let logger: Logger
  let done: @Sendable (InvocationStep, Double) -> Void
  private var started = ContinuousClock.now

  init(
    clock: any PlannerClock, logger: Logger,
    done: @escaping @Sendable (InvocationStep, Double) -> Void
  ) {
    self.clock = clock
    self.logger = logger
    self.done = done
  }

  mutating func finish(_ step: InvocationStep) {
    let now = ContinuousClock.now
    let duration = started.duration(to: now)
    started = now
    let seconds =
      Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    logger.debug(
      "Step \(step.rawValue) done.",
      metadata: ["step": "\(step.rawValue)", "milliseconds": "\((seconds * 1e5).rounded() / 100)"])
    done(step, seconds)
  }
}
