import GRDB
import Invocation

/// A decision without what it was decided on: a fifth of the size.
public struct DecisionSummary: Sendable, Equatable {
  /// Number of the decision in this file.
  public var id: Int
  /// Unix seconds of the decision.
  public var time: Double
  /// `pending`, `applied`, `unchanged`, `held`, `dry-run` or `failed`.
  public var status: String
  /// Whether the decision changes (or in a dry run would change) a replica count.
  public var isChange: Bool
  /// The decision as printed, JSON.
  public var document: String
  /// Why it failed.
  public var error: String?
}

/// What a state file holds of a deployment within some time.
public struct DecisionExtent: Sendable, Equatable {
  /// How many decisions.
  public var count: Int
  /// Unix seconds of the first and the last; nil without a decision.
  public var times: ClosedRange<Double>?
}

/// Reading long histories in bounded time: neither decodes nor reads every decision.
extension SQLiteStateStore {
  /// How many decisions there are with `since` ≤ time < `until`, and when; from the index alone.
  ///
  /// - Throws: ``StateError``.
  public func decisionExtent(
    since: Double = -.greatestFiniteMagnitude, until: Double = .greatestFiniteMagnitude
  ) throws -> DecisionExtent {
    let nothing = DecisionExtent(count: 0, times: nil)
    return try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return nothing }
      let row = try StateQuery.decisionExtent.row(
        db, ["deployment": deployment, "since": since, "until": until])
      guard let row, let first: Double = try row.decode(atIndex: 1),
        let last: Double = try row.decode(atIndex: 2)
      else { return nothing }
      return DecisionExtent(count: try row.decode(atIndex: 0), times: first...last)
    } ?? nothing
  }

  /// The first decision of each of `parts` equal parts of the time `since`…`until`, oldest first;
  /// `until` itself is outside. Every decision that is read is found through the index.
  ///
  /// - Throws: ``StateError``.
  public func sampledDecisions(
    since: Double, until: Double, parts: Int
  ) throws -> [DecisionSummary] {
    guard parts > 0, since < until, (until - since).isFinite else { return [] }
    let width = (until - since) / Double(parts)
    return try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return [] }
      var found: [DecisionSummary] = []
      var part = 0
      while part < parts {
        let start = since + Double(part) * width
        let row = try StateQuery.firstDecision.row(
          db, ["deployment": deployment, "since": start, "until": until])
        guard let row else { break }
        let decision = try DecisionSummary(row)
        found.append(decision)
        // Parts without a decision are passed over in one step.
        part = max(part + 1, min(parts, Int((decision.time - since) / width) + 1))
      }
      return found
    } ?? []
  }

  /// The decisions with `since` ≤ time < `until`, oldest first.
  ///
  /// - Parameter changesOnly: whether only those that change a count are read.
  /// - Throws: ``StateError``.
  public func decisionSummaries(
    since: Double, until: Double, changesOnly: Bool = false
  ) throws -> [DecisionSummary] {
    try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return [] }
      return try (changesOnly ? StateQuery.changeSummaries : .decisionSummaries).map(
        db, ["deployment": deployment, "since": since, "until": until], DecisionSummary.init)
    } ?? []
  }

  /// The time of the decision that `limit` - 1 newer ones follow before `until`; nil when there are
  /// fewer. From the index alone.
  ///
  /// - Parameter changesOnly: whether only those that change a count are counted.
  /// - Throws: ``StateError``.
  public func timeOfDecision(
    fromEnd limit: Int, until: Double, changesOnly: Bool = false
  ) throws -> Double? {
    guard limit > 0 else { return nil }
    return try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return nil }
      return try (changesOnly ? StateQuery.timeOfChangeFromEnd : .timeFromEnd).row(
        db, ["deployment": deployment, "until": until, "offset": limit - 1]
      )?.decode(Double.self, atIndex: 0)
    } ?? nil
  }

  /// The interval lengths that were ever observed, in seconds, those in use last first.
  ///
  /// - Throws: ``StateError``.
  public func observedIntervalLengths() throws -> [Int] {
    try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return [] }
      return try StateQuery.intervalLengths.map(db, ["deployment": deployment]) { row in
        (seconds: try row.decode(Int.self, atIndex: 0), end: try row.decode(Int.self, atIndex: 1))
      }.sorted { $0.end > $1.end }.map(\.seconds)
    } ?? []
  }

  /// Hands over every observation of intervals of that length that end in `since`..<`until`, oldest
  /// first and one at a time.
  ///
  /// - Throws: ``StateError``, or what `visit` throws.
  public func forEachObservation(
    intervalSeconds: Int, since: Int = .min, until: Int = .max,
    _ visit: (StoredTraffic) throws -> Void
  ) throws {
    _ = try connection.read { db in
      guard let deployment = try StateQuery.deployment(deployment, db) else { return }
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: StateQuery.observationsInOrder.sql),
        arguments: [
          "deployment": deployment, "intervalSeconds": intervalSeconds, "since": since,
          "until": until,
        ])
      while let row = try rows.next() {
        try visit(StoredTraffic(row, intervalSeconds: intervalSeconds))
      }
    }
  }
}

extension DecisionSummary {
  fileprivate init(_ row: Row) throws {
    self.init(
      id: try row.decode(atIndex: 0), time: try row.decode(atIndex: 1),
      status: try row.decode(atIndex: 2), isChange: try row.decode(atIndex: 3),
      document: try row.decode(atIndex: 4), error: try row.decode(atIndex: 5))
  }
}
