import Planning

/// Tells the traffic of past intervals (Prometheus).
public protocol TrafficSource: Sendable {
  /// Reads every interval of `window`. A failed query is an `unknown` reading, not an error.
  ///
  /// - Parameter modelName: the model to count, compared case-insensitively; nil counts the only
  ///   model there is, and is `unknown` when there are several.
  /// - Throws: only for what the user has to mend (an unreadable token file, a bad URL).
  func readTraffic(_ window: TrafficWindow, modelName: String?) async throws -> TrafficReport

  /// Reads the steps of `window` that are complete.
  ///
  /// - Parameter modelName: as for the intervals.
  /// - Throws: only for what the user has to mend.
  func readSteps(_ window: StepWindow, modelName: String?) async throws -> StepReport
}

extension TrafficSource {
  /// Knows intervals only.
  public func readSteps(_ window: StepWindow, modelName: String?) async throws -> StepReport {
    StepReport()
  }
}

/// Tells the load of each worker (the router's metrics page).
public protocol WorkerSource: Sendable {
  /// Takes `count` samples spread evenly over `spacingSeconds × (count − 1)` seconds.
  ///
  /// - Parameters:
  ///   - url: the router's metrics page.
  ///   - modelName: keep this model's workers where the series carry a model label.
  ///   - count: samples, at least 1.
  ///   - spacingSeconds: seconds between two samples; 0 takes them without waiting.
  /// - Throws: only for what the user has to mend.
  func sampleWorkers(
    url: String, modelName: String?, count: Int, spacingSeconds: Double
  ) async throws -> WorkerReport
}

/// What is sent to the deployment.
public struct ScalingOrder: Sendable, Equatable {
  /// Replicas wanted, for every component that the mode scales (also the unchanged ones).
  public var targets: [Component: Int]
  /// The components in the order they are written: those of one phase side by side, a phase after
  /// the one before it is confirmed (the one that shrinks first, where the GPU budget would be
  /// exceeded in between). Components left out are only checked, not written.
  public var phases: [[Component]]
  /// The status that the order was decided on; a connector refuses it when the world has moved.
  public var decidedOn: DeploymentStatus
  /// One sentence for the deployment's own log (a Kubernetes Event).
  public var explanation: String
  /// The same for each component, beginning with its counts; a component that it leaves out has none.
  public var explanations: [Component: String]
  /// Unix seconds of the decision.
  public var time: Double
  /// Number of the decision in its state file; nil where it has none.
  public var decision: Int?

  /// Creates an order.
  public init(
    targets: [Component: Int], phases: [[Component]]? = nil, decidedOn: DeploymentStatus,
    explanation: String, explanations: [Component: String] = [:], time: Double,
    decision: Int? = nil
  ) {
    self.decision = decision
    self.targets = targets
    self.phases = phases ?? [targets.keys.sorted()]
    self.decidedOn = decidedOn
    self.explanation = explanation
    self.explanations = explanations
    self.time = time
  }
}

/// What became of an order.
public struct ScalingOutcome: Codable, Sendable, Equatable {
  /// Components whose new count the other side confirmed.
  public var applied: [Component]
  /// Components whose count could not be set, with the reason.
  public var failed: [Component: String]
  /// What a person should know of a change that was made (no event could be recorded for it).
  public var warnings: [String]

  /// Creates an outcome.
  public init(
    applied: [Component], failed: [Component: String] = [:], warnings: [String] = []
  ) {
    self.applied = applied
    self.failed = failed
    self.warnings = warnings
  }
}

/// Reads and writes the replica counts of a deployment.
public protocol Connector: Sendable {
  /// Reads the deployment, once per invocation.
  ///
  /// - Parameter time: Unix seconds that count as now.
  /// - Throws: ``ConnectorError``.
  func observe(at time: Double) async throws -> DeploymentStatus

  /// Sends an order and reports what was confirmed.
  ///
  /// - Throws: ``ConnectorError`` when nothing was changed.
  func apply(_ order: ScalingOrder) async throws -> ScalingOutcome

  /// Leaves a word at the deployment for whoever looks at it. Best effort.
  func report(_ trouble: DeploymentTrouble) async

  /// What it wants to find again in the next invocation, JSON; nil for nothing new.
  var state: String? { get async }

  /// Takes up the ``state`` of an earlier invocation, before anything else is asked of it.
  func resume(_ state: String) async
}

extension Connector {
  /// Does nothing.
  public func report(_ trouble: DeploymentTrouble) async {}

  /// Nothing.
  public var state: String? { get async { nil } }

  /// Does nothing.
  public func resume(_ state: String) async {}
}

/// Keeps planners that don't share the state file away from the deployment (a Kubernetes Lease).
public protocol DeploymentLease: Sendable {
  /// Takes it; one that is held longer than a single invocation is renewed where it has to be.
  ///
  /// - Parameter time: Unix seconds of the machine's clock.
  /// - Throws: ``StateError/leased(owner:until:)`` when another planner has it; ``ConnectorError``.
  func acquire(at time: Double) async throws

  /// Gives it back at the end of an invocation, if it is still held and not kept for the next one.
  ///
  /// - Throws: ``ConnectorError``; it then runs out by itself.
  func release() async throws
}

/// Why a connector could not do its work. Each case has its exit code (docs/reference/exit-codes.md).
public enum ConnectorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The other side can't be reached or answers nonsense; the message says which and why.
  case unreachable(String)
  /// The other side refuses; the message names the permission that is missing.
  case permissionDenied(String)
  /// The deployment is not what the settings say; the message says what to change.
  case misconfigured(String)
  /// Somebody else changed the deployment in between; nothing was written.
  case conflict(String)

  /// The message of the case.
  public var description: String {
    switch self {
    case .unreachable(let message), .permissionDenied(let message),
      .misconfigured(let message), .conflict(let message):
      message
    }
  }
}
