import Application
import ArgumentParser
import Planning
import Settings

/// `sla-planner limit`: a count stays within what a person says.
struct LimitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit",
    abstract: "Keep a count within bounds; the planner decides between them.",
    usage: "sla-planner limit <bounds> ... [<options>]",
    discussion: """
      Examples:
        sla-planner limit prefill=2..8 --for 1d
        sla-planner limit decode=4.. --reason "launch day"
        sla-planner limit decode=..10
        sla-planner resume limit
      """)

  @Argument(
    help: ArgumentHelp(
      "prefill=LEAST..MOST, decode=LEAST..MOST; either end can be left out.", valueName: "bounds"))
  var bounds: [String]

  @OptionGroup var control: ControlOptions

  @OptionGroup var file: StateFileOptions

  @Option(help: .hidden)
  var now: String?

  @Option(help: "text or json.")
  var output: OutputFormat?

  func run() async throws {
    try await reportingFailures {
      let words = try bounds.map(BoundArgument.init)
      let change = try ControlChange(file, now: now, output: output)
      let end = try control.end(now: change.now)
      try change.add(
        words.map { word in
          try change.require(word.component)
          return Control(
            .limit, word.component, minimum: word.bounds.minimum, maximum: word.bounds.maximum,
            owner: control.person, reason: control.reason, since: change.now, until: end)
        })
    }
  }
}
