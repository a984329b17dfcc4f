/// Lets the fallback act when a hold has lasted longer than its limit: it raises counts as far as
/// the budget allows and never lowers one. A connector that takes no order now gets none.
struct HoldFallback: Limit {
  func limit(_ proposals: [Proposal], _ input: DecisionInput) -> [Proposal] {
    let hold = input.policy.hold
    if case .refusing = input.deployment.readiness { return proposals }
    guard hold.limitSeconds > 0, let since = HoldFallback.holdSince(proposals, input),
      input.time - since >= hold.limitSeconds
    else { return proposals }
    let counts = proposals.counts { $0.replicas ?? input.policy.minimum(of: $0.component) }
    let wanted = proposals.reduce(into: [Component: Int]()) { wanted, proposal in
      guard proposal.isHeld, let fallback = hold.fallback[proposal.component] else { return }
      let range = ControlRange(proposal.component, base: proposal.base, input)
      let count = min(fallback, range.highest?.count ?? .max)
      guard count > proposal.replicas ?? 0 else { return }
      wanted[proposal.component] = count
    }
    let raised = GPUBudget(input.policy).raise(counts, to: wanted)
    return proposals.map { proposal in
      guard let count = wanted[proposal.component], let granted = raised[proposal.component]
      else { return proposal }
      let fallen = proposal.wanting(count, by: self, .holdFallback)
      return granted < count ? fallen.limited(to: granted, by: self, .budget) : fallen
    }
  }

  /// Since when decisions are held, this one's hold included; nil when no component is or was held
  /// by it.
  static func holdSince(_ proposals: [Proposal], _ input: DecisionInput) -> Double? {
    let isHeld = proposals.contains { proposal in
      proposal.isHeld || proposal.isAdjusted(.holdFallback)
    }
    return isHeld ? input.state.holdSince ?? input.time : nil
  }
}
