import Application
import ArgumentParser
import Planning
import Settings

/// `sla-planner pause`: counts stay as they are until somebody resumes.
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Leave all counts as they are, for a while or until 'resume'.",
    usage: "sla-planner pause [<options>]",
    discussion: """
      Runs go on: they observe, learn, and save decisions that change nothing. What others set by \
      hand stays.

      Examples:
        sla-planner pause --for 30m --reason "incident 4711"
        sla-planner pause
        sla-planner resume
      """)

  @OptionGroup var control: ControlOptions

  @OptionGroup var file: StateFileOptions

  @Option(help: .hidden)
  var now: String?

  @Option(help: "text or json.")
  var output: OutputFormat?

  func run() async throws {
    try await reportingFailures {
      let change = try ControlChange(file, now: now, output: output)
      try change.add([
        Control(
          .pause, owner: control.person, reason: control.reason, since: change.now,
          until: control.end(now: change.now))
      ])
    }
  }
}
