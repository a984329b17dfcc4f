/// While the deployment is rolling out or still scaling nothing is changed.
///
/// Only a component whose sizing tells what it needs without a backlog grows although workers of an
/// earlier order are still starting: by what arrives, without what waits, which those workers are
/// there for.
struct ScalingInProgress: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    let held = proposal.heldAsItIs(by: self, .scalingInProgress)
    guard case .startingWorkers = input.deployment.readiness, let base = proposal.base,
      let needed = proposal.need.sizing?.expectation?.replicasWithoutBacklog, needed > base
    else { return held }
    return held.wanting(needed, by: self, .growthInFlight)
  }
}

/// What may grow but does not after all is held like the rest.
struct UnchangedHold: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    proposal.isChange || proposal.isHeld
      ? proposal : proposal.held(by: self, .scalingInProgress)
  }
}
