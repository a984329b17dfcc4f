/// The state file and how it is kept.
public struct StateSettings: Sendable, Equatable {
  /// SQLite's journal.
  public enum Journal: String, Codable, Sendable, CaseIterable {
    /// WAL on a local disk, else the rollback journal.
    case automatic
    /// The write-ahead log; needs shared memory on one host.
    case wal
    /// The rollback journal; works on network volumes.
    case delete
  }

  /// Path of the file.
  public var path: String
  /// Its journal.
  public var journal: Journal
  /// Whether a damaged file is set aside for a new one.
  public var recovers: Bool
  /// Seconds for which a run may hold the lease, longer than its deadline.
  public var leaseSeconds: Double
  /// Days for which decisions are kept, at least 1.
  public var decisionRetentionDays: Int
  /// Days for which traffic observations are kept, at least 1.
  public var observationRetentionDays: Int

  /// Seconds by which the default lease outlasts the deadline.
  static let leaseMarginSeconds = 30.0

  init(_ values: SettingsValues, deadlineSeconds: Double) throws(SettingsError) {
    path = try values.text(.state)
    journal = try values.choice(.stateJournal)
    recovers = try values.boolean(.stateRecover)
    leaseSeconds = values.optionalNumber(.stateLease) ?? deadlineSeconds + Self.leaseMarginSeconds
    decisionRetentionDays = try values.integer(.stateRetentionDays)
    observationRetentionDays = try values.integer(.stateObservationRetentionDays)
  }
}
