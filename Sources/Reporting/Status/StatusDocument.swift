import Invocation
import Planning
import Presentation

/// How a deployment's planner is, for programs.
public struct StatusDocument: Encodable, Sendable {
  struct Failure: Encodable, Sendable {
    var first: String
    var last: String
    var count: Int
    var code: Int
    var error: String
  }

  let schema = 1
  let deployment: String
  let time: String
  let state: DeploymentState
  let exitCode: Int32
  let summary: String
  @ExplicitNull var decision: DecisionDocument?
  let targets: [TargetVerdict]
  let controls: [DecisionDocument.ControlDocument]
  let failedRuns: Failure?
  let lastChange: String?
  let nextDecision: String?

  enum CodingKeys: String, CodingKey {
    case schema, deployment, time, state, summary, decision, targets, controls
    case exitCode = "exit_code"
    case failedRuns = "failed_runs"
    case lastChange = "last_change"
    case nextDecision = "next_decision"
  }

  /// Creates the document.
  public init(_ facts: DeploymentFacts) {
    deployment = facts.deployment
    time = rfc3339(facts.now)
    state = DeploymentState(facts)
    exitCode = state.exitCode
    summary = StatusText(facts, times: .utc).headline
    _decision = ExplicitNull(wrappedValue: facts.latest?.document)
    targets = facts.latest.map { TargetVerdict.all(of: $0) } ?? []
    controls = facts.controls.without(endedBy: facts.now)
      .map(DecisionDocument.ControlDocument.init)
    failedRuns = facts.failure.map {
      Failure(
        first: rfc3339($0.first), last: rfc3339($0.last), count: $0.count, code: $0.code,
        error: $0.error)
    }
    lastChange = facts.lastChange?.document.time
    let next = facts.latest.flatMap { latest in
      facts.usualGapSeconds.map { latest.printed.time + $0 }
    }
    nextDecision = next.map(rfc3339)
  }

  /// One JSON object.
  public func json() throws -> String { try JSONText.encode(self) }
}
