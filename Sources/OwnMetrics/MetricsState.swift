import Invocation
import Planning

/// What the planner's own metrics remember between invocations: the counters.
///
/// It is a part of the deployment's state, saved with the decision that it counts, so that a
/// decision is counted once however often the process is killed.
public struct MetricsState: Codable, Sendable, Equatable {
  /// GPU hours of the scaled replicas.
  public var gpuHours = 0.0
  /// Held decisions by reason code.
  public var held: [String: Int] = [:]
  /// Decisions by status.
  public var decisions: [String: Int] = [:]
  /// Invocations that ended with an error instead of a decision.
  public var errors = 0
  /// Unix seconds of the last decision.
  public var lastDecision: Double?
  /// GPUs that the replicas have held since then; nil when unknown.
  public var gpus: Int?
  /// Unix seconds of the last decision that did not fail.
  public var lastSuccess: Double?
  /// Seconds that the last invocation took.
  public var lastRunDurationSeconds: Double?

  /// Creates a state that has counted nothing.
  public init() {}

  /// Reads what ``stored`` made.
  ///
  /// Counters are no reason for a planner to stand still: a text that can't be read is nil, for the
  /// caller to say so and start at 0.
  public init?(stored: String) {
    guard let state = try? JSONText.decode(MetricsState.self, from: stored),
      state.gpuHours.isFinite
    else { return nil }
    self = state
  }

  /// The state as the state file keeps it.
  public var stored: String {
    get throws { try JSONText.encode(self) }
  }

  /// The longest time between two decisions that counts towards the GPU hours, in seconds: nobody
  /// has seen what a deployment held while its planner was off for longer.
  public static let longestGap = 3600.0

  /// The state after one more decision.
  ///
  /// GPU hours: what the deployment held after the decision before, until this one, at most
  /// ``longestGap``. A clock that went back adds nothing.
  ///
  /// - Parameters:
  ///   - decision: what was decided.
  ///   - status: what became of it.
  ///   - durationSeconds: how long the invocation has taken.
  public func advanced(
    by decision: Decision, status: DecisionStatus, durationSeconds: Double
  ) -> MetricsState {
    var next = self
    if let lastDecision, let gpus {
      let seconds = min(max(0, decision.time - lastDecision), Self.longestGap)
      next.gpuHours += Double(max(0, gpus)) * seconds / 3600
    }
    next.lastDecision = decision.time
    next.gpus = status == .applied ? decision.gpus.after : decision.gpus.before
    if status != .failed && status != .pending { next.lastSuccess = decision.time }
    next.lastRunDurationSeconds = durationSeconds
    next.decisions[status.rawValue, default: 0] &+= 1
    for reason in Self.reasonsHeld(decision) { next.held[reason, default: 0] &+= 1 }
    return next
  }

  /// The state after an invocation that ended with an error.
  ///
  /// - Parameter durationSeconds: how long it has taken.
  public func failed(durationSeconds: Double) -> MetricsState {
    var next = self
    next.lastRunDurationSeconds = durationSeconds
    next.errors &+= 1
    return next
  }

  /// The reason codes that a decision can be held for, sorted.
  public static let holdReasons: [String] = Set(
    ThroughputReason.allCases.filter(\.isHold).map(\.rawValue)
      + LoadReason.allCases.filter(\.isHold).map(\.rawValue)
  ).sorted()

  /// The reasons that a component was held for, each once a decision.
  private static func reasonsHeld(_ decision: Decision) -> Set<String> {
    var reasons: Set<String> = []
    for decided in decision.components.values where decided.isHeld {
      if decided.reasons.throughput.isHold { reasons.insert(decided.reasons.throughput.rawValue) }
      if decided.reasons.load.isHold { reasons.insert(decided.reasons.load.rawValue) }
    }
    return reasons
  }
}

extension ThroughputReason {
  /// Whether it says that something was missing or in the way.
  var isHold: Bool {
    switch self {
    case .trafficUnknown, .lengthsUnknown, .noTrafficYet, .scalingInProgress: true
    case .disabled, .scaleUp, .scaleDown, .noChange, .holdFallback: false
    }
  }
}

extension LoadReason {
  /// Whether it says that something was missing or in the way.
  var isHold: Bool {
    switch self {
    case .insufficientData, .regressionUnusable, .targetUnreachable, .workerCountMismatch,
      .noWorkers, .workersUnknown, .floorUnknown, .scalingInProgress:
      true
    case .disabled, .scaleUp, .scaleDown, .noChange, .overload: false
    }
  }
}
