import ArgumentParser
import Invocation
import Settings

/// `sla-planner validate`: checks everything that a run needs, before a schedule is switched on.
struct ValidateCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check everything that a run needs: settings, files, servers, permissions.",
    discussion: """
      Takes the flags, environment and file of 'run' and prints a checklist (--output json for \
      programs). The exit code is 0 when a run would work, else that of the first failure: 64 usage, \
      65 unreadable profile or state file, 69 unreachable, 75 another planner is at work, 77 \
      permission denied, 78 configuration.
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
    var format = OutputFormat(rawValue: flagLayer["output"] ?? "") ?? .text
    var checks: [Check]
    do {
      Watchdog.watchProcess(deadlineSeconds: flagLayer["deadline"].flatMap(Double.init) ?? 50)
      let input = try RunInput(flagLayer)
      Watchdog.watchProcess(deadlineSeconds: input.settings.deadlineSeconds)
      guard input.replay == nil else {
        throw CommandFailure(
          .usage, "A replay needs none of what 'validate' looks at; leave out --replay.")
      }
      format = input.settings.output
      checks = [.of("configuration", Self.summary(input.settings), oddities: input.warnings)]
      checks += await Validation(input.settings).checks()
    } catch {
      checks = [Check("configuration", CommandFailure(error))]
    }
    let list = Checklist(checks: checks)
    format == .json ? printJSON(try JSONText.encode(list)) : printText(list.text)
    if !list.passes { throw ExitCode(list.exitCode) }
  }

  private static func summary(_ settings: RunSettings) -> String {
    let kinds = [
      settings.throughput.map { "by throughput every \($0.intervalSeconds) s" },
      settings.load.map { "by load every \(Check.number($0.intervalSeconds)) s" },
    ].compactMap { $0 }
    let dryRun = settings.isDryRun ? ", changing nothing" : ""
    return
      "Mode \(settings.mode.rawValue), scaled \(kinds.joined(separator: " and "))\(dryRun)."
  }
}
