import EngineProfiles
import Logging
import Planning

/// One invocation, from the state that earlier ones left to the state it leaves itself:
///
///     leases + load ─▶ observe (deployment ∥ traffic ∥ workers) ─▶ learn ─▶ forecast ─▶ decide
///                   ─▶ save "pending" ─▶ apply ─▶ save "applied", give the leases back
///
/// The process may be killed after any instruction. What is learned is saved in one transaction
/// with the pending decision, before anything is applied; an interval is stored once however often
/// it is read; and a decision that was left pending is settled by the next invocation against what
/// the deployment asks for by then.
public struct Invocation: Sendable {
  let settings: InvocationSettings
  let planner: Planner
  let ports: InvocationPorts
  let logger: Logger

  /// Creates an invocation.
  ///
  /// - Parameter profile: the engine's profile; needed when throughput-based scaling is on.
  public init(
    settings: InvocationSettings, profile: EngineProfile?, ports: InvocationPorts, logger: Logger
  ) {
    self.settings = settings
    planner = Planner(settings: settings.planner, profile: profile)
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
    return try await holdingLeases(at: time) { stored in
      var steps = StepTimer(clock: ports.clock, logger: logger, done: ports.stepDone)

      let loaded = try await load(stored, at: time)
      steps.finish(.loaded)

      let observer = Observer(settings: settings, ports: ports, time: time)
      let (observation, failure) = try await observer.observe(
        window: planner.missingWindow(loaded.state, at: time),
        steps: planner.missingSteps(loaded.state, at: time))
      steps.finish(.observed)

      let learned = planner.learn(observation, history: loaded.history, state: loaded.state)
      steps.finish(.learned)

      let forecast = planner.forecast(learned)
      steps.finish(.forecasted)

      var unsaved = await unsaved(forecast, stored, since: loaded.saved, at: time)
      guard let deployment = observation.deployment else {
        try saveWithoutDecision(unsaved, forecast.learned.state)
        throw failure ?? .unreachable("The deployment could not be observed.")
      }
      unsaved.settle(stored.pending, by: deployment, counter: ports, logger)

      let first = try await carryOut(forecast, on: deployment, unsaved, &steps)
      guard first.isConflict else { return first.document }
      logger.warning("Another writer changed the deployment meanwhile; deciding again.")
      let changed = try await observer.observeDeploymentAgain()
      let second = try await carryOut(
        forecast.after(first.decided), on: changed, Unsaved(first.decided.state, at: unsaved.now),
        mayConflict: false, &steps)
      return second.document
    }
  }

  /// Decides, saves what was learned with the pending decision, applies it, and saves what became of
  /// it.
  private func carryOut(
    _ forecast: ForecastMoment, on deployment: DeploymentStatus, _ unsaved: Unsaved,
    mayConflict: Bool = true, _ steps: inout StepTimer
  ) async throws -> CarriedOut {
    let decided = try planner.decide(forecast, for: deployment)
    steps.finish(.decided)

    try Task.checkCancellation()
    var document = DecisionDocument(
      decided.decision, id: nil, deployment: settings.deployment,
      unsent: settings.statusOfUnsentChange)
    document.id = try save(unsaved, decided, document)
    steps.finish(.saved)

    guard document.status == .pending else {
      if let trouble = DeploymentTrouble(holdOf: decided.decision), !settings.isDryRun {
        await ports.connector.report(trouble)
      }
      steps.finish(.applied)
      steps.finish(.settled)
      return CarriedOut(decided, document)
    }
    let attempt = await ports.connector.attempt(
      ScalingOrder(decided.decision, id: document.id, on: deployment))
    steps.finish(.applied)

    document.note(attempt)
    let isConflict = attempt.isConflict && mayConflict
    if let error = attempt.error, !isConflict {
      await ports.connector.report(
        DeploymentTrouble(
          .failed, "A decision could not be applied: \(error)", time: decided.decision.time))
    }
    try settle(document, decided, endsLease: !isConflict)
    if !isConflict { steps.finish(.settled) }
    return CarriedOut(decided, document, isConflict: isConflict)
  }
}
