import Foundation
import GRDB
import Invocation

/// Reading without taking the lease: for looking back, checking and explaining. None of it creates
/// a file; without one there are no decisions.
extension SQLiteStateStore {
  /// The decisions on this deployment, newest first.
  ///
  /// - Parameters:
  ///   - limit: the most to return; 0 or less returns none.
  ///   - id: return only decisions older than this one (for reading page by page); nil starts with
  ///     the newest. None are older than a decision that is not there.
  /// - Throws: ``StateError``.
  public func decisions(limit: Int, before id: Int? = nil) throws -> [StoredDecision] {
    try connection.read { db in
      guard limit > 0, let deployment = try StateQuery.deployment(deployment, db) else { return [] }
      guard let id else {
        return try StateQuery.newestDecisions.map(
          db, ["deployment": deployment, "limit": limit], StoredDecision.init)
      }
      return try StateQuery.olderDecisions.map(
        db, ["deployment": deployment, "before": id, "limit": limit], StoredDecision.init)
    } ?? []
  }

  /// Decision number `id`, of whichever deployment in the file; nil if it is not there.
  ///
  /// - Throws: ``StateError``.
  public func decision(id: Int) throws -> StoredDecision? {
    try connection.read { db in
      try StateQuery.decision.row(db, ["id": id]).map(StoredDecision.init)
    } ?? nil
  }

  /// The names of all deployments in the file, in alphabetical order.
  ///
  /// - Throws: ``StateError``.
  public func deployments() throws -> [String] {
    try connection.read { db in
      try Row.fetchAll(db, sql: "SELECT name FROM deployment ORDER BY name")
        .map { try $0.decode(String.self, atIndex: 0) }
    } ?? []
  }

  /// What the next invocation would find: the memory, and the lease if somebody else holds it.
  /// Nothing is changed.
  ///
  /// - Parameters:
  ///   - now: Unix seconds.
  ///   - leaseSeconds: the longest that an invocation may hold the lease.
  /// - Returns: nil when there is nothing of this deployment, or the tables are older ones.
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation holds the lease; another
  ///   ``StateError`` if the file can't be read.
  public func look(now: Double, leaseSeconds: Double) throws -> StoredState? {
    guard try !connection.isOutdated() else { return nil }
    return try connection.read { db -> StoredState? in
      guard let id = try StateQuery.deployment(deployment, db) else { return nil }
      let lease = try Lease.find(id, db)?.believed(at: now, longest: leaseSeconds)
      if let lease { throw StateError.leased(owner: lease.owner, until: lease.expires) }
      return try StoredState(deployment: id, db)
    } ?? nil
  }

  /// Makes sure that the file and what belongs to it can be written, without writing to it.
  ///
  /// - Throws: ``StateError/unusable(path:reason:)``.
  public func requireWritable() throws {
    let location = connection.location
    guard access(location.path, W_OK) == 0 else {
      throw unusable(
        "It can't be written (\(SystemFailure().message)). Check its permissions, and that the "
          + "volume is not mounted read-only.")
    }
    try connection.requireRoom()
    if let obstacle = location.obstacleToWriting() {
      throw unusable(
        "Its folder '\(location.folder)' takes no new files (\(obstacle.message)). Check its "
          + "permissions, and that the volume is not mounted read-only.")
    }
  }

  /// Looks at every page of the file for damage; takes time in proportion to its size, so that an
  /// invocation doesn't.
  ///
  /// - Throws: ``StateError/corrupt(path:reason:)`` with the first damage found; another
  ///   ``StateError`` if the file can't be read.
  public func verify() throws {
    let verdict = try connection.read { db in
      try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
    }
    if let verdict, let verdict, verdict != "ok" {
      throw StateError.corrupt(path: connection.location.name, reason: verdict)
    }
  }

  /// Renames the state file, for when a record in it can't be read; the next `begin` starts with a
  /// new one.
  ///
  /// - Parameter now: Unix seconds, for the new name.
  /// - Returns: where the file lies now, as a sentence.
  /// - Throws: ``StateError/unusable(path:reason:)`` when it can't be renamed.
  public func setAside(now: Double) throws -> String {
    guard (0..<1e11).contains(now) else { throw unusable("It can't be set aside at \(now).") }
    session.withLock { $0 = Session() }
    return try connection.setAside(now: now)
  }
}
