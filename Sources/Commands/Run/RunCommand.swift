import Application
import ArgumentParser
import Glibc
import Invocation
import Logging
import Planning
import Presentation
import Reporting
import Settings

/// `sla-planner run`: one invocation.
struct RunCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "One invocation: load the state, observe, forecast, decide, apply, save.",
    discussion: """
      Values come from the flag, else the environment (SLA_PLANNER_<NAME> for every flag), else \
      the --config file, else the default. --help-all shows every option.

      Examples:
        sla-planner run --config planner.yaml --dry-run
        sla-planner run --config planner.yaml --repeat-for 55s
        sla-planner run --replay recording

      Exit codes: 0 decided (also when there is nothing to change, or a hold), 1 the decision could \
      not be applied, 2 with --detailed-exitcode: there was a change, 3 with --fail-on-hold: held \
      for that long, 64 usage, 65 unreadable profile, recording or state file, 69 connector \
      unreachable, 74 output not written, 75 another invocation is working on the deployment, 77 \
      permission denied, 78 configuration, or a decision that stands but could not be recorded \
      whole, 143 stopped by SIGTERM before a decision was saved. With --repeat-for it is that of \
      the last round: one that fails for a reason that may pass (1, 69, 75, 77) is followed by \
      the next.
      """)

  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>
  @OptionGroup(title: StateSettings.title) var state: SectionFlags<StateSettings>
  @OptionGroup(title: SourceSettings.title) var sources: SectionFlags<SourceSettings>
  @OptionGroup(title: ConnectorSettings.title) var connectors: SectionFlags<ConnectorSettings>
  @OptionGroup(title: OutputSettings.title) var output: SectionFlags<OutputSettings>

  func run() async throws { try await Self.run(flagLayer) }

  /// Runs what the flags, and behind them environment and file, ask for, and ends the process.
  static func run(_ flags: [String: String]) async throws {
    try await reportingFailures {
      do {
        try await decide(flags)
      } catch {
        FailedRuns.note(CommandFailure(error), flags: flags)
        throw error
      }
    }
  }

  private static func decide(_ flags: [String: String]) async throws {
    // The settings may be what takes for ever.
    Watchdog.watchProcess(deadlineSeconds: flags["deadline"].flatMap(Double.init) ?? 50)
    let input = try RunInput(flags)
    let settings = input.settings
    Watchdog.watchProcess(deadlineSeconds: settings.deadlineSeconds)
    let logger = StandardErrorLog.logger(settings)
    for warning in input.warnings { logger.warning("\(warning)") }

    let wiring = try Wiring(input, logger: logger)
    for oddity in wiring.profile?.warnings ?? [] { logger.info("Profile: \(oddity)") }
    let task = Task {
      defer { wiring.close() }
      return try await Rounds(
        wiring: wiring, settings: settings, logger: logger,
        report: { document in
          report(document, settings, logger)
          wiring.recording?.finish(document)
        }, noteFailure: { FailedRuns.note($0, flags: flags) }
      ).run()
    }
    let signals = TerminationSignals(cancelling: task, logger: logger)
    defer { signals.stop() }
    let outcome = try await outcome(of: task, wiring.recording, logger)
    try StandardOutput.check()
    let code = exitCode(of: outcome, recording: wiring.recording?.failure, settings)
    // At once: to stop libcurl's thread and to free memory first takes 2 ms of an invocation's
    // 30.
    withExtendedLifetime(wiring) {
      input.replayedState?.discard()
      _exit(code)
    }
  }

  /// What the rounds come to. A recording that isn't whole is told of, however they end.
  private static func outcome(
    of task: Task<Rounds.Outcome, any Error>, _ recording: RunRecording?, _ logger: Logger
  ) async throws -> Rounds.Outcome {
    do {
      let outcome = try await task.value
      if let failure = recording?.failure { printError("Error: \(failure)") }
      return outcome
    } catch {
      recording?.discardUnlessBegun()
      if let failure = recording?.failure { logger.warning("\(failure)") }
      throw error
    }
  }

  private static func report(
    _ document: DecisionDocument, _ settings: RunSettings, _ logger: Logger
  ) {
    // On a terminal they stand in the text, once.
    if settings.output == .json || settings.logFormat == .json {
      for warning in document.warnings { logger.warning("\(warning)") }
    }
    if let error = document.error { logger.error("\(error)") }
    let status = document.status == .dryRun ? "a dry run" : document.status.rawValue
    logger.info(
      "Decision \(document.id.map(String.init) ?? "(unsaved)") is \(status).",
      metadata: ["deployment": "\(document.deployment)", "status": "\(document.status.rawValue)"])
    switch settings.output {
    case .json: printJSON((try? JSONText.encode(document)) ?? "{}")
    case .text:
      show(
        DecisionText(document, times: .local).text + (settings.repeatSeconds == nil ? "" : "\n"),
        document.status)
    }
    // The next round may end otherwise, and whoever reads along should not wait for it.
    StandardOutput.flush()
  }

  /// Prints the text, its heading coloured where colours are shown and something is the matter.
  private static func show(_ text: String, _ status: DecisionStatus) {
    let text = VisibleText.plain(text)
    let colour: Terminal.Colour? =
      switch status {
      case .failed: .red
      case .held: .yellow
      case .applied: .green
      case .unchanged, .dryRun, .published, .pending: nil
      }
    guard let colour, let end = text.firstIndex(of: "\n") else { return print(text) }
    print(Terminal.coloured(String(text[..<end]), colour) + text[end...])
  }

  /// What became of the decision says more than what became of its recording.
  private static func exitCode(
    of outcome: Rounds.Outcome, recording: CommandFailure?, _ settings: RunSettings
  ) -> Int32 {
    if let failure = outcome.failure ?? recording?.code { return failure.rawValue }
    if let limit = settings.failingHoldSeconds, let held = outcome.holdSeconds, held >= limit {
      return CommandFailure.Code.holding.rawValue
    }
    return outcome.hasChange && settings.usesDetailedExitCode
      ? CommandFailure.Code.change.rawValue : EXIT_SUCCESS
  }
}
