/// A component stays as it is while something that its decision needs is not known.
struct MissingDataHold: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    proposal.need.lacksData && !proposal.isChange
      ? proposal.held(by: self, .dataMissing) : proposal
  }
}

/// A component whose workers are not all seen is held where nothing changes it.
struct MissingWorkersHold: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    proposal.need.isHalfSeen(proposal.counts) && !proposal.isChange && !proposal.isFixed
      ? proposal.held(by: self, .workersMissing) : proposal
  }
}
