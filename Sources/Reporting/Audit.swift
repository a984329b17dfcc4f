import EngineProfiles
import Invocation
import Planning
import Presentation

/// Which differences an audit lets pass.
public struct AuditAllowance: Sendable, Equatable {
  /// Replicas by which a final count may differ.
  public var replicas: Int
  /// Whether reason codes may differ.
  public var reasons: Bool

  /// Creates an allowance; by default nothing may differ.
  public init(replicas: Int = 0, reasons: Bool = false) {
    self.replicas = replicas
    self.reasons = reasons
  }

  /// Reads the values of `--allow`: `replicas=1` (also `replicas=±1`), `reason`.
  ///
  /// - Throws: ``AuditError/unknownRule(_:)``.
  public init(_ rules: [String]) throws(AuditError) {
    self.init()
    for rule in rules {
      let parts = rule.split(separator: "=", maxSplits: 1).map(String.init)
      switch parts.first {
      case "reason" where parts.count == 1, "reasons" where parts.count == 1: reasons = true
      case "replicas" where parts.count == 2:
        let text = parts[1].drop { "±+-".contains($0) }
        guard let count = Int(text), count >= 0 else { throw .unknownRule(rule) }
        replicas = count
      default: throw .unknownRule(rule)
      }
    }
  }
}

/// Why an audit can't be made.
public enum AuditError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `--allow` was given something else.
  case unknownRule(String)

  /// What was given and what there is.
  public var description: String {
    switch self {
    case .unknownRule(let rule):
      "--allow is replicas=N or reason, not '\(rule)'."
    }
  }
}

/// One recorded moment decided again.
public struct AuditCase: Sendable, Equatable {
  /// One way in which the two decisions differ.
  public struct Difference: Codable, Sendable, Equatable {
    /// Which component.
    public var component: Component
    /// `final`, `throughput-reason`, `load-reason` or `budget-reason`.
    public var what: String
    /// What was decided.
    public var was: String
    /// What would be decided.
    public var now: String
    /// Whether a rule lets it pass.
    public var isAllowed: Bool
  }

  /// What the moment is called: `decision 42`, or a recording's name.
  public var name: String
  /// When, RFC 3339.
  public var time: String
  /// Every difference.
  public var differences: [Difference]
  /// Why it would be decided so now, per component.
  public var explanations: [Component: String]
  /// Why it can't be decided with today's settings.
  public var failure: String?
  /// What both decisions come to; nil where one could not be made.
  public var outcome: AuditOutcome?
  /// Why it can't be decided again, whatever the settings; nil where it can.
  public var unjudged: String?

  /// Whether the audit may pass.
  public var passes: Bool { failure == nil && differences.allSatisfy(\.isAllowed) }

  /// Compares two decisions on one moment.
  public init(
    name: String, was: DecisionDocument, now: DecisionDocument, allowance: AuditAllowance
  ) {
    self.name = name
    time = was.time
    outcome = AuditOutcome(was: was, now: now)
    differences = []
    explanations = now.components.mapValues(\.explanation)
    for component in Set(was.components.keys).union(now.components.keys).sorted() {
      differences += Self.differences(
        component, was.components[component], now.components[component], allowance)
    }
  }

  /// A moment that today's settings can't decide.
  public init(name: String, was: DecisionDocument, failure: String) {
    self.name = name
    time = was.time
    differences = []
    explanations = [:]
    self.failure = failure
  }

  /// A moment that can't be read.
  init(_ error: PastDecisionError, time: Double) {
    name = "decision \(error.id)"
    self.time = rfc3339(time)
    differences = []
    explanations = [:]
    unjudged = "its JSON can't be read"
  }

  private static func differences(
    _ component: Component, _ was: DecisionDocument.ComponentDocument?,
    _ now: DecisionDocument.ComponentDocument?, _ allowance: AuditAllowance
  ) -> [Difference] {
    func text(_ count: Int?) -> String { count.map { String($0) } ?? "none" }
    var found: [Difference] = []
    if was?.final != now?.final {
      let isSmall: Bool =
        if let was = was?.final, let now = now?.final {
          was.distance(to: now).magnitude <= allowance.replicas
        } else { false }
      found.append(
        Difference(
          component: component, what: "final", was: text(was?.final), now: text(now?.final),
          isAllowed: isSmall))
    }
    let reasons: [(String, String?, String?)] = [
      ("throughput-reason", was?.reasons.throughput.rawValue, now?.reasons.throughput.rawValue),
      ("load-reason", was?.reasons.load.rawValue, now?.reasons.load.rawValue),
      ("budget-reason", was?.reasons.budget.rawValue, now?.reasons.budget.rawValue),
    ]
    for (what, was, now) in reasons where was != now {
      found.append(
        Difference(
          component: component, what: what, was: was ?? "none", now: now ?? "none",
          isAllowed: allowance.reasons))
    }
    return found
  }
}

/// Decides recorded moments again with another policy and profile.
public struct Auditor: Sendable {
  /// The policy to decide with, out of the recorded one.
  let policy: @Sendable (PlanningPolicy) throws -> PlanningPolicy
  let profile: EngineProfile?
  let allowance: AuditAllowance

  /// Creates an auditor that decides with today's policy. GPUs per replica are the recorded ones:
  /// they come from the deployment.
  public init(policy: PlanningPolicy, profile: EngineProfile?, allowance: AuditAllowance) {
    self.init(profile: profile, allowance: allowance) { recorded in
      var policy = policy
      for component in policy.mode.components {
        if let gpus = recorded.gpusPerReplica[component] {
          policy.gpusPerReplica[component] = gpus
        }
      }
      return policy
    }
  }

  /// Creates an auditor that decides with what `policy` makes of the recorded policy.
  public init(
    profile: EngineProfile?, allowance: AuditAllowance,
    policy: @escaping @Sendable (PlanningPolicy) throws -> PlanningPolicy
  ) {
    self.policy = policy
    self.profile = profile
    self.allowance = allowance
  }

  /// Decides a stored moment again; one that can't be read is a case that nobody judges.
  public func audit(_ stored: StoredDecision) -> AuditCase {
    do throws(PastDecisionError) {
      return audit(try AuditedDecision(stored))
    } catch {
      return AuditCase(error, time: stored.time)
    }
  }

  /// Decides the moment of `past` again, on what was observed and remembered then.
  ///
  /// A mode or component that was not observed then can't be judged: it is decided on nothing, as it
  /// would have been.
  public func audit(_ past: AuditedDecision) -> AuditCase {
    var input = past.input
    let printed = past.printed
    let name = "decision \(printed.id)"
    if input.workers?.samples.contains(where: { $0.omittedWorkers != nil }) == true {
      var moment = AuditCase(
        name: name, was: printed.document, now: printed.document, allowance: allowance)
      moment.unjudged =
        "of more than \(WorkerSketch.exactCount) workers only a part is stored"
      moment.outcome = nil
      return moment
    }
    do {
      input.policy = try policy(input.policy)
      let decision = try Planner.decide(input, profile: profile).decision
      let now = DecisionDocument(
        decision, id: printed.id, deployment: printed.document.deployment)
      return AuditCase(name: name, was: printed.document, now: now, allowance: allowance)
    } catch {
      return AuditCase(name: name, was: printed.document, failure: "\(error)")
    }
  }
}
