import Application
import ArgumentParser
import Invocation
import Presentation
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

  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>
  @OptionGroup(title: StateSettings.title) var state: SectionFlags<StateSettings>
  @OptionGroup(title: SourceSettings.title) var sources: SectionFlags<SourceSettings>
  @OptionGroup(title: ConnectorSettings.title) var connectors: SectionFlags<ConnectorSettings>
  @OptionGroup(title: OutputSettings.title) var output: SectionFlags<OutputSettings>

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
    format == .json
      ? printJSON(try JSONText.encode(list))
      : print(
        Terminal.coloured(
          VisibleText.plain(list.text),
          linesBeginning: [
            "FAILED": .red, "A run would not": .red, "warning": .yellow, "A run would work": .green,
          ]))
    if !list.passes { throw ExitCode(list.exitCode) }
  }

  private static func summary(_ settings: RunSettings) -> String {
    let kinds = [
      settings.throughput.map { "by throughput every \($0.intervalSeconds) s" },
      settings.load.map { "by load every \(Numbers.short($0.intervalSeconds, 1)) s" },
    ].compactMap { $0 }
    let dryRun = settings.isDryRun ? ", changing nothing" : ""
    return
      "Mode \(settings.mode.rawValue), scaled \(kinds.joined(separator: " and "))\(dryRun)."
  }
}
