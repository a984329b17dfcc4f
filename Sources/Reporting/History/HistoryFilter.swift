import Invocation
import Planning
import Presentation

/// Which decisions a history shows.
public struct HistoryFilter: Sendable {
  /// Only decisions at or after this moment, Unix seconds.
  public var since: Double?
  /// Only decisions before this moment, Unix seconds.
  public var until: Double?
  /// Only rows of this component.
  public var component: Component?
  /// Only rows with this reason code, of whichever kind.
  public var reason: String?
  /// Only decisions that change a count.
  public var changedOnly: Bool

  /// Creates a filter; by default everything passes.
  public init(
    since: Double? = nil, until: Double? = nil, component: Component? = nil,
    reason: String? = nil, changedOnly: Bool = false
  ) {
    self.since = since
    self.until = until
    self.component = component
    self.reason = reason
    self.changedOnly = changedOnly
  }

  /// The rows of `decision` that pass.
  public func rows(of decision: PastDocument) -> [HistoryRow] {
    if let since, decision.time < since { return [] }
    if let until, decision.time >= until { return [] }
    if changedOnly, !decision.isChange { return [] }
    return decision.components.compactMap { name, component in
      if let wanted = self.component, wanted != name { return nil }
      let row = HistoryRow(decision, name, component)
      if let reason, !row.reasons.contains(reason), row.control != reason { return nil }
      return row
    }
  }

  /// Whether the row of a decision that can't be read passes: where a component or a reason is asked
  /// for, nobody knows.
  public func passes(_ unreadable: HistoryRow) -> Bool { component == nil && reason == nil }
}

/// One component of one past decision.
public struct HistoryRow: Codable, Sendable, Equatable {
  /// Number of the decision.
  public var id: Int
  /// When, RFC 3339.
  public var time: String
  /// What became of it.
  public var status: String
  /// Which component; empty for a decision that can't be read.
  public var component: String
  /// Replicas before.
  public var current: Int?
  /// Replicas that the forecast needed.
  public var throughput: Int?
  /// Replicas that the load asked for.
  public var load: Int?
  /// The floor.
  public var floor: Int?
  /// Replicas decided on.
  public var final: Int?
  /// The reason codes of throughput, load and budget.
  public var reasons: [String]
  /// What a person or the calendar made of the count; nil where nobody did.
  public var control: String?

  /// The reason code of the budget.
  var budget: String { reasons.last ?? "" }

  init(
    _ decision: PastDocument, _ name: Component,
    _ component: DecisionDocument.ComponentDocument
  ) {
    id = decision.id
    time = decision.document.time
    status = decision.document.status.rawValue
    self.component = name.rawValue
    current = component.current
    throughput = component.throughput
    load = component.load
    floor = component.floor
    final = component.final
    reasons = [
      component.reasons.throughput.rawValue, component.reasons.load.rawValue,
      component.reasons.budget.rawValue,
    ]
    control = component.reasons.control?.rawValue
  }

  /// The row of a decision whose record can't be read.
  public init(unreadable id: Int, time: Double, status: String) {
    self.id = id
    self.time = rfc3339(time)
    self.status = status
    component = ""
    reasons = ["unreadable", "unreadable", "unreadable"]
  }

  /// The column headings of a table or CSV.
  public static let header = [
    "id", "time", "status", "component", "current", "throughput", "load", "floor", "final",
    "throughput_reason", "load_reason", "budget_reason", "control_reason",
  ]

  /// The cells; what isn't known is empty.
  public var cells: [String] {
    func text(_ count: Int?) -> String { count.map { String($0) } ?? "" }
    return [String(id), time, status, component]
      + [current, throughput, load, floor, final].map(text) + reasons + [control ?? ""]
  }

  /// The row as a line of CSV; no value needs quoting.
  public var csv: String { cells.joined(separator: ",") }
}
