/// The throughput result is the floor of what the load asks for.
struct Floor: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard input.policy.load != nil, let floor = proposal.need.floor else { return proposal }
    // What runs is known from the router alone; the floor might be far below it.
    if proposal.base == nil, proposal.need.loadReason == .workersUnknown { return proposal }
    guard floor > proposal.replicas ?? 0 || proposal.replicas == nil else { return proposal }
    return proposal.wanting(max(0, floor), by: self, .floor)
  }
}
