import GRDB
import Invocation

/// Runs that ended with an error leave a row, so that who asks later finds it.
extension SQLiteStateStore {
  /// Notes a run that ended with an error. One after another with the same error are one row.
  ///
  /// - Parameters:
  ///   - time: Unix seconds.
  ///   - code: its exit code.
  ///   - error: what it said.
  /// - Throws: ``StateError``.
  public func noteFailedRun(at time: Double, code: Int, error: String) throws {
    let retentionDays = connection.settings.decisionRetentionDays
    try connection.write { db in
      let id = try knownDeployment(db)
      let earlier = try StateQuery.newestFailedRun.row(db, ["deployment": id])
      let decided = try StateQuery.timeFromEnd.row(
        db, ["deployment": id, "until": Double.greatestFiniteMagnitude, "offset": 0]
      )?.decode(Double.self, atIndex: 0)
      if let earlier, let run = try? FailedRun(earlier), run.code == code, run.error == error,
        run.last <= time, decided ?? 0 <= run.last
      {
        try StateQuery.repeatFailedRun.execute(
          db, ["id": try earlier.decode(Int64.self, forColumn: "id"), "time": time])
      } else {
        try StateQuery.addFailedRun.execute(
          db, ["deployment": id, "time": time, "code": code, "error": error])
      }
      guard retentionDays > 0 else { return }
      try StateQuery.pruneFailedRuns.execute(
        db,
        [
          "deployment": id, "cutoff": time - Double(retentionDays) * 86_400,
          "limit": Retention.decisionBatch,
        ])
    }
  }

  /// The newest failed runs that ended at or after `since` and before `until`, newest first.
  ///
  /// - Throws: ``StateError``.
  public func failedRuns(
    since: Double = -.greatestFiniteMagnitude, until: Double = .greatestFiniteMagnitude, limit: Int
  ) throws -> [FailedRun] {
    try connection.read { db in
      guard limit > 0, let id = try StateQuery.deployment(deployment, db) else { return [] }
      return try StateQuery.failedRuns.map(
        db, ["deployment": id, "since": since, "until": until, "limit": limit], FailedRun.init)
    } ?? []
  }
}

extension FailedRun {
  fileprivate init(_ row: Row) throws {
    self.init(
      first: try row.decode(forColumn: "first"), last: try row.decode(forColumn: "last"),
      count: try row.decode(forColumn: "count"), code: try row.decode(forColumn: "code"),
      error: try row.decode(forColumn: "error"))
  }
}
