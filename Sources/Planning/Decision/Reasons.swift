/// Why throughput-based scaling said what it said. The raw values are a contract.
public enum ThroughputReason: String, Codable, Sendable, CaseIterable {
  /// Throughput-based scaling is off.
  case disabled
  /// The forecast needs more replicas than there are.
  case scaleUp = "scale-up"
  /// The forecast needs fewer replicas than there are.
  case scaleDown = "scale-down"
  /// The forecast needs what there is.
  case noChange = "no-change"
  /// Nothing is known of the interval's traffic: the last floor stays.
  case trafficUnknown = "traffic-unknown"
  /// There has never been a request to learn lengths from.
  case noTrafficYet = "no-traffic-yet"
  /// There are requests, but their lengths were never known.
  case lengthsUnknown = "lengths-unknown"
  /// The deployment is not ready, rolling out or still scaling: nothing is changed.
  case scalingInProgress = "scaling-in-progress"
  /// The hold lasted longer than its limit: the fallback counts.
  case holdFallback = "hold-fallback"
}

/// Why load-based scaling said what it said. The raw values are a contract.
public enum LoadReason: String, Codable, Sendable, CaseIterable {
  /// Load-based scaling is off.
  case disabled
  /// Every worker is above the target load.
  case scaleUp = "scale-up"
  /// Every worker is so far below the target load that one less will do.
  case scaleDown = "scale-down"
  /// Neither.
  case noChange = "no-change"
  /// No load seen would meet the target, and every worker misses it while busier than usual: one
  /// more replica.
  case overload
  /// The target can't be met even by an idle worker.
  case targetUnreachable = "target-unreachable"
  /// The regression has too few observations.
  case insufficientData = "insufficient-data"
  /// The regression's slope says nothing and nothing seen was within the target.
  case regressionUnusable = "regression-unusable"
  /// The router shows another number of workers than the deployment reports ready.
  case workerCountMismatch = "worker-count-mismatch"
  /// The router shows no worker, or the deployment has none ready.
  case noWorkers = "no-workers"
  /// The router's page could not be read.
  case workersUnknown = "workers-unknown"
  /// A scale-down was withheld because the throughput floor is not known.
  case floorUnknown = "floor-unknown"
  /// The deployment is not ready, rolling out or still scaling: nothing is changed.
  case scalingInProgress = "scaling-in-progress"
}

/// What the GPU budget did. The raw values are a contract.
public enum BudgetReason: String, Codable, Sendable, CaseIterable {
  /// There is no budget.
  case unlimited
  /// What is wanted fits.
  case withinBudget = "within-budget"
  /// What is wanted was cut to fit.
  case limited
}

/// What kept a count from changing as fast as was wanted. The raw values are a contract.
public enum DampingReason: String, Codable, Sendable, CaseIterable {
  /// The scale-down stabilisation window asked for more.
  case stabilized
  /// Requests are waiting.
  case backlog
  /// Workers that were asked for don't come.
  case startAbandoned = "start-abandoned"
  /// The loss is too small to be worth a change.
  case smallLoss = "small-loss"
  /// One decision changes a count by no more.
  case stepLimited = "step-limited"

  init?(_ reason: Adjustment.Reason) { self.init(rawValue: reason.rawValue) }
}

/// What a person or the calendar made of a count. The raw values are a contract.
public enum ControlReason: String, Codable, Sendable, CaseIterable {
  /// The planner is paused: the count stays.
  case paused
  /// The count is pinned.
  case pinned
  /// A limit keeps the count within bounds.
  case bounded
  /// A window of the calendar does.
  case calendar

  init?(_ reason: Adjustment.Reason) { self.init(rawValue: reason.rawValue) }
}

/// What became of a decision. The raw values are a contract.
public enum DecisionStatus: String, Codable, Sendable, CaseIterable {
  /// The connector confirmed every change.
  case applied
  /// There was nothing to change.
  case unchanged
  /// Something that a decision needs was missing or in the way; nothing was changed.
  case held
  /// Nothing was sent because this is a dry run.
  case dryRun = "dry-run"
  /// Nothing was sent; the counts were published for somebody else to apply.
  case published
  /// The connector did not confirm a change.
  case failed
  /// Saved, not yet applied: seen only in a state file whose invocation was killed.
  case pending
}
