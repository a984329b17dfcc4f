import GRDB
import Invocation
import Planning
import Presentation
import Synchronization

/// The state of one deployment in an SQLite file, which may hold several.
///
/// An invocation needs three transactions: ``begin(owner:now:leaseSeconds:)``, ``save(_:)`` and
/// ``settleAndEnd(decision:status:document:error:parts:owner:)``, or two if `save` ends the lease.
/// The file is opened, and created if need be, by `begin`; everything that only reads leaves an
/// absent file absent. Safe to use from several threads; made for one invocation at a time.
public final class SQLiteStateStore: StateStore {
  let connection: StateConnection
  /// The deployment whose state this is: Kubernetes namespace/name, or the Dynamo namespace.
  public let deployment: String
  let session = Mutex(Session())

  /// What is known since `begin`.
  struct Session: Sendable {
    /// Whoever holds the lease; nil before `begin` and after the end.
    var owner: String?
    /// The latest time that was handed in, Unix seconds.
    var time = 0.0
    /// The expired lease that was taken over.
    var takenOver: Lease?
  }

  /// Creates a store; nothing is opened or created yet.
  ///
  /// - Parameter isReadOnly: whether the file is only looked at; nothing can be saved then.
  public init(_ settings: StateFileSettings, deployment: String, isReadOnly: Bool = false) {
    connection = StateConnection(settings, isReadOnly: isReadOnly)
    self.deployment = deployment
  }

  /// Folds the log into the file and closes it. Optional: what was saved is safe without it.
  ///
  /// - Throws: ``StateError``.
  public func close() throws { try connection.close() }

  /// The values of the embedded virtual connector, in the same file over the same connection.
  ///
  /// - Parameters:
  ///   - namespace: the Dynamo namespace.
  ///   - clock: tells the Unix seconds at which a decision is written.
  public func embeddedScalingStore(
    namespace: String, clock: @escaping @Sendable () -> Double
  ) -> EmbeddedScalingStore {
    EmbeddedScalingStore(connection: connection, namespace: namespace, clock: clock)
  }

  // MARK: - StateStore

  /// Takes the lease and reads what earlier invocations left. With
  /// ``StateFileSettings/recoversFromDamage``, a damaged file is set aside first, which
  /// ``StoredState/notices`` reports.
  public func begin(owner: String, now: Double, leaseSeconds: Double) throws -> StoredState {
    guard !owner.isEmpty, !deployment.isEmpty, (0..<1e11).contains(now), leaseSeconds > 0,
      leaseSeconds.isFinite
    else {
      throw unusable(
        "A lease needs an owner, a deployment, the time and a length (\(owner), \(deployment), "
          + "\(now), \(leaseSeconds)).")
    }
    let lease = Lease(owner: owner, expires: now + leaseSeconds)
    do {
      return try begin(lease, now: now)
    } catch StateError.corrupt where connection.settings.recoversFromDamage {
      let notice = try connection.setAside(now: now)
      var state = try begin(lease, now: now)
      state.notices.append(notice)
      return state
    }
  }

  private func begin(_ lease: Lease, now: Double) throws -> StoredState {
    let longest = lease.expires - now
    let outcome = try connection.write(.lease) { db -> Taking in
      let id = try knownDeployment(db)
      var found = try Lease.find(id, db)
      if found?.owner == lease.owner { found = nil }
      if let held = found?.believed(at: now, longest: longest) {
        // Brought forward in the file as well, or it would be so anew with every look.
        if held != found { try held.take(id, db) }
        return .refused(held)
      }
      // Reading comes first: a damaged page is found before anything is written.
      var state = try StoredState(deployment: id, db)
      state.tookOverFrom = found?.owner
      if let found, found.expires > now {
        state.notices.append(Self.notice(of: found, longest: longest))
      }
      try lease.take(id, db)
      return .taken(state, from: found)
    }
    switch outcome {
    case .refused(let held):
      // A lease that could not be given back because the disk is full stays: that is what to say.
      try connection.requireRoom()
      throw StateError.leased(owner: held.owner, until: held.expires)
    case .taken(let state, let takenOver):
      session.withLock { $0 = Session(owner: lease.owner, time: now, takenOver: takenOver) }
      return state
    }
  }

  /// What came of asking for the lease.
  private enum Taking {
    case taken(StoredState, from: Lease?)
    case refused(Lease)
  }

  private static func notice(of lease: Lease, longest: Double) -> String {
    "The lease of \(lease.owner) ends at \(rfc3339(lease.expires)), further ahead than the "
      + "\(Int(longest)) s that an invocation may hold one; it was taken over. Check the clocks."
  }

  /// Prolongs the lease until `now + leaseSeconds`.
  ///
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation has taken it over.
  public func renew(owner: String, now: Double, leaseSeconds: Double) throws {
    let lease = Lease(owner: owner, expires: now + leaseSeconds)
    guard lease.expires.isFinite else { throw unusable("A lease can't end at \(lease.expires).") }
    try connection.write(.lease) { db in
      let id = try knownDeployment(db)
      try Lease.require(id, owner: owner, db)
      try lease.take(id, db)
    }
    session.withLock { $0.time = now }
  }

  /// The newest `limit` observations of intervals of `intervalSeconds`, oldest first; needs no
  /// lease.
  public func observations(intervalSeconds: Int, limit: Int) throws -> [StoredTraffic] {
    try connection.read { db in
      guard limit > 0, let id = try StateQuery.deployment(deployment, db) else { return [] }
      return try StateQuery.newestObservations.map(
        db, ["deployment": id, "intervalSeconds": intervalSeconds, "limit": limit]
      ) { try StoredTraffic($0, intervalSeconds: intervalSeconds) }.reversed()
    } ?? []
  }

  /// Gives the lease back. Costs nothing if this store has given it back already.
  public func end(owner: String) throws {
    guard session.withLock({ $0.owner == owner }) else { return }
    try connection.write(.lease) { db in
      guard let id = try StateQuery.deployment(deployment, db) else { return }
      try Lease.end(id, owner: owner, db)
    }
    session.withLock { $0.owner = nil }
  }

  // MARK: - Common

  /// The number of the deployment, which is given one if it is new.
  func knownDeployment(_ db: Database) throws -> Int64 {
    if let id = try StateQuery.deployment(deployment, db) { return id }
    try StateQuery.addDeployment.execute(db, ["name": deployment])
    return db.lastInsertedRowID
  }

  func unusable(_ reason: String) -> StateError {
    .unusable(path: connection.location.name, reason: reason)
  }
}

extension StoredState {
  /// Reads all that earlier invocations left on `deployment`.
  init(deployment id: Int64, _ db: Database) throws {
    self.init()
    let documents: [(String, String)] = try StateQuery.findParts.map(db, ["deployment": id]) {
      (try $0.decode(atIndex: 0), try $0.decode(atIndex: 1))
    }
    for (name, document) in documents {
      // A part that is not known is one of a newer version with the same tables: it stays there.
      guard let part = StatePart(rawValue: name) else { continue }
      parts[part] = document
    }
    lastIntervalEnd = try StateQuery.newestIntervalEnd.row(db, ["deployment": id])?
      .decode(Int?.self, atIndex: 0)
    pending = try StateQuery.findPending.row(db, ["deployment": id]).map(StoredDecision.init)
  }
}
