/// All scaled components together hold no fewer GPUs than the lower budget.
///
/// What is missing is shared in proportion to what is proposed, rounded up, prefill first; where that
/// would exceed the upper budget nothing is raised. 1 prefill with 2 GPUs and 3 decode with 1 are 5
/// GPUs; of at least 9 they become 2 and 5.
struct GPUFloor: Limit {
  func limit(_ proposals: [Proposal], _ input: DecisionInput) -> [Proposal] {
    guard let fewest = input.policy.minimumGPUs, fewest > 0 else { return proposals }
    let budget = GPUBudget(input.policy)
    let counts = proposals.counts { $0.replicas ?? input.policy.minimum(of: $0.component) }
    let held = budget.gpusHeld(by: counts)
    guard held < fewest, !proposals.contains(where: \.isHeld) else { return proposals }
    var raised = counts
    var missing = fewest
    for (component, count) in counts.sorted(by: { $0.key < $1.key }) {
      let gpus = budget.gpusPerReplica[component] ?? 1
      let isLast = component == counts.keys.max()
      let share =
        isLast || held == 0
        ? Double(missing) / Double(gpus) : Double(count) * Double(fewest) / Double(held)
      let most = Double(ReplicaSizing.largestCount)
      raised[component] = max(count, Int(min(max(0, share), most).rounded(.up)))
      missing -= (raised[component] ?? 0) * gpus
    }
    if let gpus = budget.gpus, budget.gpusHeld(by: raised) > gpus { return proposals }
    return proposals.map { proposal in
      guard let count = raised[proposal.component], count > proposal.replicas ?? 0 else {
        return proposal
      }
      return proposal.wanting(count, by: self, .minimumGPUs)
    }
  }
}

/// Throughput-based scaling changes a component by no more than so many replicas in one decision.
///
/// 20 wanted where there are 4 are 12 with a limit of 8, and 20 in the decision after.
struct ThroughputStepLimit: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard let most = input.policy.maximumThroughputStep, proposal.need.sizing != nil,
      let base = proposal.base, let replicas = proposal.replicas
    else { return proposal }
    let bounded = min(max(replicas, base - most), base + most)
    return bounded == replicas
      ? proposal : proposal.limited(to: max(1, bounded), by: self, .stepLimited)
  }
}
