import Foundation
import GRDB
import Invocation
import Synchronization

/// The one connection to the state file, opened when it is first needed.
///
/// What survives what: a transaction that was reported as done survives `kill -9` (the system has
/// the bytes) and, but for the lease, loss of power (`synchronous = FULL` waits until the disk has
/// them; with WAL that is one `fsync` a transaction). A transaction that was not finished leaves no
/// trace after either. Nothing depends on ``close()``: it only folds the log into the file, so
/// that a copy of the one file is a whole copy.
final class StateConnection: Sendable {
  /// How hard a transaction must be.
  enum Durability {
    /// It survives loss of power.
    case full
    /// It may be lost with the power, as the processes it guards against each other are then: they
    /// share the host if the journal is a WAL. With the rollback journal it is `full` as well,
    /// which may be on a volume of several hosts, and which weaker settings can damage.
    case lease
  }

  private struct Opened {
    let queue: DatabaseQueue
    /// Whether the tables are the current ones.
    var isCurrent: Bool
    /// Whether the file may be written: tables and journal are as they should be.
    var isReady = false
    var usesWAL = false
  }

  let settings: StateFileSettings
  let location: StateFileLocation
  /// Whether the file is only looked at: not even a left-over log is folded into it.
  private let isReadOnly: Bool
  private let opened = Mutex<Opened?>(nil)

  init(_ settings: StateFileSettings, isReadOnly: Bool = false) {
    self.settings = settings
    self.isReadOnly = isReadOnly
    location = StateFileLocation(settings.path)
  }

  /// Runs `body` on a consistent view of the file; nil when there is no state yet. Creates nothing.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value? {
    try explainingErrors {
      guard let opened = try existing() else { return nil }
      guard opened.isCurrent else {
        throw StateError.unusable(
          path: location.name,
          reason:
            "An older sla-planner wrote it. Run one invocation first: it brings it up to date.")
      }
      return try opened.queue.transaction(.deferred, body)
    }
  }

  /// Whether the next invocation has to bring the tables up to date; false when there is no state.
  func isOutdated() throws -> Bool {
    try explainingErrors { try existing().map { !$0.isCurrent } ?? false }
  }

  /// Makes sure that the volume takes what an invocation writes.
  ///
  /// - Throws: ``StateError/unusable(path:reason:)`` when it is full.
  func requireRoom() throws {
    if let obstacle = location.obstacleToWriting(), obstacle.isFull {
      throw StateError.unusable(path: location.name, reason: StateError.fullDisk)
    }
  }

  /// Runs `body` as one transaction that excludes all other writers; creates the file if there is
  /// none.
  func write<Value>(_ durability: Durability = .full, _ body: (Database) throws -> Value) throws
    -> Value
  {
    try explainingErrors {
      let opened = try ready()
      let isRelaxed = durability == .lease && opened.usesWAL
      return try opened.queue.transaction(
        .immediate, synchronous: isRelaxed ? "NORMAL" : "FULL", body)
    }
  }

  /// Closes the file; the next read or write opens it again.
  func close() throws {
    try explainingErrors {
      try opened.withLock { opened in
        let queue = opened?.queue
        opened = nil
        try queue?.close()
      }
    }
  }

  /// Renames the file and what belongs to it.
  ///
  /// - Returns: where it lies now, as a sentence.
  func setAside(now: Double) throws -> String {
    // A damaged file may refuse to be closed in order; its bytes are not needed any more.
    try? close()
    let aside = try location.setAside(stamp: Self.stamp(now))
    return "The damaged state file '\(location.name)' was set aside as '\(aside)'; "
      + "this invocation starts without any memory."
  }

  /// Turns what `body` throws into a ``StateError``, if it has to do with the file.
  func explainingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    try location.explainingErrors(waited: settings.boundedLockPatience, body)
  }

  // MARK: - Opening

  private func existing() throws -> Opened? {
    try opened.withLock { opened in
      if opened == nil { opened = try open(creating: false) }
      return opened
    }
  }

  private func ready() throws -> Opened {
    try opened.withLock { opened in
      if opened == nil { opened = try open(creating: true) }
      guard var ready = opened else {
        throw StateError.unusable(path: location.name, reason: "It vanished while it was opened.")
      }
      if !ready.isReady {
        ready.usesWAL = try chooseJournal(ready.queue)
        if !ready.isCurrent { try migrate(ready.queue) }
        ready.isCurrent = true
        ready.isReady = true
        opened = ready
      }
      return ready
    }
  }

  /// Opens the file and makes sure that it is ours before anything is written.
  ///
  /// - Returns: nil if there is no state in it and none is to be created.
  private func open(creating: Bool) throws -> Opened? {
    switch try location.content() {
    case .nothing where creating: try location.makeFolder()
    case .nothing,
      .emptyFile where !creating:
      return nil
    case .emptyFile: break
    case .file:
      // Whoever closes a database last folds a left-over log into it, also into one that turns out
      // to be somebody else's or a newer version's. A connection that can only read can't.
      if location.hasLeftoverLog, !isReadOnly { try lookWithoutTouching() }
    }
    guard Database.sqliteLibVersionNumber >= StateSchema.oldestSQLite else {
      throw StateError.unusable(
        path: location.name,
        reason: "The SQLite library here is too old: 3.38 or newer is needed. Update it.")
    }
    var configuration = configuration()
    // A connection that can only read leaves a log behind that was not there; one that could write
    // folds a log in that was.
    configuration.readonly = isReadOnly && location.hasLeftoverLog
    let queue = try DatabaseQueue(path: location.path, configuration: configuration)
    let kind = try inspect(queue)
    if kind == .fresh, !creating { return nil }
    return Opened(queue: queue, isCurrent: kind == .current)
  }

  private func lookWithoutTouching() throws {
    var configuration = configuration()
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: location.path, configuration: configuration)
      _ = try inspect(queue)
    } catch let error as DatabaseError
      where [.SQLITE_READONLY, .SQLITE_CANTOPEN].contains(error.resultCode)
    {
      // The log can't be read without write access; the connection that follows has it.
    }
  }

  private func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.label = "state"
    configuration.busyMode = .timeout(settings.boundedLockPatience)
    configuration.prepareDatabase { [isReadOnly] db in
      if isReadOnly { try db.execute(sql: "PRAGMA query_only = ON") }
      // Freed pages need not be overwritten: the state holds no secrets, and pruning would cost a
      // write per page. cell_size_check finds damaged pages as they are read.
      try db.execute(
        sql: """
          PRAGMA synchronous = FULL;
          PRAGMA secure_delete = OFF;
          PRAGMA cell_size_check = ON;
          """)
    }
    return configuration
  }

  /// Sets the journal that the settings ask for and returns whether it is a WAL.
  private func chooseJournal(_ queue: DatabaseQueue) throws -> Bool {
    let wantsWAL =
      switch settings.journal {
      case .wal: true
      case .delete: false
      case .automatic: VolumeKind.isLocal(location.folder)
      }
    let wanted = wantsWAL ? "wal" : "delete"
    let actual = try queue.writeWithoutTransaction { db in
      try waitingForLock {
        let current = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        return current == wanted
          ? current : try String.fetchOne(db, sql: "PRAGMA journal_mode = \(wanted)")
      }
    }
    guard actual == wanted || settings.journal == .automatic else {
      throw StateError.unusable(
        path: location.name,
        reason: "Its journal can't be set to '\(wanted)' there. Use --state-journal automatic.")
    }
    return actual == "wal"
  }

  /// Tries again while the file is locked. SQLite waits by itself for all locks but the one that a
  /// change of the journal needs.
  private func waitingForLock<Value>(_ body: () throws -> Value) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(settings.boundedLockPatience)
    while true {
      do {
        return try body()
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        guard ContinuousClock.now < deadline else { throw error }
        usleep(5_000)
      }
    }
  }

  private func migrate(_ queue: DatabaseQueue) throws {
    // Two first invocations at once: the other one may be a step ahead at each of the steps.
    for _ in StateSchema.migrator.migrations {
      do {
        return try StateSchema.migrator.migrate(queue)
      } catch {
        switch try inspect(queue) {
        case .current: return
        case .outdated: continue
        case .fresh: throw error
        }
      }
    }
    try StateSchema.migrator.migrate(queue)
  }

  private func inspect(_ queue: DatabaseQueue) throws -> StateSchema.Kind {
    try queue.transaction(.deferred) { try StateSchema.inspect($0, path: location.name) }
  }

  /// `2026-11-23T20:30:00Z` without what some file systems don't take in a name.
  private static func stamp(_ now: Double) -> String {
    let date = Date(timeIntervalSince1970: now)
    return date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
  }
}

extension DatabaseQueue {
  /// Runs `body` as one transaction of the given kind.
  func transaction<Value>(
    _ kind: Database.TransactionKind, synchronous: String? = nil,
    _ body: (Database) throws -> Value
  ) throws -> Value {
    try writeWithoutTransaction { db in
      if let synchronous { try db.execute(sql: "PRAGMA synchronous = \(synchronous)") }
      try db.beginTransaction(kind)
      do {
        let value = try body(db)
        try db.commit()
        return value
      } catch {
        // The first error is the one to report; SQLite may already have rolled back by itself.
        try? db.rollback()
        throw error
      }
    }
  }
}
