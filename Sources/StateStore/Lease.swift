import GRDB
import Invocation

/// Who is at work on a deployment, and until when it may be assumed that they still are.
struct Lease: Sendable, Equatable {
  var owner: String
  /// Unix seconds.
  var expires: Double

  /// The lease on `deployment`, expired or not; nil when nobody holds it.
  static func find(_ deployment: Int64, _ db: Database) throws -> Lease? {
    guard let row = try StateQuery.findLease.row(db, ["deployment": deployment]) else { return nil }
    return Lease(
      owner: try row.decode(forColumn: "owner"), expires: try row.decode(forColumn: "expires"))
  }

  /// Writes this lease in place of the one there was.
  func take(_ deployment: Int64, _ db: Database) throws {
    try StateQuery.takeLease.execute(
      db, ["deployment": deployment, "owner": owner, "expires": expires])
  }

  /// Removes the lease on `deployment` if `owner` holds it.
  static func end(_ deployment: Int64, owner: String, _ db: Database) throws {
    try StateQuery.endLease.execute(db, ["deployment": deployment, "owner": owner])
  }

  /// Seconds by which another machine's clock may be ahead of this one's.
  static let clockTolerance = 30.0

  /// This lease as it counts at `now`, whatever the row says; nil when it doesn't count at all.
  ///
  /// No invocation takes one for longer than `longest` seconds. An end further ahead comes from a
  /// clock that was fast when it was written: by up to ``clockTolerance`` the end is brought
  /// forward, beyond that nothing is left to believe. With 80 s, an end 95 s ahead counts as 80 s
  /// ahead, and one a day ahead counts as run out.
  func believed(at now: Double, longest: Double) -> Lease? {
    guard expires > now, expires <= now + longest + Self.clockTolerance else { return nil }
    return Lease(owner: owner, expires: min(expires, now + longest))
  }

  /// Makes sure that nobody has taken the lease over. It may have expired, if nobody has.
  static func require(_ deployment: Int64, owner: String, _ db: Database) throws {
    let lease = try find(deployment, db)
    guard let lease else {
      // Whoever took it over has ended, and what this invocation knows is no longer the latest.
      throw StateError.leased(owner: "ended since", until: 0)
    }
    guard lease.owner == owner else {
      throw StateError.leased(owner: lease.owner, until: lease.expires)
    }
  }
}
