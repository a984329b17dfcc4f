import Planning

/// The adjustment intervals that a traffic source is asked for.
public struct TrafficWindow: Sendable, Equatable {
  /// End of the first (oldest) interval, Unix seconds, a multiple of `intervalSeconds`.
  public var firstIntervalEnd: Int
  /// End of the last interval, Unix seconds; not before the first.
  public var lastIntervalEnd: Int
  /// Length of an interval in seconds, at least 1.
  public var intervalSeconds: Int

  /// Creates a window.
  public init(firstIntervalEnd: Int, lastIntervalEnd: Int, intervalSeconds: Int) {
    self.firstIntervalEnd = firstIntervalEnd
    self.lastIntervalEnd = lastIntervalEnd
    self.intervalSeconds = intervalSeconds
  }

  /// The ends of all intervals, oldest first.
  public var intervalEnds: [Int] {
    Array(stride(from: firstIntervalEnd, through: lastIntervalEnd, by: intervalSeconds))
  }
}

/// What a traffic source answers: one reading per interval asked for, oldest first.
public struct TrafficReport: Codable, Sendable, Equatable {
  /// One reading per interval, oldest first.
  public var readings: [TrafficReading]
  /// What a person should know (values refused, series that look odd).
  public var warnings: [String]
  /// The query that the requests were counted by; nil where there was none.
  public var query: String?

  /// Creates a report.
  public init(readings: [TrafficReading], warnings: [String] = [], query: String? = nil) {
    self.readings = readings
    self.warnings = warnings
    self.query = query
  }
}

/// Tells the traffic of past intervals (Prometheus).
public protocol TrafficSource: Sendable {
  /// Reads every interval of `window`. A failed query is an `unknown` reading, not an error.
  ///
  /// - Parameter modelName: the model to count, compared case-insensitively; nil counts the only
  ///   model there is, and is `unknown` when there are several.
  /// - Throws: only for what the user has to mend (an unreadable token file, a bad URL).
  func readTraffic(_ window: TrafficWindow, modelName: String?) async throws -> TrafficReport
}

/// What a worker source answers.
public struct WorkerReport: Codable, Sendable, Equatable {
  /// The samples that could be taken, oldest first; empty when none could.
  public var samples: [WorkerSample]
  /// Why the newest sample is missing, as a sentence; nil when the last fetch worked. A report
  /// with a failure is not decided on: its samples are old.
  public var failure: String?
  /// What a person should know (malformed lines, label values that exist where the filter found
  /// nothing).
  public var warnings: [String]

  /// Creates a report.
  public init(samples: [WorkerSample], failure: String? = nil, warnings: [String] = []) {
    self.samples = samples
    self.failure = failure
    self.warnings = warnings
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
  /// Unix seconds of the decision.
  public var time: Double

  /// Creates an order.
  public init(
    targets: [Component: Int], phases: [[Component]]? = nil, decidedOn: DeploymentStatus,
    explanation: String, time: Double
  ) {
    self.targets = targets
    self.phases = phases ?? [targets.keys.sorted()]
    self.decidedOn = decidedOn
    self.explanation = explanation
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

  /// What it wants to find again in the next invocation, JSON; nil for nothing new.
  var memory: String? { get async }

  /// Takes up the ``memory`` of an earlier invocation, before anything else is asked of it.
  func resume(_ memory: String) async
}

extension Connector {
  /// Nothing.
  public var memory: String? { get async { nil } }

  /// Does nothing.
  public func resume(_ memory: String) async {}
}

/// Keeps planners that don't share the state file away from the deployment (a Kubernetes Lease).
public protocol DeploymentLease: Sendable {
  /// Takes it.
  ///
  /// - Parameter time: Unix seconds of the machine's clock.
  /// - Throws: ``StateError/leased(owner:until:)`` when another planner has it; ``ConnectorError``.
  func acquire(at time: Double) async throws

  /// Gives it back, if it is still held.
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
