import Application
import ArgumentParser
import Planning
import Settings

/// `sla-planner resume`: takes back what people have said.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Take back pauses, pins and limits: the planner decides alone again.",
    usage: "sla-planner resume [<what> ...] [<options>]",
    discussion: """
      Examples:
        sla-planner resume           everything
        sla-planner resume pause     only the pause
        sla-planner resume decode    pins and limits of decode
      """)

  @Argument(
    help: ArgumentHelp(
      "pause, pin, limit, prefill, decode; none for everything.", valueName: "what"))
  var what: [String] = []

  @OptionGroup var file: StateFileOptions

  @Option(help: .hidden)
  var now: String?

  @Option(help: "text or json.")
  var output: OutputFormat?

  func run() async throws {
    try await reportingFailures {
      let kinds: [Control.Kind] = [.pause, .pin, .limit]
      for word in what
      where !kinds.map(\.rawValue).contains(word) && Component(rawValue: word) == nil {
        throw CommandFailure(
          .usage,
          "What can be taken back is pause, pin, limit, prefill or decode, not '\(word)'.")
      }
      try ControlChange(file, now: now, output: output).remove { control in
        what.isEmpty || what.contains(control.kind.rawValue)
          || control.component.map { what.contains($0.rawValue) } ?? false
      }
    }
  }
}
