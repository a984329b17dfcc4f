import Application
import ArgumentParser
import Glibc

/// The program: one subcommand a file.
public struct SLAPlanner: AsyncParsableCommand {
  /// How the program presents itself.
  public static let configuration = CommandConfiguration(
    commandName: "sla-planner",
    abstract:
      "Scales the prefill and decode workers of an LLM deployment so that TTFT and ITL meet their targets with the fewest GPUs.",
    discussion: """
      Examples:
        sla-planner validate --config planner.yaml     would a run work?
        sla-planner run --config planner.yaml --dry-run
        sla-planner status                             is it broken, holding or fine?
        sla-planner explain                            why the last decision?
        sla-planner pin decode=12 --for 1h             a count by hand

      Every command takes -q (errors only), -v (everything), --color auto|always|never, and \
      --help-all for the options that --help leaves out.
      """,
    version: plannerVersion,
    subcommands: [
      InitCommand.self, ValidateCommand.self, RunCommand.self, StatusCommand.self,
      HistoryCommand.self, ExplainCommand.self, PauseCommand.self, ResumeCommand.self,
      PinCommand.self,
      LimitCommand.self, ReportCommand.self, AuditCommand.self, SimulateCommand.self,
      ManifestsCommand.self,
      ForecastCommand.self, ProfileCommand.self, AcknowledgeCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// Creates the program.
  public init() {}

  /// Parses the process's arguments, runs the subcommand they name and ends the process with its
  /// exit code. Without any argument it only shows what there is: nobody scales by accident.
  public static func execute() async {
    do {
      try await run(CommandLine.arguments.dropFirst())
      try StandardOutput.check()
    } catch let failure as CommandFailure {
      printError("Error: \(failure)")
      _exit(failure.code.rawValue)
    } catch {
      guard exitCode(for: error) == .success else { exit(withError: error) }
      print(fullMessage(for: error))
      endAfterHelp()
    }
  }

  /// Ends the process with what became of the help screen.
  private static func endAfterHelp() {
    do {
      try StandardOutput.check()
    } catch {
      printError("Error: \(error)")
      _exit(CommandFailure(error).code.rawValue)
    }
  }

  private static func run(_ arguments: ArraySlice<String>) async throws {
    guard !arguments.isEmpty else { return print(helpMessage()) }
    let global = try GlobalArguments(arguments)
    Terminal.global = global
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    if let failure = MisspeltCommand.failure(global.rest, among: names) { throw failure }
    if let flags = PlainFlags.layer(global.rest) {
      try await RunCommand.run(flags)
    } else {
      try await runParsed(global.rest)
    }
  }

  private static func runParsed(_ arguments: [String]) async throws {
    var command = try parseAsRoot(arguments)
    if var command = command as? any AsyncParsableCommand {
      try await command.run()
    } else {
      try command.run()
    }
  }
}
