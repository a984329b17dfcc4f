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
    usage: "sla-planner history [<options>]",
    discussion: """
      One line a decision; runs that ended with an error are lines of their own. Reads the state \
      file without taking its lease.

      Examples:
        sla-planner history --since yesterday --changed
        sla-planner history --since 1h --wide
        sla-planner history --reason traffic-unknown --limit 0 --output csv
      """)

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

  @Flag(help: "A line a component, with every count and reason; wider than 80 columns.")
  var wide = false

  @OptionGroup var file: StateFileOptions

  @Option(help: "text, json or csv.")
  var output: Format?

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is at least 0, not \(limit).") }
  }

  func run() async throws {
    try await reportingFailures {
      let given = try file.given(["output": output == .csv ? nil : output?.rawValue])
      let found = DeploymentStore(given: given, deployment: file.deployment)
      let filter = try self.filter(now: found.now)
      let store = try found.open()
      let entries = try entries(store, filter)
      let total =
        try isCounted ? store.decisionExtent(since: since(filter), until: until(filter)).count : nil
      switch output ?? .text {
      case .json:
        printJSON(
          try HistoryDocument(entries, deployment: store.deployment, total: total).json())
      case .csv:
        let rows = entries.flatMap(\.rows)
        printText(
          ([HistoryRow.header.joined(separator: ",")] + rows.map(\.csv)).joined(separator: "\n"))
      case .text where wide: printText(Self.wideText(entries))
      case .text: printText(HistoryTable(entries, total: total, times: .local).text)
      }
    }
  }

  /// Whether all decisions of the time match, so that they can be counted without being read.
  private var isCounted: Bool { !changedOnly && component == nil && reason == nil }

  private func since(_ filter: HistoryFilter) -> Double {
    filter.since ?? -.greatestFiniteMagnitude
  }

  private func until(_ filter: HistoryFilter) -> Double {
    filter.until ?? .greatestFiniteMagnitude
  }

  /// Decisions and failed runs, newest first.
  private func entries(
    _ store: SQLiteStateStore, _ filter: HistoryFilter
  ) throws -> [HistoryEntry] {
    var entries: [HistoryEntry] = []
    try store.forEachSummary(
      since: filter.since, until: filter.until, changesOnly: changedOnly
    ) { summary in
      let rows = Self.rows(of: summary, filter)
      if !rows.isEmpty {
        entries.append(.decision(id: summary.id, time: summary.time, rows: rows))
      }
      return limit == 0 || entries.count < limit
    }
    guard isCounted else { return entries }
    // Not those that are older than the oldest decision shown, where more decisions follow it.
    let isCut = limit > 0 && entries.count == limit
    let failed = try store.failedRuns(
      since: isCut ? entries.last?.time ?? since(filter) : since(filter), until: until(filter),
      limit: limit == 0 ? 100_000 : limit)
    return (entries + failed.map { .failed($0) }).sorted { $0.time > $1.time }
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

  private func filter(now: Double) throws -> HistoryFilter {
    let codes =
      ThroughputReason.allCases.map(\.rawValue) + LoadReason.allCases.map(\.rawValue)
      + BudgetReason.allCases.map(\.rawValue) + ControlReason.allCases.map(\.rawValue)
    if let reason, !codes.contains(reason) {
      throw CommandFailure(
        .usage,
        "There is no reason code '\(reason)'; there are \(Set(codes).sorted().joined(separator: ", "))."
      )
    }
    let bounds = try span.bounds(now: now)
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

  private static func wideText(_ entries: [HistoryEntry]) -> String {
    let rows = entries.flatMap(\.rows)
    guard !rows.isEmpty else { return "No decision matches." }
    let cells = rows.map { row in row.cells.map { $0.isEmpty ? "–" : $0 } }
    return TextTable.lines(
      [HistoryRow.header] + cells, leftAligned: Set(HistoryRow.header.indices)
    ).joined(separator: "\n")
  }
}

extension HistoryEntry {
  /// The rows of its components; none of failed runs.
  fileprivate var rows: [HistoryRow] {
    if case .decision(_, _, let rows) = self { rows } else { [] }
  }
}
