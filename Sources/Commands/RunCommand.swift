import ArgumentParser
import Glibc
import Invocation
import Logging
import Settings

/// `sla-planner run`: one invocation.
struct RunCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "One invocation: load the state, observe, forecast, decide, apply, save (the default).",
    discussion: """
      Values come from the flag, else the environment (SLA_PLANNER_<NAME> for every flag), else \
      the --config file, else the default.

      Exit codes: 0 decided (also when there is nothing to change, or a hold), 1 the decision could \
      not be applied, 2 with --detailed-exitcode: there was a change, 64 usage, 65 unreadable \
      profile, recording or state file, 69 connector unreachable, 75 another invocation is working \
      on the deployment, 77 permission denied, 78 configuration, 143 stopped by SIGTERM before a \
      decision was saved. With --repeat-for it is that of the last round: one that fails for a \
      reason that may pass (1, 69, 75) is followed by the next.
      """)

  @OptionGroup(title: OptionTable.common.title) var common: CommonOptions
  @OptionGroup(title: OptionTable.throughput.title) var throughput: ThroughputOptions
  @OptionGroup(title: OptionTable.sizing.title) var sizing: SizingOptions
  @OptionGroup(title: OptionTable.load.title) var load: LoadOptions
  @OptionGroup(title: OptionTable.damping.title) var damping: DampingOptions
  @OptionGroup(title: OptionTable.state.title) var state: StateOptions
  @OptionGroup(title: OptionTable.sources.title) var sources: SourceOptions
  @OptionGroup(title: OptionTable.connectors.title) var connectors: ConnectorOptions
  @OptionGroup(title: OptionTable.output.title) var output: OutputOptions

  func run() async throws { try await Self.run(flagLayer) }

  /// Runs what the flags, and behind them environment and file, ask for, and ends the process.
  static func run(_ flags: [String: String]) async throws {
    try await reportingFailures {
      let input = try RunInput(flags)
      let settings = input.settings
      let logger = StandardErrorLog.logger(settings)
      for warning in input.warnings { logger.warning("\(warning)") }

      let wiring = try Wiring(input, logger: logger)
      for oddity in wiring.profile?.warnings ?? [] { logger.info("Profile: \(oddity)") }
      let task = Task {
        defer { wiring.close() }
        return try await Rounds(wiring: wiring, settings: settings, logger: logger) { document in
          if let directory = settings.recordDirectory {
            try RecordingFolder(directory).save(document)
          }
          report(document, settings, logger)
        }.run()
      }
      let signals = TerminationSignals(cancelling: task, logger: logger)
      defer { signals.stop() }
      let code = exitCode(of: try await task.value, settings)
      // At once: to stop libcurl's thread and to free memory first takes 2 ms of an invocation's 30.
      withExtendedLifetime(wiring) {
        input.replayedState?.discard()
        _exit(code)
      }
    }
  }

  private static func report(
    _ document: DecisionDocument, _ settings: RunSettings, _ logger: Logger
  ) {
    for warning in document.warnings { logger.warning("\(warning)") }
    if let error = document.error { logger.error("\(error)") }
    logger.info(
      "Decision \(document.id.map(String.init) ?? "(unsaved)") is \(document.status.rawValue).",
      metadata: ["deployment": "\(document.deployment)", "status": "\(document.status.rawValue)"])
    switch settings.output {
    case .json: print((try? JSONText.encode(document)) ?? "{}")
    case .text: print(DecisionText(document).text + (settings.repeatSeconds == nil ? "" : "\n"))
    }
    // The next round may end otherwise, and whoever reads along should not wait for it.
    fflush(nil)
  }

  private static func exitCode(of outcome: Rounds.Outcome, _ settings: RunSettings) -> Int32 {
    if let failure = outcome.failure { return failure.rawValue }
    return outcome.hasChange && settings.usesDetailedExitCode
      ? CommandFailure.Code.change.rawValue : EXIT_SUCCESS
  }
}
