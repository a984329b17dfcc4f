/// Nothing shrinks while requests wait: what stands before prefill comes to decode too, and a worker
/// that goes now makes the wait longer.
struct BacklogHold: ComponentLimit {
  /// Requests that may wait whatever the traffic: some hang in a frontend after their worker died.
  private static let fewestRequests = 8.0

  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard !proposal.isHeld, let base = proposal.base, let count = proposal.replicas, count < base,
      let expectation = proposal.need.sizing?.expectation
    else { return proposal }
    // 100 requests a second and a TTFT target of 1.5 s: 150 more than usual are a backlog.
    let usual = expectation.requestsPerSecond * input.policy.targets.ttftMilliseconds / 1000
    guard expectation.backlogRequests > max(Self.fewestRequests, usual) else { return proposal }
    return proposal.limited(to: base, by: self, .backlog)
  }
}
