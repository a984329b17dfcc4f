import Application
import ArgumentParser

/// The program: one subcommand a file.
public struct SLAPlanner: AsyncParsableCommand {
  /// How the program presents itself.
  public static let configuration = CommandConfiguration(
    commandName: "sla-planner",
    abstract:
      "Scales the prefill and decode workers of an LLM deployment so that TTFT and ITL meet their targets with the fewest GPUs.",
    version: plannerVersion,
    subcommands: [
      RunCommand.self, ValidateCommand.self, ForecastCommand.self, ProfileCommand.self,
      AcknowledgeCommand.self,
      HistoryCommand.self, ExplainCommand.self, AuditCommand.self, ReportCommand.self,
      SimulateCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// Creates the program.
  public init() {}

  /// Parses the process's arguments, runs the subcommand they name and ends the process with its
  /// exit code.
  public static func execute() async {
    do {
      if let flags = PlainFlags.layer(CommandLine.arguments.dropFirst()) {
        try await RunCommand.run(flags)
      } else {
        try await runParsed()
      }
    } catch {
      exit(withError: error)
    }
  }

  private static func runParsed() async throws {
    var command = try parseAsRoot()
    if var command = command as? any AsyncParsableCommand {
      try await command.run()
    } else {
      try command.run()
    }
  }
}
