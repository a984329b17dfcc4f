import Logging
import Planning

/// What an invocation has to save with its decision.
struct Unsaved {
  /// The state as the store has it.
  var saved: PlannerState
  /// The traffic that is new.
  var traffic: [StoredTraffic] = []
  /// Parts besides those of the planner's state.
  var parts: [StatePart: String] = [:]
  /// What became of the decision that an earlier invocation left pending.
  var settled: (id: Int, status: String, error: String?)?
  /// The moment that the age of what is kept counts from, Unix seconds.
  var now: Double

  init(_ saved: PlannerState, at now: Double) {
    self.saved = saved
    self.now = now
  }

  /// What is saved once `state` is reached.
  func step(_ state: PlannerState) throws -> LearnedStep {
    LearnedStep(
      observations: traffic, parts: parts.merging(try state.changes(from: saved)) { $1 },
      settled: settled, now: now)
  }

  /// Settles a decision that an earlier invocation left pending, against what the deployment asks
  /// for by now.
  mutating func settle(
    _ pending: StoredDecision?, by status: DeploymentStatus, counter: InvocationPorts,
    _ logger: Logger
  ) {
    guard let pending, let id = pending.id else { return }
    let document = try? JSONText.decode(DecisionDocument.self, from: pending.document)
    let isInPlace =
      document?.components.allSatisfy { component, decided in
        decided.final == nil || status.components[component]?.replicas == decided.final
      } ?? false
    logger.warning(
      "Decision \(id) of an invocation that was cut off is \(isInPlace ? "in place" : "not in place")."
    )
    let outcome: DecisionStatus = isInPlace ? .applied : .failed
    settled = (
      id, outcome.rawValue,
      isInPlace ? nil : "The invocation ended before the decision was applied."
    )
    parts.merge(counter.counted(pending, settledAs: outcome.rawValue)) { $1 }
  }
}

extension Invocation {
  /// What was learned and is not saved yet.
  func unsaved(
    _ forecast: ForecastMoment, _ stored: StoredState, since saved: PlannerState, at time: Double
  ) async -> Unsaved {
    let learned = forecast.learned
    if let count = learned.warmUpIntervals {
      logger.info("New predictors were warmed up on \(count) recorded intervals.")
    }
    var unsaved = Unsaved(saved, at: pruningTime(at: time))
    unsaved.traffic = learned.newTraffic.map {
      StoredTraffic(
        intervalSeconds: settings.planner.predictor.intervalSeconds, observation: $0)
    }
    if let kept = await ports.connector.state, kept != stored.parts[.connector] {
      unsaved.parts[.connector] = kept
    }
    return unsaved
  }

  /// The moment that the age of what is kept counts from: a decision as of the past must not
  /// delete what it has just learned, nor one as of the future everything.
  func pruningTime(at time: Double) -> Double { min(time, ports.wallClock()) }

  /// Saves what was learned of a deployment that could not be observed.
  func saveWithoutDecision(_ unsaved: Unsaved, _ state: PlannerState) throws {
    _ = try ports.store.save(unsaved.step(state))
  }

  /// Saves what was learned, and the decision: as pending, or as what it is where nothing is to be
  /// applied.
  ///
  /// - Returns: the decision's number.
  func save(_ unsaved: Unsaved, _ decided: DecidedMoment, _ document: DecisionDocument) throws
    -> Int?
  {
    var step = try unsaved.step(decided.state)
    let record = DecisionRecord(decided)
    if document.status != .pending {
      step.parts.merge(ports.counted(document, record)) { $1 }
      step.endsLease = true
    }
    step.decision = StoredDecision(
      time: decided.decision.time, status: document.status.rawValue,
      isChange: !decided.decision.changes.isEmpty, document: try JSONText.encode(document),
      input: try JSONText.encode(record.bounded))
    return try ports.store.save(step)
  }

  /// Saves what became of a decision that was sent.
  func settle(_ document: DecisionDocument, _ decided: DecidedMoment, endsLease: Bool) throws {
    guard let id = document.id else { return }
    let text = try JSONText.encode(document)
    let counted = ports.counted(document, DecisionRecord(decided))
    if endsLease {
      try ports.store.settleAndEnd(
        decision: id, status: document.status.rawValue, document: text, error: document.error,
        parts: counted, owner: settings.owner)
    } else {
      try ports.store.settle(
        decision: id, status: document.status.rawValue, document: text, error: document.error,
        parts: counted)
    }
  }
}

extension DecisionRecord {
  init(_ decided: DecidedMoment) {
    self.init(input: decided.input, decision: decided.decision)
  }
}
