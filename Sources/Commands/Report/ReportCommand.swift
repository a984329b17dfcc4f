import Application
import ArgumentParser
import Invocation
import Planning
import Reporting
import StateStore

/// `sla-planner report`: what was decided, and why, as one HTML file with plots.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write what was seen and decided as one HTML file with plots.",
    usage: "sla-planner report [<file>] [<options>]",
    discussion: """
      The file needs nothing else: no network, no library. It covers the time of the decisions in \
      the state file, which is read without taking its lease. Of a long history the newest \
      \(StateReport.shownWhole) decisions are shown whole and the others sampled; the page says so.

      Examples:
        sla-planner report --since yesterday
        sla-planner report incident.html --since 2026-11-16T08:00 --until 2026-11-16T12:00
      """)

  @Argument(help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
  var output = "report.html"

  @OptionGroup var file: StateFileOptions

  @OptionGroup var span: HistorySpanOptions

  func run() async throws {
    try await reportingFailures {
      let found = DeploymentStore(given: try file.given(), deployment: file.deployment)
      let bounds = try span.bounds(now: found.now)
      let report = StateReport(
        store: try found.open(), since: bounds.since, until: bounds.until)
      guard let data = try report.data() else {
        throw CommandFailure(
          .unreadableInput,
          span.isLimited
            ? "The state file holds no decision in that time; 'sla-planner history' lists them."
            : "The state file holds no decision yet; the first 'sla-planner run' makes one.")
      }
      let page = ReportPage(data).html
      guard output != "-" else { return print(page, terminator: "") }
      try OutputFile(kind: "report", path: output).write(page)
      print("Wrote \(output): \(data.decisionCount) decisions, \(page.utf8.count / 1000) kB.")
    }
  }
}
