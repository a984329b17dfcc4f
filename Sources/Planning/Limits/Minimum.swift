/// A component has no fewer replicas than the minimum; one that nothing is known of stays as it is.
struct Minimum: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    let isKept = proposal.need.lacksData && proposal.replicas == proposal.base
    guard !isKept, let count = proposal.replicas,
      count < input.policy.minimum(of: proposal.component)
    else {
      return proposal
    }
    return proposal.wanting(
      input.policy.minimum(of: proposal.component), by: self, .minimum)
  }
}
