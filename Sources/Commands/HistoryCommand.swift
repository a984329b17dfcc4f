import ArgumentParser
import Invocation
import Planning
import Reporting
import Settings

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

  @Option(help: ArgumentHelp("The most decisions to show, 0 for all.", valueName: "number"))
  var limit = 20

  @Option(
    help: ArgumentHelp(
      "Only decisions at or after this moment (RFC 3339 or Unix seconds).", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Only decisions before this moment.", valueName: "time"))
  var until: String?

  @Option(help: "Only this component: prefill or decode.")
  var component: String?

  @Option(help: ArgumentHelp("Only rows with this reason code.", valueName: "code"))
  var reason: String?

  @Flag(name: .customLong("changed"), help: "Only decisions that change a count.")
  var changedOnly = false

  @Option(help: "text, json or csv.")
  var output = Format.text

  func run() async throws {
    try await reportingFailures {
      let filter = try self.filter()
      var rows: [HistoryRow] = []
      var shown = 0
      try file.open().forEachDecision { decision in
        let found = filter.rows(of: decision)
        rows += found
        shown += found.isEmpty ? 0 : 1
        if let since = filter.since, decision.record.input.time < since { return false }
        return limit == 0 || shown < limit
      }
      print(try text(of: rows))
    }
  }

  private func filter() throws -> HistoryFilter {
    guard limit >= 0 else { throw CommandFailure(.usage, "--limit is at least 0, not \(limit).") }
    let codes =
      ThroughputReason.allCases.map(\.rawValue) + LoadReason.allCases.map(\.rawValue)
      + BudgetReason.allCases.map(\.rawValue)
    if let reason, !codes.contains(reason) {
      throw CommandFailure(
        .usage,
        "There is no reason code '\(reason)'; there are \(Set(codes).sorted().joined(separator: ", "))."
      )
    }
    return HistoryFilter(
      since: try since.map { try moment($0, "--since") },
      until: try until.map { try moment($0, "--until") },
      component: try component.map(self.component), reason: reason, changedOnly: changedOnly)
  }

  private func component(_ text: String) throws -> Component {
    guard let component = Component(rawValue: text) else {
      throw CommandFailure(.usage, "--component is prefill or decode, not '\(text)'.")
    }
    return component
  }

  private func moment(_ text: String, _ flag: String) throws -> Double {
    guard let time = Instant.unixSeconds(text) else {
      throw CommandFailure(
        .usage, "\(flag) is an RFC 3339 time or Unix seconds, not '\(text)'.")
    }
    return time
  }

  private func text(of rows: [HistoryRow]) throws -> String {
    switch output {
    case .json: return try JSONText.encode(rows)
    case .csv:
      return ([HistoryRow.header.joined(separator: ",")] + rows.map(\.csv)).joined(separator: "\n")
    case .text:
      guard !rows.isEmpty else { return "No decision matches." }
      let cells = rows.map { row in row.cells.map { $0.isEmpty ? "–" : $0 } }
      let all = [HistoryRow.header] + cells
      let widths = HistoryRow.header.indices.map { column in
        all.map { $0[column].count }.max() ?? 0
      }
      return all.map { row in
        zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
          .joined(separator: "  ")
      }.joined(separator: "\n")
    }
  }
}
