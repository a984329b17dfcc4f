/// Cuts the counts to the GPU budget.
///
/// What is short is shared in proportion to what is wanted, but no component shrinks below what it
/// holds so that another can grow: 4 and 769 wanted in 64 where there are 4 of each are 4 and 60, not
/// 1 and 63.
///
/// A component that is held keeps its count, and the others then don't grow beyond what it leaves;
/// they are not made smaller on its account. One whose count is unknown is assumed to hold the
/// minimum.
struct Budget: Limit {
  func limit(
    _ proposals: [Proposal], _ input: DecisionInput
  ) throws(PlanningError) -> [Proposal] {
    let policy = input.policy
    let budget = GPUBudget(policy)
    let proposals = makingRoom(for: proposals, budget, policy)
    let counts = proposals.counts { $0.replicas ?? policy.minimum(of: $0.component) }
    let withoutGrowth = proposals.counts { proposal in
      let replicas = proposal.replicas ?? policy.minimum(of: proposal.component)
      return min(replicas, proposal.base ?? replicas)
    }
    let isGrowth = budget.gpus.map { budget.gpusHeld(by: withoutGrowth) <= $0 } ?? true
    let keeping = kept(proposals, isGrowth: isGrowth)
    let kept = counts.filter { keeping.contains($0.key) }
    var free = counts.filter { kept[$0.key] == nil }
    for (component, count) in free {
      free[component] = max(count, policy.minimum(of: component))
    }
    var limited = try budget.limit(free, beside: kept)
    let squeezed = withoutGrowth.filter { $0.value > limited[$0.key] ?? .max }
    if isGrowth, !squeezed.isEmpty {
      limited = try budget.limit(
        free.filter { squeezed[$0.key] == nil }, beside: kept.merging(squeezed) { $1 })
      limited.merge(squeezed) { $1 }
    }
    return proposals.map { proposal in
      guard kept[proposal.component] == nil, let replicas = proposal.replicas,
        var cut = limited[proposal.component]
      else { return proposal }
      if !kept.isEmpty {
        cut = max(cut, min(replicas, proposal.base ?? policy.minimum(of: proposal.component)))
      }
      return cut < replicas ? proposal.limited(to: cut, by: self, .budget) : proposal
    }
  }

  /// The components that the budget leaves alone: those that are held, and those of which workers
  /// are missing, lest they shrink to let another grow. What exceeds the budget without any growth
  /// shrinks all the same.
  private func kept(_ proposals: [Proposal], isGrowth: Bool) -> Set<Component> {
    Set(
      proposals.filter {
        $0.isHeld || $0.isAdjusted(.paused)
          || isGrowth && $0.need.isHalfSeen($0.counts) && !$0.isChange
      }.map(\.component))
  }
}

extension Budget {
  /// What a person has pinned goes before what the others want, down to their minimum. With 16 GPUs
  /// and decode pinned to 12, prefill keeps 4 of the 8 it wants; pinned to 20, decode gets 15 and
  /// prefill 1. What is held or paused keeps its count.
  private func makingRoom(
    for proposals: [Proposal], _ budget: GPUBudget, _ policy: PlanningPolicy
  ) -> [Proposal] {
    let pinned = proposals.filter { $0.isAdjusted(.pinned) && !$0.isHeld }
    guard let gpus = budget.gpus, pinned.count == 1, let pin = pinned.first,
      let replicas = pin.replicas
    else { return proposals }
    let others = proposals.filter { $0.component != pin.component }
    let reserved = budget.gpusHeld(
      by: others.counts { other in
        let least = policy.minimum(of: other.component)
        return keepsCount(other) ? other.replicas ?? least : least
      })
    let most = max(
      policy.minimum(of: pin.component), (gpus - reserved) / policy.gpus(of: pin.component))
    let granted = min(replicas, most)
    let left = max(0, gpus - budget.gpusHeld(by: [pin.component: granted]))
    return proposals.map { proposal in
      if proposal.component == pin.component {
        return granted < replicas ? proposal.limited(to: granted, by: self, .budget) : proposal
      }
      let component = proposal.component
      let cut = max(policy.minimum(of: component), left / policy.gpus(of: component))
      guard !keepsCount(proposal), let wanted = proposal.replicas, cut < wanted else {
        return proposal
      }
      return proposal.limited(to: cut, by: self, .budget)
    }
  }
}

/// Whether a component's count is nobody's to take: held, paused, or not wholly seen.
private func keepsCount(_ proposal: Proposal) -> Bool {
  proposal.isHeld || proposal.isAdjusted(.paused)
    || proposal.need.isHalfSeen(proposal.counts) && !proposal.isChange
}

/// Lets only growth compete for the GPU budget: while workers are starting nothing shrinks on account
/// of what another component wants.
struct GrowthBudget: Limit {
  func limit(_ proposals: [Proposal], _ input: DecisionInput) -> [Proposal] {
    let policy = input.policy
    let limited = GPUBudget(input.policy).raise(
      proposals.counts {
        let minimum = policy.minimum(of: $0.component)
        return Swift.min($0.base ?? minimum, $0.replicas ?? minimum)
      },
      to: proposals.counts { $0.replicas ?? policy.minimum(of: $0.component) })
    return proposals.map { proposal in
      guard let replicas = proposal.replicas, let cut = limited[proposal.component],
        cut < replicas
      else { return proposal }
      return proposal.limited(to: cut, by: self, .budget)
    }
  }
}

extension [Proposal] {
  /// A count of each component.
  func counts(_ count: (Proposal) -> Int) -> [Component: Int] {
    Dictionary(uniqueKeysWithValues: map { ($0.component, count($0)) })
  }
}
