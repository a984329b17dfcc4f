import GRDB
import Invocation
import Planning

/// What people have said of the counts. Commands write it without the lease: an invocation reads it
/// as it begins and never writes it, so neither undoes what the other did.
extension SQLiteStateStore {
  /// The controls there are, whether or not they still count.
  ///
  /// - Throws: ``StateError``.
  public func controls() throws -> [Control] {
    try connection.read { db in
      guard let id = try StateQuery.deployment(deployment, db) else { return [] }
      return try storedControls(id, db)
    } ?? []
  }

  /// Changes the controls in one transaction; those that are over by `now` are forgotten.
  ///
  /// - Parameters:
  ///   - now: Unix seconds.
  ///   - change: the new controls out of those that still count.
  /// - Returns: the new controls.
  /// - Throws: ``StateError``, or what `change` throws.
  @discardableResult
  public func changeControls(
    now: Double, _ change: ([Control]) throws -> [Control]
  ) throws -> [Control] {
    try connection.write { db in
      let id = try knownDeployment(db)
      let controls = try change(storedControls(id, db).without(endedBy: now))
      try StateQuery.setPart.execute(
        db,
        [
          "deployment": id, "part": StatePart.controls.rawValue,
          "document": JSONText.encode(controls), "updated": now,
        ])
      return controls
    }
  }

  private func storedControls(_ id: Int64, _ db: Database) throws -> [Control] {
    let row = try StateQuery.findPart.row(
      db, ["deployment": id, "part": StatePart.controls.rawValue])
    guard let document = try row?.decode(String.self, atIndex: 0) else { return [] }
    do {
      return try JSONText.decode([Control].self, from: document)
    } catch {
      throw StateError.unreadablePart(
        path: connection.location.name, part: StatePart.controls.rawValue, reason: "\(error)")
    }
  }
}
