import Planning
import Presentation

/// The state of one deployment, kept between invocations.
///
/// Every method is one transaction: it happens wholly or not at all, also when the process is
/// killed in the middle of it.
public protocol StateStore: Sendable {
  /// Takes the lease and reads what earlier invocations left.
  ///
  /// - Parameters:
  ///   - owner: names this invocation (host, process id, random part).
  ///   - now: Unix seconds.
  ///   - leaseSeconds: how long the lease is good for, should this invocation die.
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation holds it; any other
  ///   ``StateError`` when the file can't be used.
  func begin(owner: String, now: Double, leaseSeconds: Double) throws -> StoredState

  /// The newest `limit` observations of intervals of `intervalSeconds`, oldest first.
  func observations(intervalSeconds: Int, limit: Int) throws -> [StoredTraffic]

  /// Saves what was learned and, if there is one, the decision as *pending* (or in its final
  /// status when nothing will be applied); returns the decision's id.
  ///
  /// Also prunes a bounded number of rows older than the retention.
  func save(_ step: LearnedStep) throws -> Int?

  /// Saves what became of a pending decision and the state that follows from it.
  ///
  /// - Parameter document: the decision as printed, with its final status.
  func settle(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String]) throws

  /// Gives the lease back; does nothing if `owner` no longer holds it.
  func end(owner: String) throws

  /// Prolongs the lease until `now + leaseSeconds`, for an invocation that works longer than one
  /// lease is good for.
  ///
  /// - Throws: ``StateError/leased(owner:until:)`` when another invocation has taken it over.
  func renew(owner: String, now: Double, leaseSeconds: Double) throws

  /// ``settle(decision:status:document:error:memory:)`` and ``end(owner:)`` in one transaction.
  func settleAndEnd(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String], owner: String) throws
}

/// What a store may leave to these if it gains nothing by doing better.
extension StateStore {
  /// Begins again as the same owner.
  public func renew(owner: String, now: Double, leaseSeconds: Double) throws {
    _ = try begin(owner: owner, now: now, leaseSeconds: leaseSeconds)
  }

  /// Settles and ends in two transactions.
  public func settleAndEnd(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String], owner: String
  ) throws {
    try settle(decision: id, status: status, document: document, error: error, parts: parts)
    try end(owner: owner)
  }
}

/// The named parts of a deployment's state; each is a JSON document of its own.
public enum StatePart: String, Codable, Sendable, CaseIterable {
  /// The predictors and the interval they have seen last.
  case predictors
  /// The load regressions and what is known of each worker.
  case load
  /// The last throughput result: the floor.
  case plan
  /// The correction factors.
  case correction
  /// What `--sizing sla` learned of engines and traffic.
  case calibration
  /// Recent recommendations, for scale-down stabilisation.
  case recommendations
  /// Since when decisions have been held.
  case hold
  /// What people have said: pauses, pins, limits. Commands write it, invocations only read it.
  case controls
  /// What the connector keeps: which API versions the cluster serves.
  case connector
  /// What the planner's own metrics have counted.
  case metrics
}

/// What earlier invocations left.
public struct StoredState: Sendable, Equatable {
  /// The documents there are, JSON.
  public var parts: [StatePart: String]
  /// End of the newest interval observed, Unix seconds.
  public var lastIntervalEnd: Int?
  /// The decision that an earlier invocation wrote as pending and did not settle.
  public var pending: StoredDecision?
  /// Whether an expired lease was taken over: the invocation that held it did not end properly.
  public var tookOverFrom: String?
  /// What a person should know: a damaged file that was set aside, and where it lies now.
  public var notices: [String]

  /// Creates a stored state.
  public init(
    parts: [StatePart: String] = [:], lastIntervalEnd: Int? = nil, pending: StoredDecision? = nil,
    tookOverFrom: String? = nil, notices: [String] = []
  ) {
    self.parts = parts
    self.lastIntervalEnd = lastIntervalEnd
    self.pending = pending
    self.tookOverFrom = tookOverFrom
    self.notices = notices
  }
}

/// One traffic observation with the length of its interval, as stored.
public struct StoredTraffic: Sendable, Equatable {
  /// Length of the interval in seconds.
  public var intervalSeconds: Int
  /// The observation.
  public var observation: TrafficObservation

  /// Creates a row.
  public init(intervalSeconds: Int, observation: TrafficObservation) {
    self.intervalSeconds = intervalSeconds
    self.observation = observation
  }
}

/// One decision as stored.
public struct StoredDecision: Sendable, Equatable {
  /// Number of the decision in this file; nil before it is saved.
  public var id: Int?
  /// Unix seconds of the decision.
  public var time: Double
  /// `pending`, `applied`, `unchanged`, `held`, `dry-run` or `failed`.
  public var status: String
  /// Whether the decision changes (or in a dry run would change) a replica count.
  public var isChange: Bool
  /// The decision as printed, JSON (docs/reference/output.md).
  public var document: String
  /// Everything it was decided on, JSON.
  public var input: String
  /// Why it failed.
  public var error: String?

  /// Creates a row.
  public init(
    id: Int? = nil, time: Double, status: String, isChange: Bool, document: String, input: String,
    error: String? = nil
  ) {
    self.id = id
    self.time = time
    self.status = status
    self.isChange = isChange
    self.document = document
    self.input = input
    self.error = error
  }
}

/// What one invocation adds to the state before it applies anything.
public struct LearnedStep: Sendable {
  /// New observations; one for an interval already stored is left as it was.
  public var observations: [StoredTraffic]
  /// The memory parts that changed.
  public var parts: [StatePart: String]
  /// How an earlier pending decision was settled, if there was one.
  public var settled: (id: Int, status: String, error: String?)?
  /// The new decision.
  public var decision: StoredDecision?
  /// Unix seconds, for pruning.
  public var now: Double
  /// Whether the lease is given back in the same transaction: nothing is left to be saved.
  public var endsLease: Bool

  /// Creates a step.
  public init(
    observations: [StoredTraffic] = [], parts: [StatePart: String] = [:],
    settled: (id: Int, status: String, error: String?)? = nil, decision: StoredDecision? = nil,
    now: Double, endsLease: Bool = false
  ) {
    self.observations = observations
    self.parts = parts
    self.settled = settled
    self.decision = decision
    self.now = now
    self.endsLease = endsLease
  }
}

/// Why the state can't be used.
public enum StateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another invocation holds the lease.
  case leased(owner: String, until: Double)
  /// The file can't be opened, read or written; the reason is a sentence that says what to do.
  case unusable(path: String, reason: String)
  /// The file is not a database or fails its check.
  case corrupt(path: String, reason: String)
  /// A newer version of this program wrote the file.
  case newerSchema(path: String, version: String)
  /// A document can't be read.
  case unreadablePart(path: String, part: String, reason: String)

  /// What happened and what to do, as a sentence.
  public var description: String {
    switch self {
    case .leased(let owner, let until):
      "Another invocation (\(owner)) is working on this deployment; nothing was changed. "
        + (until > 0
          ? "Wait for it to end, or, should it have been killed, for its lease, which lasts until \(rfc3339(until.rounded(.up)))."
          : "Run again.")
    case .unusable(let path, let reason):
      "The state file '\(path)' can't be used: \(reason)"
    case .corrupt(let path, let reason):
      "The state file '\(path)' is damaged (\(reason)) and was left untouched. Use 'run --state-recover' to set it aside and start afresh, or restore a backup."
    case .newerSchema(let path, let version):
      "The state file '\(path)' was written by a newer sla-planner (schema \(version)) and was left untouched. Use that version, or another file with --state."
    case .unreadablePart(let path, let part, let reason):
      "The state file '\(path)' holds a '\(part)' record that can't be read (\(reason)) and was left untouched. Use 'run --state-recover' to set the file aside."
    }
  }
}
