/// A component has no fewer replicas than the minimum; one that nothing is known of stays as it is.
struct Minimum: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    let isKept = proposal.need.lacksData && proposal.replicas == proposal.base
    guard !isKept, let count = proposal.replicas, count < input.policy.minimumReplicas else {
      return proposal
    }
    return proposal.wanting(input.policy.minimumReplicas, by: self, .minimum)
  }
}
