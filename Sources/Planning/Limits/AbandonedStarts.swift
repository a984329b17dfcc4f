/// Workers that were asked for and don't come are given up: they go at once where they are not
/// needed, and no more are asked for while there is no room even for those.
struct AbandonedStarts: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard let abandoned = proposal.counts.abandoned, abandoned > 0, let base = proposal.base,
      let wanted = proposal.wanted, let count = proposal.replicas
    else { return proposal }
    if count > base { return proposal.limited(to: base, by: self, .startAbandoned) }
    // 20 asked for, 4 ready, 16 given up, 6 wanted: 6. With 3 wanted: 4, and the rest is for
    // stabilisation to decide.
    let least = max(wanted, base - abandoned)
    return least < count
      ? proposal.limited(to: least, by: self, .startAbandoned) : proposal
  }
}
