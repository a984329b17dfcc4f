import GRDB
import Invocation

/// Saving what an invocation learned, decided and did. Each method makes sure, inside its one
/// transaction, that nobody has taken the lease over.
extension SQLiteStateStore {
  /// Saves what was learned and decided, removes a batch of what is too old, and returns the
  /// decision's number.
  ///
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation has taken over.
  public func save(_ step: LearnedStep) throws -> Int? {
    let retention = Retention(connection.settings, now: step.now)
    return try writing(time: step.now, ends: step.endsLease) { db, id in
      for traffic in step.observations { try add(traffic, to: id, db) }
      try setParts(step.parts, of: id, at: step.now, db)
      if let settled = step.settled {
        try settle(
          settled.id, by: .settleEarlierDecision,
          [
            "id": settled.id, "deployment": id, "status": settled.status, "error": settled.error,
          ], db)
      }
      let decision = try step.decision.map { try add($0, to: id, db) }
      try retention.prune(id, db)
      return decision
    }
  }

  /// Saves what became of a pending decision and the state that follows from it.
  ///
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation has taken over;
  ///   ``StateError/unusable(path:reason:)`` when the decision is not pending.
  public func settle(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String]
  ) throws {
    try settle(id, status, document, error, parts, ends: false)
  }

  /// Settles a decision and gives the lease back, in one transaction.
  ///
  /// - Throws: as ``settle(decision:status:document:error:parts:)`` does.
  public func settleAndEnd(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String], owner: String
  ) throws {
    guard session.withLock({ $0.owner == owner }) else { throw withoutLease }
    try settle(id, status, document, error, parts, ends: true)
  }

  /// Runs `body` as one transaction of the invocation that holds the lease.
  private func writing<Value>(
    time: Double?, ends: Bool, _ body: (Database, Int64) throws -> Value
  ) throws -> Value {
    guard let owner = session.withLock({ $0.owner }) else { throw withoutLease }
    let value = try connection.write { db in
      let id = try knownDeployment(db)
      try Lease.require(id, owner: owner, db)
      let value = try body(db, id)
      if ends { try Lease.end(id, owner: owner, db) }
      return value
    }
    session.withLock {
      if let time { $0.time = time }
      if ends { $0.owner = nil }
    }
    return value
  }

  private var withoutLease: StateError {
    unusable("Nothing can be saved without the lease: `begin` comes first.")
  }

  private func add(_ traffic: StoredTraffic, to id: Int64, _ db: Database) throws {
    let observation = traffic.observation
    try StateQuery.addObservation.execute(
      db,
      [
        "deployment": id, "intervalSeconds": traffic.intervalSeconds,
        "intervalEnd": observation.intervalEnd, "requestCount": observation.requestCount,
        "isl": observation.isl, "osl": observation.osl, "ttft": observation.ttftMilliseconds,
        "itl": observation.itlMilliseconds, "requestDuration": observation.requestDurationSeconds,
      ])
    try addDemand(traffic, to: id, db)
  }

  private func addDemand(_ traffic: StoredTraffic, to id: Int64, _ db: Database) throws {
    let observation = traffic.observation
    let key: StatementArguments = [
      "deployment": id, "intervalSeconds": traffic.intervalSeconds,
      "intervalEnd": observation.intervalEnd,
    ]
    if observation.arrivals != nil || observation.inFlightRequests != nil
      || observation.queuedRequests != nil
    {
      let arrivals = observation.arrivals
      try StateQuery.addDemand.execute(
        db,
        key + [
          "arrivals": arrivals?.count, "basis": arrivals?.basis.rawValue,
          "dispersion": arrivals?.indexOfDispersion, "inFlight": observation.inFlightRequests,
          "queued": observation.queuedRequests,
        ])
    }
    if let spread = observation.spread {
      try StateQuery.addSpread.execute(db, key + ["document": JSONText.encode(spread)])
    }
  }

  private func setParts(
    _ parts: [StatePart: String], of id: Int64, at time: Double, _ db: Database
  ) throws {
    for part in StatePart.allCases {
      guard let document = parts[part] else { continue }
      try StateQuery.setPart.execute(
        db, ["deployment": id, "part": part.rawValue, "document": document, "updated": time])
    }
  }

  private func add(_ decision: StoredDecision, to id: Int64, _ db: Database) throws -> Int {
    try StateQuery.addDecision.execute(
      db,
      [
        "deployment": id, "time": decision.time, "status": decision.status,
        "isChange": decision.isChange, "document": decision.document, "input": decision.input,
        "error": decision.error,
      ])
    return Int(db.lastInsertedRowID)
  }

  private func settle(
    _ decision: Int, _ status: String, _ document: String, _ error: String?,
    _ parts: [StatePart: String], ends: Bool
  ) throws {
    let time = session.withLock { $0.time }
    try writing(time: nil, ends: ends) { db, id in
      try settle(
        decision, by: .settleDecision,
        [
          "id": decision, "deployment": id, "status": status, "document": document, "error": error,
        ], db)
      try setParts(parts, of: id, at: time, db)
    }
  }

  private func settle(
    _ decision: Int, by query: StateQuery, _ arguments: StatementArguments, _ db: Database
  ) throws {
    guard try query.execute(db, arguments) == 1 else {
      throw unusable("Decision \(decision) is not pending there, so that it can't be settled.")
    }
  }
}
