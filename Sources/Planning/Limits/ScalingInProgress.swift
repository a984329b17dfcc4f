/// While the deployment is rolling out or an earlier order is still carried out nothing is changed.
///
/// Only where the sizing tells how many replicas are needed while others are starting, and nothing
/// but that is under way, its count may change all the same: it grows beyond what was ordered, and
/// shrinks once stabilisation has nothing against it, so that workers that don't come keep nothing
/// that is not needed.
struct ScalingInProgress: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    let held = proposal.heldAsItIs(by: self, .scalingInProgress)
    guard input.deployment.readiness.mayGrow, let base = proposal.base,
      let needed = proposal.need.sizing?.expectation?.replicasWhileStarting
    else { return held }
    if needed > base { return held.wanting(needed, by: self, .growthInFlight) }
    guard case .startingWorkers = input.deployment.readiness else { return held }
    // Workers that are overloaded, or of which nothing is known, are not made fewer.
    let isLoaded =
      input.policy.load != nil && (proposal.need.verdict?.direction ?? .up) == .up
    return needed < base && !isLoaded ? held.wanting(needed, by: self, .lossInFlight) : held
  }
}

/// What may change but does not after all is held like the rest.
struct UnchangedHold: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    proposal.isChange || proposal.isHeld
      ? proposal : proposal.held(by: self, .scalingInProgress)
  }
}
