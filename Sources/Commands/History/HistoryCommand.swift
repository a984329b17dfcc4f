import Application
import ArgumentParser
import Invocation
import Planning
import Presentation
import Reporting
import StateStore

/// `sla-planner history`: past decisions as a table.
struct HistoryCommand: AsyncParsableCommand {
  /// How rows are printed.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv
  }

  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show past decisions as a table, newest first.",
    discussion:
      "Reads the state file without taking its lease. 'sla-planner explain ID' tells all about one."
  )

  @OptionGroup var file: StateFileOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most decisions to show, 0 for all.", valueName: "number"))
  var limit = 20

  @OptionGroup var span: HistorySpanOptions

  @Option(help: "Only this component: prefill or decode.")
  var component: String?

  @Option(help: ArgumentHelp("Only rows with this reason code.", valueName: "code"))
  var reason: String?

  @Flag(name: .customLong("changed"), help: "Only decisions that change a count.")
  var changedOnly = false

  @Option(help: "text, json or csv.")
  var output = Format.text

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is at least 0, not \(limit).") }
  }

  func run() async throws {
    try await reportingFailures {
      let filter = try self.filter()
      var rows: [HistoryRow] = []
      var shown = 0
      try file.open().forEachSummary(
        since: filter.since, until: filter.until, changesOnly: changedOnly
      ) { summary in
        let found = Self.rows(of: summary, filter)
        rows += found
        shown += found.isEmpty ? 0 : 1
        return limit == 0 || shown < limit
      }
      output == .json ? printJSON(try text(of: rows)) : printText(try text(of: rows))
    }
  }

  /// The rows of a decision; one that can't be read is a row of its own and says why on stderr.
  private static func rows(of summary: DecisionSummary, _ filter: HistoryFilter) -> [HistoryRow] {
    do throws(PastDecisionError) {
      return filter.rows(of: try PastDocument(summary))
    } catch {
      let row = HistoryRow(
        unreadable: summary.id, time: summary.time, status: summary.status)
      guard filter.passes(row) else { return [] }
      printError("Warning: \(error)")
      return [row]
    }
  }

  private func filter() throws -> HistoryFilter {
    let codes =
      ThroughputReason.allCases.map(\.rawValue) + LoadReason.allCases.map(\.rawValue)
      + BudgetReason.allCases.map(\.rawValue)
    if let reason, !codes.contains(reason) {
      throw CommandFailure(
        .usage,
        "There is no reason code '\(reason)'; there are \(Set(codes).sorted().joined(separator: ", "))."
      )
    }
    let bounds = try span.bounds()
    return HistoryFilter(
      since: bounds.since, until: bounds.until,
      component: try component.map(self.component), reason: reason, changedOnly: changedOnly)
  }

  private func component(_ text: String) throws -> Component {
    guard let component = Component(rawValue: text) else {
      throw CommandFailure(.usage, "--component is prefill or decode, not '\(text)'.")
    }
    return component
  }

  private func text(of rows: [HistoryRow]) throws -> String {
    switch output {
    case .json: return try JSONText.encode(rows)
    case .csv:
      return ([HistoryRow.header.joined(separator: ",")] + rows.map(\.csv)).joined(separator: "\n")
    case .text:
      guard !rows.isEmpty else { return "No decision matches." }
      let cells = rows.map { row in row.cells.map { $0.isEmpty ? "–" : $0 } }
      return TextTable.lines(
        [HistoryRow.header] + cells, leftAligned: Set(HistoryRow.header.indices)
      ).joined(separator: "\n")
    }
  }
}
