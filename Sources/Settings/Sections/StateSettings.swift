/// The state file and how it is kept.
public struct StateSettings: SettingsSection {
  package static let title = "State"

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
  /// Seconds for which a run may hold the lease; nil for as long as its deadline and a margin.
  public var givenLeaseSeconds: Double?
  /// Days for which decisions are kept, at least 1.
  public var decisionRetentionDays: Int
  /// Days for which traffic observations are kept, at least 1.
  public var observationRetentionDays: Int

  package init(_ options: inout OptionReader) throws(SettingsError) {
    path = try options.text(Self.file)
    journal = try options.choice(
      .init(
        "state-journal", .choice(of: Journal.self), default: "automatic", unit: "kind",
        help: "SQLite's journal: wal (local disks), delete (network volumes) or automatic."))
    recovers = try options.boolean(
      .init(
        "state-recover", .boolean, default: "false",
        help: "Set a damaged state file aside and start afresh."))
    givenLeaseSeconds = try options.optionalNumber(
      .init(
        "state-lease", .positive(through: 604_800), unit: "seconds",
        help: """
          Time after which another run may take over from one that died (default: the deadline + 30).
          """))
    decisionRetentionDays = try options.integer(
      .init(
        "state-retention-days", .integer(1...36_500), default: "30", unit: "days",
        help: "Age at which decisions are deleted."))
    observationRetentionDays = try options.integer(
      .init(
        "state-observation-retention-days", .integer(1...36_500), default: "400", unit: "days",
        help: "Age at which traffic observations are deleted."))
  }

  /// The path, for who only reads the file.
  package static let file = PlannerOption(
    "state", .text, default: "state/planner.sqlite", unit: "file",
    help: "The state file; several deployments can share one.")
}
