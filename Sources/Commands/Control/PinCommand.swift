import Application
import ArgumentParser
import Planning
import Settings

/// `sla-planner pin`: a count is what a person says.
struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Set a count by hand, whatever the traffic needs.",
    usage: "sla-planner pin <count> ... [<options>]",
    discussion: """
      A pin goes before traffic, floor and damping, also while metrics are missing. It keeps to the \
      GPU budget and to --min-endpoint, and nothing changes during a rollout.

      Examples:
        sla-planner pin decode=12 --for 1h
        sla-planner pin prefill=2 decode=8 --until 18:00 --reason "load test"
        sla-planner resume decode
      """)

  @Argument(help: ArgumentHelp("prefill=COUNT, decode=COUNT, or both.", valueName: "count"))
  var counts: [String]

  @OptionGroup var control: ControlOptions

  @OptionGroup var file: StateFileOptions

  @Option(help: .hidden)
  var now: String?

  @Option(help: "text or json.")
  var output: OutputFormat?

  func run() async throws {
    try await reportingFailures {
      let words = try counts.map(BoundArgument.init)
      let change = try ControlChange(file, now: now, output: output)
      let end = try control.end(now: change.now)
      try change.add(
        words.map { word in
          guard let count = word.bounds.minimum, word.bounds.maximum == count else {
            throw CommandFailure(
              .usage, "A pin is one count, like decode=12; 'sla-planner limit' takes bounds.")
          }
          try change.require(word.component)
          return Control(
            .pin, word.component, minimum: count, maximum: count, owner: control.person,
            reason: control.reason, since: change.now, until: end)
        })
    }
  }
}
