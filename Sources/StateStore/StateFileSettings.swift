/// Where the state lies and how it is kept.
public struct StateFileSettings: Sendable, Equatable {
  /// The SQLite file; it and its folder (one level) are created by the first invocation.
  public var path: String
  /// How changes get into the file.
  public var journal: StateJournal
  /// Days after which a decision is forgotten; 0 keeps it for ever. A pending decision stays.
  public var decisionRetentionDays: Int
  /// Days after which a traffic observation is forgotten; 0 keeps it for ever.
  public var observationRetentionDays: Int
  /// Whether a damaged file is set aside under a new name, and a new one started.
  public var recoversFromDamage: Bool
  /// How long to wait for a process that has locked the file, in seconds. Invocations don't wait
  /// for each other on this lock but on the lease: it is only ever held for one transaction.
  public var lockPatienceSeconds: Double

  /// Creates settings; the defaults are those of the command line.
  public init(
    path: String, journal: StateJournal = .automatic, decisionRetentionDays: Int = 30,
    observationRetentionDays: Int = 400, recoversFromDamage: Bool = false,
    lockPatienceSeconds: Double = 3
  ) {
    self.path = path
    self.journal = journal
    self.decisionRetentionDays = decisionRetentionDays
    self.observationRetentionDays = observationRetentionDays
    self.recoversFromDamage = recoversFromDamage
    self.lockPatienceSeconds = lockPatienceSeconds
  }

  /// The patience in a range that SQLite and the clock can take.
  var boundedLockPatience: Double {
    lockPatienceSeconds.isNaN ? 0 : min(max(lockPatienceSeconds, 0), 600)
  }
}

/// How SQLite gets a change into the file wholly or not at all.
///
/// A write-ahead log (WAL) is the quicker one, but its readers and writers share memory, which
/// works only among processes of one host. The rollback journal relies on file locks alone.
/// Source: <https://www.sqlite.org/wal.html>, "All processes using a database must be on the same
/// host computer; WAL does not work over a network filesystem".
public enum StateJournal: String, Codable, Sendable, CaseIterable {
  /// WAL on a file system that is known to belong to one host, else the rollback journal.
  case automatic
  /// WAL wherever the file lies.
  case wal
  /// The rollback journal wherever the file lies.
  case delete
}
