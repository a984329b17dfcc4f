import Application
import ArgumentParser
import Invocation
import Planning
import Presentation
import Reporting
import Settings
import StateStore

/// `sla-planner status`: one screen on how the planner of a deployment is.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Is it broken, holding or fine? One screen, and an exit code.",
    usage: "sla-planner status [<options>]",
    discussion: """
      Exit codes: 0 fine or paused, 1 broken (the last run ended with an error, or its change was \
      not confirmed) or overdue, 3 holding; else as for 'run'.

      Examples:
        sla-planner status
        sla-planner status --config planner.yaml --output json
        sla-planner status --overdue 10m
      """)

  @Option(
    help: ArgumentHelp(
      "Time without a decision after which it is overdue (default: three times the usual, at least 3 min).",
      valueName: "time"))
  var overdue: String?

  @OptionGroup var file: StateFileOptions

  @Option(help: .hidden)
  var now: String?

  @Option(help: "text or json.")
  var output: OutputFormat?

  func run() async throws {
    try await reportingFailures {
      let given = try file.given(["now": now, "output": output?.rawValue])
      let found = DeploymentStore(given: given, deployment: file.deployment)
      let facts = try facts(found)
      output == .json
        ? printJSON(try StatusDocument(facts).json())
        : Self.show(StatusText(facts, times: .local).text, DeploymentState(facts))
      let code = DeploymentState(facts).exitCode
      if code != 0 { throw ExitCode(code) }
    }
  }

  /// Prints the text, its first line coloured where colours are shown.
  private static func show(_ text: String, _ state: DeploymentState) {
    let colour: Terminal.Colour =
      switch state {
      case .broken, .overdue: .red
      case .holding, .paused: .yellow
      case .fine: .green
      }
    let lines = VisibleText.plain(text).split(separator: "\n", omittingEmptySubsequences: false)
    print(
      ([Terminal.coloured(String(lines.first ?? ""), colour)] + lines.dropFirst().map(String.init))
        .joined(separator: "\n"))
  }

  private func facts(_ found: DeploymentStore) throws -> DeploymentFacts {
    let store = try found.open()
    let latest = try store.decisions(limit: 1).first.map { try PastDecision($0) }
    let end = Double.greatestFiniteMagnitude
    let lastChange = try store.timeOfDecision(fromEnd: 1, until: end, changesOnly: true)
      .flatMap { time in
        try store.decisionSummaries(since: time, until: time.nextUp, changesOnly: true).last
      }
    return DeploymentFacts(
      deployment: store.deployment, now: try found.now, latest: latest,
      lastChange: try lastChange.map { try PastDocument($0) },
      failure: try store.failedRuns(limit: 1).first,
      controls: try Self.calendar(found) + store.controls(), times: try times(store),
      overdueSeconds: try overdueSeconds())
  }

  /// What the configuration's calendar says now, and what of the next day.
  private static func calendar(_ found: DeploymentStore) throws -> [Control] {
    let settings = try found.given.read(DampingSettings.self)
    return try PlanningCalendar(settings.calendar)?
      .controls(at: found.now, ahead: 86_400) ?? []
  }

  /// When the newest decisions were made, newest first.
  private func times(_ store: SQLiteStateStore) throws -> [Double] {
    var times: [Double] = []
    for place in 1...11 {
      guard
        let time = try store.timeOfDecision(fromEnd: place, until: .greatestFiniteMagnitude)
      else { break }
      times.append(time)
    }
    return times
  }

  private func overdueSeconds() throws -> Double? {
    guard let overdue else { return nil }
    guard let seconds = Durations.seconds(overdue), seconds > 0 else {
      throw CommandFailure(.usage, "--overdue is a time like 90s, 10m or 1h, not '\(overdue)'.")
    }
    return seconds
  }
}
