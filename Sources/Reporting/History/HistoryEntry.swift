import Invocation
import Planning
import Presentation

/// One line of a history: a decision, or runs that ended with an error.
public enum HistoryEntry: Sendable {
  /// A decision, with the rows of its components that the filter lets pass.
  case decision(id: Int, time: Double, rows: [HistoryRow])
  /// Runs without a decision.
  case failed(FailedRun)

  /// Unix seconds of the decision, or of the last of the runs.
  public var time: Double {
    switch self {
    case .decision(_, let time, _): time
    case .failed(let run): run.last
    }
  }
}

/// A history as a table of one line a decision, 80 columns wide.
public struct HistoryTable: Sendable {
  let entries: [HistoryEntry]
  /// Decisions that could have been shown; nil where nobody counted.
  let total: Int?
  let times: TimeStyle

  /// Creates a table.
  ///
  /// - Parameters:
  ///   - entries: newest first.
  ///   - total: decisions that could have been shown; nil where nobody counted.
  public init(_ entries: [HistoryEntry], total: Int?, times: TimeStyle) {
    self.entries = entries
    self.total = total
    self.times = times
  }

  /// The table, and how many of all decisions it shows.
  public var text: String {
    guard !entries.isEmpty else { return "No decision matches." }
    let header = ["id", "time", "status", "prefill", "decode", "why"]
    let rows = entries.map { entry in
      switch entry {
      case .failed(let run):
        [
          "–", times.text(run.last.rounded()), "error", "", "",
          "exit \(run.code)" + (run.count > 1 ? ", \(run.count) runs" : ""),
        ]
      case .decision(let id, let time, let rows):
        [
          "\(id)", times.text(time.rounded()), rows.first?.status ?? "",
          Self.change(rows, .prefill),
          Self.change(rows, .decode), Self.why(rows),
        ]
      }
    }
    let lines = TextTable.lines([header] + rows, leftAligned: Set(header.indices))
    return (lines + [footer].compactMap { $0 } + newestError).joined(separator: "\n")
  }

  /// What the newest of the failed runs said; the JSON has all of them.
  private var newestError: [String] {
    for case .failed(let run) in entries {
      return TextWrap.lines("Newest error: \(run.error)", rest: "  ")
    }
    return []
  }

  private var footer: String? {
    let shown = entries.count { if case .decision = $0 { true } else { false } }
    guard let total, total > shown else { return nil }
    return "\(shown) of \(total) decisions; --limit 0 shows all."
  }

  /// `2 → 4`, or what stays.
  private static func change(_ rows: [HistoryRow], _ component: Component) -> String {
    guard let row = rows.first(where: { $0.component == component.rawValue }) else { return "–" }
    guard let final = row.final else { return row.current.map(String.init) ?? "–" }
    guard let current = row.current, current != final else { return "\(final)" }
    return "\(current) → \(final)"
  }

  /// The reasons that say most.
  private static func why(_ rows: [HistoryRow]) -> String {
    var codes: [String] = []
    for row in rows {
      let words = ReasonWords(
        rules: Array(row.reasons.prefix(2)),
        limits: [row.control, row.budget == "limited" ? "budget" : nil].compactMap { $0 })
      for code in words.codes where !codes.contains(code) { codes.append(code) }
    }
    let told = codes.filter { $0 != "no-change" }
    return told.isEmpty ? "no-change" : told.prefix(2).joined(separator: ", ")
  }
}

/// A history for programs.
public struct HistoryDocument: Encodable, Sendable {
  struct Failed: Encodable, Sendable {
    var first: String
    var last: String
    var count: Int
    var code: Int
    var error: String
  }

  let schema = 1
  let deployment: String
  let shown: Int
  @ExplicitNull var total: Int?
  /// A row a component, newest decision first.
  let decisions: [HistoryRow]
  let failedRuns: [Failed]

  enum CodingKeys: String, CodingKey {
    case schema, deployment, shown, total, decisions
    case failedRuns = "failed_runs"
  }

  /// Creates the document.
  public init(_ entries: [HistoryEntry], deployment: String, total: Int?) {
    self.deployment = deployment
    _total = ExplicitNull(wrappedValue: total)
    var decisions: [HistoryRow] = []
    var failed: [Failed] = []
    var shown = 0
    for entry in entries {
      switch entry {
      case .decision(_, _, let rows):
        decisions += rows
        shown += 1
      case .failed(let run):
        failed.append(
          Failed(
            first: rfc3339(run.first), last: rfc3339(run.last), count: run.count, code: run.code,
            error: run.error))
      }
    }
    self.decisions = decisions
    self.shown = shown
    failedRuns = failed
  }

  /// One JSON object.
  public func json() throws -> String { try JSONText.encode(self) }
}
