import ArgumentParser
import Dispatch
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
      decision was saved.
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

  func run() async throws {
    try await reportingFailures {
      let input = try RunInput(flagLayer)
      let document = try await runInvocation(input)
      try exit(for: document, input.settings)
    }
  }

  private func runInvocation(_ input: RunInput) async throws -> DecisionDocument {
    let settings = input.settings
    let logger = StandardErrorLog.logger(settings)
    for warning in input.warnings { logger.warning("\(warning)") }

    let wiring = try Wiring(input, logger: logger)
    let invocation = Invocation(
      settings: wiring.invocationSettings, profile: wiring.profile, ports: wiring.ports,
      logger: logger)
    let task = Task { try await invocation.run() }
    let signals = TerminationSignals(cancelling: task, logger: logger)
    defer { signals.stop() }
    let document = try await task.value
    report(document, settings, logger)
    return document
  }

  private func report(_ document: DecisionDocument, _ settings: RunSettings, _ logger: Logger) {
    for warning in document.warnings { logger.warning("\(warning)") }
    if let error = document.error { logger.error("\(error)") }
    logger.info(
      "Decision \(document.id.map(String.init) ?? "(unsaved)") is \(document.status.rawValue).",
      metadata: ["deployment": "\(document.deployment)", "status": "\(document.status.rawValue)"])
    switch settings.output {
    case .json: print((try? JSONText.encode(document)) ?? "{}")
    case .text: print(DecisionText(document).text)
    }
  }

  private func exit(for document: DecisionDocument, _ settings: RunSettings) throws {
    switch document.status {
    case .failed: throw ExitCode(CommandFailure.Code.notApplied.rawValue)
    case .applied where settings.usesDetailedExitCode,
      .dryRun where settings.usesDetailedExitCode:
      throw ExitCode(CommandFailure.Code.change.rawValue)
    default: break
    }
  }
}

/// Turns SIGTERM and SIGINT into the cancellation of the invocation, which finishes what it has
/// already saved as decided and gives everything else up.
struct TerminationSignals {
  private let sources: [any DispatchSourceSignal]

  init(cancelling task: Task<DecisionDocument, any Error>, logger: Logger) {
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        logger.notice("Stopping: a decision that is saved is finished, anything else is given up.")
        task.cancel()
      }
      source.resume()
      return source
    }
  }

  func stop() { for source in sources { source.cancel() } }
}
