import Planning

/// How a planner is, the worst first; each has its exit code.
public enum DeploymentState: String, Codable, Sendable, CaseIterable {
  /// The last run ended with an error, or its change was not confirmed.
  case broken
  /// No decision has been made for too long, or ever.
  case overdue
  /// Something that a decision needs is missing or in the way.
  case holding
  /// A person has paused it.
  case paused
  /// It decides.
  case fine

  /// The exit code of `sla-planner status`.
  public var exitCode: Int32 {
    switch self {
    case .broken, .overdue: 1
    case .holding: 3
    case .paused, .fine: 0
    }
  }

  /// How a planner is by what is known of it.
  public init(_ facts: DeploymentFacts) {
    guard let latest = facts.latest else {
      self = facts.failure == nil ? .overdue : .broken
      return
    }
    if facts.endedWithError || latest.document.status == .failed {
      self = .broken
    } else if facts.now - latest.printed.time > facts.allowedSeconds {
      self = .overdue
    } else if latest.document.holdSeconds != nil {
      self = .holding
    } else if facts.controls.inForce(at: facts.now).contains(where: { $0.kind == .pause }) {
      self = .paused
    } else {
      self = .fine
    }
  }
}
