import EngineProfiles
import Forecasting
import Logging
import Planning

/// One invocation, from the state that earlier ones left to the state it leaves itself:
///
///     lease + load ─▶ observe (deployment ∥ traffic ∥ workers) ─▶ learn ─▶ forecast ─▶ decide
///                  ─▶ save "pending" ─▶ apply ─▶ save "applied", give the lease back
///
/// The process may be killed after any instruction. What is learned is saved in one transaction
/// with the pending decision, before anything is applied; an interval is stored once however often
/// it is read; and a decision that was left pending is settled by the next invocation against what
/// the deployment asks for by then.
public struct Invocation: Sendable {
  let settings: InvocationSettings
  let profile: EngineProfile?
  let ports: InvocationPorts
  let logger: Logger

  /// Creates an invocation.
  ///
  /// - Parameter profile: the engine's profile; needed when throughput-based scaling is on.
  public init(
    settings: InvocationSettings, profile: EngineProfile?, ports: InvocationPorts, logger: Logger
  ) {
    self.settings = settings
    self.profile = profile
    self.ports = ports
    self.logger = logger
  }

  /// Runs it.
  ///
  /// Cancelling the task before the decision is saved leaves everything as it was; after that the
  /// invocation finishes.
  ///
  /// - Returns: the decision, with what became of it.
  /// - Throws: ``StateError``, ``ConnectorError``, `PlanningError`, `CancellationError`, or what a
  ///   source says the user has to mend. What was learned until then is saved where possible.
  public func run() async throws -> DecisionDocument {
    let time = ports.clock.now()
    let stored = try ports.store.begin(
      owner: settings.owner, now: ports.wallClock(), leaseSeconds: settings.leaseSeconds)
    ports.counter?.begin(from: stored.parts[.metrics])
    do {
      return try await holdingLease {
        try ports.leaseTaken()
        return try await run(stored, at: time)
      }
    } catch {
      // The lease runs out by itself should this fail too; the first error is the one to report.
      giveUp(error, at: time)
      throw error
    }
  }

  /// Gives the lease in the state back, without a decision.
  private func giveUp(_ error: any Error, at time: Double) {
    let counted = ports.countedFailure(error)
    do {
      if counted.isEmpty { return try ports.store.end(owner: settings.owner) }
      _ = try ports.store.save(
        LearnedStep(memory: counted, now: pruningTime(at: time), endsLease: true))
    } catch {
      try? ports.store.end(owner: settings.owner)
    }
  }

  /// Runs `body` while the deployment's own lease is held, if it has one.
  private func holdingLease(
    _ body: () async throws -> DecisionDocument
  ) async throws -> DecisionDocument {
    guard let lease = ports.lease else { return try await body() }
    do {
      try await lease.acquire(at: ports.wallClock())
    } catch {
      guard Task.isCancelled else { throw error }
      // Stopped in the middle of it, it may be held all the same.
      await giveBack(lease)
      throw CancellationError()
    }
    do {
      let document = try await body()
      await giveBack(lease)
      return document
    } catch {
      await giveBack(lease)
      throw error
    }
  }

  /// Gives the deployment's lease back, also when the invocation is being stopped.
  private func giveBack(_ lease: any DeploymentLease) async {
    if case .failure(let error) = await Task(operation: { try await lease.release() }).result {
      logger.warning("The deployment's lease runs out by itself; giving it back failed: \(error)")
    }
  }

  private func run(_ stored: StoredMemory, at time: Double) async throws -> DecisionDocument {
    var steps = StepTimer(clock: ports.clock, logger: logger, done: ports.stepDone)
    let before = try decode(stored)
    var memory = before
    let learning = Learning(settings: settings, profile: profile, at: time)
    try rebuildPredictors(&memory, learning)
    if let kept = before.connector { await ports.connector.resume(kept) }
    steps.finish(.loaded)

    let observer = Observer(settings: settings, ports: ports, time: time)
    let observations: Observations
    do {
      observations = try await observer.observe(
        window: learning.missingWindow(after: memory.predictors?.lastIntervalEnd))
    } catch {
      // A source that was stopped in the middle of a request complains about that.
      try Task.checkCancellation()
      throw error
    }
    try Task.checkCancellation()
    if let kept = await ports.connector.memory { memory.connector = kept }
    steps.finish(.observed)

    if let read = ports.warmUp {
      let count = try learning.warmUp(&memory, before: observations.traffic, on: read)
      if let count {
        logger.info("New predictors were warmed up on \(count) recorded intervals.")
      }
    }
    let newTraffic = learning.learn(
      traffic: observations.traffic, workers: observations.workers,
      status: try? observations.deployment.get(), into: &memory)
    steps.finish(.learned)

    var step = LearnedStep(
      observations: newTraffic.map {
        StoredTraffic(intervalSeconds: settings.predictor.intervalSeconds, observation: $0)
      }, now: pruningTime(at: time))
    let status: DeploymentStatus
    switch observations.deployment {
    case .success(let seen):
      status = seen
      step.settled = settlement(of: stored.pending, by: seen)
      if let settled = step.settled {
        step.memory = ports.counted(stored.pending, settledAs: settled.status)
      }
    case .failure(let error):
      step.memory.merge(try memory.changes(from: before)) { $1 }
      _ = try ports.store.save(step)
      throw error
    }

    let round = try Round(
      step: step, before: before, memory: memory,
      newest: learning.newestReading(observations.traffic, remembered: newestStored),
      workers: observations.workers,
      warnings: (observations.traffic?.warnings ?? []) + (observations.workers?.warnings ?? []))
    return try await finish(round, status: status, time: time, steps: &steps)
  }

  // MARK: Decide, save, apply, settle

  /// What one invocation carries from observing to settling.
  private struct Round {
    var step: LearnedStep
    let before: PlannerMemory
    var memory: PlannerMemory
    let newest: TrafficReading?
    let workers: WorkerReport?
    let warnings: [String]
    /// Whether a conflict with another writer is answered by deciding once more.
    var mayDecideAgain = true
  }

  /// Decides and applies; when another writer changed the deployment in between, once more on what
  /// it is now.
  private func finish(
    _ round: Round, status: DeploymentStatus, time: Double, steps: inout StepTimer
  ) async throws -> DecisionDocument {
    var round = round
    let (decision, input) = try decide(&round, status: status, time: time)
    steps.finish(.decided)

    try Task.checkCancellation()
    let finalStatus = settings.isDryRun && decision.status == .pending ? .dryRun : decision.status
    let record = DecisionRecord(input: input, decision: decision)
    let id = try save(&round, record, status: finalStatus)
    steps.finish(.saved)

    guard finalStatus == .pending, let id else {
      steps.finish(.applied)
      steps.finish(.settled)
      return DecisionDocument(
        decision, id: id, deployment: settings.deployment, status: finalStatus)
    }
    let outcome = await apply(decision, status)
    steps.finish(.applied)
    var document = DecisionDocument(
      decision, id: id, deployment: settings.deployment,
      status: outcome.error == nil ? .applied : .failed, error: outcome.error)
    document.warnings += outcome.warnings
    if outcome.isConflict, round.mayDecideAgain {
      try ports.store.settle(
        decision: id, status: document.status.rawValue, document: JSONText.encode(document),
        error: outcome.error, memory: ports.counted(document, record))
      return try await decideAgain(round, time: time, steps: &steps)
    }
    try ports.store.settleAndEnd(
      decision: id, status: document.status.rawValue, document: JSONText.encode(document),
      error: outcome.error, memory: ports.counted(document, record), owner: settings.owner)
    steps.finish(.settled)
    return document
  }

  private func decideAgain(
    _ round: Round, time: Double, steps: inout StepTimer
  ) async throws -> DecisionDocument {
    logger.warning("Another writer changed the deployment meanwhile; deciding again.")
    let observed = await Observer(settings: settings, ports: ports, time: time)
      .observeDeployment()
    // Stopped in the middle of a request, the connector complains about that.
    try Task.checkCancellation()
    let status = try observed.get()
    let next = Round(
      step: LearnedStep(now: pruningTime(at: time)), before: round.memory, memory: round.memory,
      newest: round.newest, workers: round.workers, warnings: round.warnings,
      mayDecideAgain: false)
    return try await finish(next, status: status, time: time, steps: &steps)
  }

  private func decide(
    _ round: inout Round, status: DeploymentStatus, time: Double
  ) throws -> (Decision, DecisionInput) {
    let input = DecisionInput(
      time: time, settings: settings, status: status, newest: round.newest,
      workers: round.workers, memory: round.memory, warnings: round.warnings)
    let (decision, after) = try DecisionRule(input, profile: profile).decide()
    round.memory.decision = after
    return (decision, input)
  }

  private func save(
    _ round: inout Round, _ record: DecisionRecord, status: DecisionStatus
  ) throws -> Int? {
    let decision = record.decision
    let document = DecisionDocument(
      decision, id: nil, deployment: settings.deployment, status: status)
    round.step.memory.merge(try round.memory.changes(from: round.before)) { $1 }
    if status != .pending {
      round.step.memory.merge(ports.counted(document, record)) { $1 }
      round.step.endsLease = true
    }
    round.step.decision = StoredDecision(
      time: decision.time, status: status.rawValue, isChange: !decision.changes.isEmpty,
      document: try JSONText.encode(document),
      input: try JSONText.encode(record))
    return try ports.store.save(round.step)
  }

  /// What became of sending a decision.
  private struct Attempt {
    /// Why it is not wholly in place; nil when it is.
    var error: String?
    /// Whether nothing was changed because another writer came first.
    var isConflict = false
    var warnings: [String] = []
  }

  /// Sends the decision. Not cancelled any more: a decision that is saved as pending is finished.
  private func apply(_ decision: Decision, _ status: DeploymentStatus) async -> Attempt {
    let order = ScalingOrder(
      targets: decision.targets, phases: decision.phases, decidedOn: status,
      explanation: decision.components.sorted { $0.key < $1.key }.map(\.value.explanation)
        .joined(separator: " "), time: decision.time)
    let connector = ports.connector
    switch await Task(operation: { try await connector.apply(order) }).result {
    case .success(let outcome):
      return Attempt(error: failure(of: order, outcome), warnings: outcome.warnings)
    case .failure(ConnectorError.conflict(let message)):
      return Attempt(error: message, isConflict: true)
    case .failure(let error):
      return Attempt(error: "\(error)")
    }
  }

  /// Which components could not be set, and which were set all the same.
  private func failure(of order: ScalingOrder, _ outcome: ScalingOutcome) -> String? {
    guard !outcome.failed.isEmpty else { return nil }
    let failed = outcome.failed.sorted { $0.key < $1.key }
      .map { "\($0.key.rawValue): \($0.value)" }
    let applied = outcome.applied.sorted().map { component in
      "\(component.rawValue) was set to \(order.targets[component] ?? 0) all the same."
    }
    return (failed + applied).joined(separator: " ")
  }

  // MARK: Details of the steps

  private func decode(_ stored: StoredMemory) throws -> PlannerMemory {
    if let owner = stored.tookOverFrom {
      logger.warning("An earlier invocation (\(owner)) ended without giving its lease back.")
    }
    for notice in stored.notices { logger.warning("\(notice)") }
    do {
      return try PlannerMemory(stored)
    } catch let error as UnreadableMemory {
      throw StateError.unreadablePart(
        path: settings.statePath, part: error.part.rawValue, reason: error.reason)
    }
  }

  /// Predictors made with other settings than today's start again from the stored observations.
  private func rebuildPredictors(_ memory: inout PlannerMemory, _ learning: Learning) throws {
    guard settings.policy.throughput != nil, memory.predictors?.settings != settings.predictor
    else { return }
    let history = try ports.store.observations(
      intervalSeconds: settings.predictor.intervalSeconds, limit: settings.catchUpIntervals)
    memory.predictors =
      history.isEmpty ? nil : learning.rebuiltPredictors(history.map(\.observation))
  }

  /// The moment that the age of what is kept counts from: a decision as of the past must not
  /// delete what it has just learned, nor one as of the future everything.
  private func pruningTime(at time: Double) -> Double { min(time, ports.wallClock()) }

  /// The latest interval that any invocation has observed.
  private func newestStored() throws -> TrafficObservation? {
    try ports.store.observations(intervalSeconds: settings.predictor.intervalSeconds, limit: 1)
      .last?.observation
  }

  /// Settles a decision that an earlier invocation left pending.
  private func settlement(
    of pending: StoredDecision?, by status: DeploymentStatus
  ) -> (id: Int, status: String, error: String?)? {
    guard let pending, let id = pending.id else { return nil }
    let document = try? JSONText.decode(DecisionDocument.self, from: pending.document)
    let isInPlace =
      document?.components.allSatisfy { component, decided in
        decided.final == nil || status.components[component]?.replicas == decided.final
      } ?? false
    logger.warning(
      "Decision \(id) of an invocation that was cut off is \(isInPlace ? "in place" : "not in place")."
    )
    return isInPlace
      ? (id, DecisionStatus.applied.rawValue, nil)
      : (
        id, DecisionStatus.failed.rawValue,
        "The invocation ended before the decision was applied."
      )
  }
}
