import GRDB

/// How long decisions and observations are kept.
///
/// Each save removes at most a batch of what is too old: more than an invocation adds, so that the
/// file stops growing, and few enough that no invocation is slow because the retention was
/// shortened. The space is used again for new rows; the file itself does not shrink.
struct Retention {
  /// The most decisions that one save removes.
  static let decisionBatch = 16
  /// The most observations that one save removes.
  static let observationBatch = 64

  private let decisionCutoff: Double?
  private let observationCutoff: Double?

  init(_ settings: StateFileSettings, now: Double) {
    func cutoff(_ days: Int) -> Double? { days > 0 ? now - Double(days) * 86_400 : nil }
    decisionCutoff = cutoff(settings.decisionRetentionDays)
    observationCutoff = cutoff(settings.observationRetentionDays)
  }

  /// Removes a batch of the rows of `deployment` that are too old. Pending decisions stay.
  func prune(_ deployment: Int64, _ db: Database) throws {
    if let decisionCutoff {
      try StateQuery.pruneDecisions.execute(
        db, ["deployment": deployment, "cutoff": decisionCutoff, "limit": Self.decisionBatch])
    }
    if let observationCutoff {
      try StateQuery.pruneObservations.execute(
        db, ["deployment": deployment, "cutoff": observationCutoff, "limit": Self.observationBatch])
    }
  }
}
