import GRDB
import Invocation

extension SQLiteStateStore {
  /// Writes what a replay of this invocation needs to a new state file.
  ///
  /// It is to be called just before or just after `begin`, and holds what `begin` finds: the
  /// memory, the pending decision, the lease that is taken over, the newest observations, the
  /// values of the virtual connector, and the number that the next decision gets. Decisions of the
  /// past are left out, so that the size does not depend on the age of the file.
  ///
  /// - Parameters:
  ///   - path: the file to create; it must not exist. It needs no log or journal beside it.
  ///   - observationLimit: how many observations to keep of each interval length.
  /// - Throws: ``StateError``.
  public func exportSeed(to path: String, observationLimit: Int = 2000) throws {
    let location = StateFileLocation(path)
    guard try location.content() == .nothing else {
      throw StateError.unusable(path: path, reason: "It exists already. Name a new file.")
    }
    try location.makeFolder()
    // Whoever opens the source next, also by ATTACH, would create it if it were not there.
    let hasSource = try connection.read { _ in true } ?? false
    let seed = try location.explainingErrors(waited: 0) {
      var configuration = Configuration()
      // A recording that the power failed on is worthless anyway.
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      let seed = try DatabaseQueue(path: location.path, configuration: configuration)
      try StateSchema.migrator.migrate(seed)
      return seed
    }
    try connection.explainingErrors {
      if hasSource {
        try seed.writeWithoutTransaction { db in
          try db.execute(sql: "ATTACH ? AS source", arguments: [connection.location.path])
        }
        // Deferred: it reads the source, where an immediate one would lock it for writing.
        try seed.transaction(.deferred) { try fillSeed($0, observationLimit: observationLimit) }
      }
      try seed.close()
    }
  }

  private func fillSeed(_ db: Database, observationLimit: Int) throws {
    let name: StatementArguments = ["name": deployment]
    let ours = "deployment = (SELECT id FROM source.deployment WHERE name = :name)"
    try db.execute(
      sql: "INSERT INTO main.deployment SELECT * FROM source.deployment WHERE name = :name",
      arguments: name)
    try db.execute(
      sql: "INSERT INTO main.memory SELECT * FROM source.memory WHERE \(ours)", arguments: name)
    try db.execute(
      sql: """
        INSERT INTO main.decision SELECT * FROM source.decision
        WHERE status = 'pending' AND \(ours)
        """, arguments: name)
    try copyNewestObservations(db, limit: observationLimit)
    try db.execute(
      sql: "INSERT INTO main.virtual_scaling SELECT * FROM source.virtual_scaling")
    try copyLease(db)
    try db.execute(
      sql: """
        DELETE FROM main.sqlite_sequence WHERE name = 'decision';
        INSERT INTO main.sqlite_sequence (name, seq)
          SELECT name, seq FROM source.sqlite_sequence WHERE name = 'decision';
        """)
  }

  private func copyNewestObservations(_ db: Database, limit: Int) throws {
    guard let id = try StateQuery.deployment(deployment, db) else { return }
    let lengths = try Row.fetchAll(
      db, sql: "SELECT DISTINCT interval_seconds FROM source.observation WHERE deployment = ?",
      arguments: [id])
    for length in lengths {
      for table in ["observation", "demand", "spread"] {
        try db.execute(
          sql: """
            INSERT INTO main.\(table) SELECT * FROM source.\(table)
            WHERE deployment = ? AND interval_seconds = ? ORDER BY interval_end DESC LIMIT ?
            """,
          arguments: [id, try length.decode(Int.self, atIndex: 0), max(0, limit)])
      }
    }
  }

  /// Copies the lease as `begin` found it.
  private func copyLease(_ db: Database) throws {
    guard let id = try StateQuery.deployment(deployment, db) else { return }
    let session = session.withLock { $0 }
    guard session.owner != nil else {
      try db.execute(
        sql: "INSERT INTO main.lease SELECT * FROM source.lease WHERE deployment = ?",
        arguments: [id])
      return
    }
    try session.takenOver?.take(id, db)
  }
}
