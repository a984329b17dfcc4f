import Invocation
import Logging
import Settings

/// Runs one invocation, or with `--repeat-for` one after another: each is complete by itself and
/// leaves to the next what it would leave to another process.
package struct Rounds {
  let wiring: Wiring
  let settings: RunSettings
  let logger: Logger
  /// Told of every decision, in the order they are made.
  let report: (DecisionDocument) throws -> Void
  /// Told of every round that failed for a reason that may pass.
  let noteFailure: (CommandFailure) -> Void
  private let metrics: MetricsPublishing?

  package init(
    wiring: Wiring, settings: RunSettings, logger: Logger,
    report: @escaping (DecisionDocument) throws -> Void,
    noteFailure: @escaping (CommandFailure) -> Void = { _ in }
  ) {
    self.wiring = wiring
    self.settings = settings
    self.logger = logger
    self.report = report
    self.noteFailure = noteFailure
    metrics = wiring.metrics.map { MetricsPublishing($0, logger: logger) }
  }

  /// What the last round came to, and whether any changed something.
  package struct Outcome {
    /// The exit code of the last round; nil when it decided.
    package var failure: CommandFailure.Code?
    /// Whether a decision of any round changed something, or in a dry run would have.
    package var hasChange = false
    /// How long decisions have been held when the last one was made; nil when it was not held.
    package var holdSeconds: Double?
  }

  /// Runs all rounds; when the task is cancelled, the one under way is the last.
  ///
  /// - Throws: what ended the run. In a repeated one a failure that may pass (a server that can't be
  ///   reached, another planner at work) is written to stderr, and the next round tries again.
  package func run() async throws -> Outcome {
    do {
      let outcome = try await runAll()
      await finish()
      return outcome
    } catch {
      await finish()
      throw error
    }
  }

  /// Gives the deployment's Lease back, also when the run is being stopped, and waits for what is
  /// being published.
  private func finish() async {
    if let lease = wiring.lease,
      case .failure(let error) = await Task(operation: { try await lease.finish() }).result
    {
      logger.warning("The deployment's lease runs out by itself; giving it back failed: \(error)")
    }
    await metrics?.finish()
  }

  private func runAll() async throws -> Outcome {
    let schedule = RoundSchedule(settings)
    let begin = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - begin) / .seconds(1) }

    var outcome = Outcome()
    while true {
      let start = elapsed()
      do {
        defer { metrics?.publishNext() }
        let document = try await invocation.run()
        try report(document)
        outcome.failure = await failure(of: document)
        outcome.holdSeconds = document.holdSeconds
        outcome.hasChange =
          outcome.hasChange || [.applied, .dryRun, .published].contains(document.status)
        metrics?.roundEnded(
          "\(document.id.map { "decision \($0)" } ?? "a decision") is \(document.status.rawValue)")
      } catch is CancellationError where schedule?.isEndless == true {
        // SIGTERM is how such a run ends; nothing was saved of this round, and nothing is lost.
        return Outcome(hasChange: outcome.hasChange)
      } catch  where schedule != nil && CommandFailure(error).mayPass {
        let failure = CommandFailure(error)
        printError("Error: \(failure)")
        noteFailure(failure)
        outcome.failure = failure.code
        metrics?.roundEnded("the round failed with exit code \(failure.code.rawValue): \(failure)")
      }
      guard !Task.isCancelled,
        let next = schedule?.nextStart(after: start, endedAt: elapsed())
      else { return outcome }
      Watchdog.rest()
      try? await Task.sleep(for: .seconds(max(0, next - elapsed())))
      if Task.isCancelled { return outcome }
      Watchdog.watchRound(deadlineSeconds: settings.deadlineSeconds)
      wiring.beginRound()
    }
  }

  private var invocation: Invocation {
    Invocation(
      settings: wiring.invocationSettings, profile: wiring.profile, ports: wiring.ports,
      logger: logger)
  }

  /// The exit code of a decision that could not be applied.
  private func failure(of document: DecisionDocument) async -> CommandFailure.Code? {
    guard document.status == .failed else { return nil }
    if case .permissionDenied = await wiring.cluster?.refusal { return .permissionDenied }
    return .notApplied
  }
}

extension CommandFailure {
  /// Whether the same command may succeed a few seconds later.
  fileprivate var mayPass: Bool {
    switch code {
    // A right is missing for a moment when the API server has just started.
    case .unreachable, .leased, .notApplied, .permissionDenied: true
    case .change, .holding, .usage, .unreadableInput, .fault, .starved, .unwritten, .configuration,
      .terminated:
      false
    }
  }
}
