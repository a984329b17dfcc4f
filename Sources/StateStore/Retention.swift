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

  /// Days after which histograms are forgotten. What is planned rests on the newest; a week of them
  /// lets a person look at what happened, and takes about 3 MB a deployment.
  static let spreadDays = 7

  private let decisionCutoff: Double?
  private let observationCutoff: Double?
  private let spreadCutoff: Double

  init(_ settings: StateFileSettings, now: Double) {
    func cutoff(_ days: Int) -> Double? { days > 0 ? now - Double(days) * 86_400 : nil }
    decisionCutoff = cutoff(settings.decisionRetentionDays)
    observationCutoff = cutoff(settings.observationRetentionDays)
    spreadCutoff = now - Double(Self.spreadDays) * 86_400
  }

  /// Removes a batch of the rows of `deployment` that are too old. Pending decisions stay.
  func prune(_ deployment: Int64, _ db: Database) throws {
    if let decisionCutoff {
      try StateQuery.pruneDecisions.execute(
        db, ["deployment": deployment, "cutoff": decisionCutoff, "limit": Self.decisionBatch])
    }
    try StateQuery.pruneSpreads.execute(
      db, ["deployment": deployment, "cutoff": spreadCutoff, "limit": Self.observationBatch])
    guard let observationCutoff else { return }
    for query in [StateQuery.pruneObservations, .pruneDemand] {
      try query.execute(
        db, ["deployment": deployment, "cutoff": observationCutoff, "limit": Self.observationBatch])
    }
  }
}
