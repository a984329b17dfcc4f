/// What becomes of the counts that are wanted: damping, the GPU budget, holds and their fallback.
extension DecisionRule {
  func recommended(_ components: [Component: ComponentDecision]) -> [Recommendation] {
    let window = policy.damping.scaleDownStabilizationSeconds
    guard window > 0 else { return [] }
    let now = Recommendation(
      time: input.time,
      replicas: components.compactMapValues { component in
        guard let sla = component.sizing?.sla,
          component.desired == component.throughput || input.deployment.inProgress != nil
        else { return component.desired }
        return sla.replicasWithoutBacklog
      })
    return pastRecommendations.filter {
      $0.time > input.time - window && $0.time < input.time
    } + [now]
  }

  /// Recommendations of earlier decisions. Where the targets are to be held, what a new planner
  /// finds counts as one, so that it shrinks nothing before it has seen the traffic for a while.
  private var pastRecommendations: [Recommendation] {
    let past = input.memory.recommendations
    guard past.isEmpty, policy.throughput?.sizing.sla != nil else { return past }
    let found = input.deployment.counts.compactMapValues { $0.asked ?? $0.current }
    return [Recommendation(time: input.time.nextDown, replicas: found)]
  }

  func settle(
    _ components: inout [Component: ComponentDecision], budget: GPUBudget,
    recommendations: [Recommendation]
  ) throws(PlanningError) {
    let limiter = ChangeLimiter(
      damping: policy.damping, recommendations: recommendations)
    try limitToBudget(&components, budget)
    for (component, decision) in components {
      guard !decision.isHeld, let final = decision.final else { continue }
      components[component]?.final = limiter.limit(
        final, from: decision.asked ?? decision.current, component: component)
    }
    try limitToBudget(&components, budget)
    for (component, decision) in components where isHalfSeen(decision) && !decision.isChange {
      components[component]?.isHeld = true
    }
    guard input.deployment.inProgress != nil else { return }
    for (component, decision) in components where !decision.isChange {
      components[component]?.isHeld = true
      components[component]?.reasons.throughput =
        policy.throughput == nil ? .disabled : .scalingInProgress
    }
  }

  /// Cuts the final counts to the budget. A component that is held keeps its count, and the others
  /// then don't grow beyond what it leaves; they are not made smaller on its account. One whose
  /// count is unknown is assumed to hold the minimum.
  private func limitToBudget(
    _ components: inout [Component: ComponentDecision], _ budget: GPUBudget
  ) throws(PlanningError) {
    let counts = components.mapValues { $0.final ?? policy.minimumReplicas }
    if input.deployment.inProgress != nil {
      limitGrowthToBudget(&components, counts, budget)
      return
    }
    let kept = counts.filter { keptByBudget(components, budget).contains($0.key) }
    let free = counts.filter { kept[$0.key] == nil }
    let limited = try budget.limit(
      free.mapValues { max($0, policy.minimumReplicas) }, beside: kept)
    for (component, decision) in components where kept[component] == nil {
      guard let final = decision.final, var cut = limited[component] else { continue }
      if !kept.isEmpty {
        cut = max(cut, min(final, decision.asked ?? decision.current ?? policy.minimumReplicas))
      }
      guard cut < final else { continue }
      components[component]?.final = cut
      components[component]?.reasons.budget = .limited
    }
  }

  /// Lets only growth compete for the budget: while workers are starting nothing shrinks.
  private func limitGrowthToBudget(
    _ components: inout [Component: ComponentDecision], _ counts: [Component: Int],
    _ budget: GPUBudget
  ) {
    let bases = components.mapValues { $0.asked ?? $0.current ?? policy.minimumReplicas }
    let limited = budget.raise(bases, to: counts)
    for (component, decision) in components {
      guard let final = decision.final, let cut = limited[component], cut < final else { continue }
      components[component]?.final = cut
      components[component]?.reasons.budget = .limited
    }
  }

  /// The components that the budget leaves alone: those that are held, and those of which workers
  /// are missing, lest they shrink to let another grow. What exceeds the budget without any growth
  /// shrinks all the same.
  private func keptByBudget(
    _ components: [Component: ComponentDecision], _ budget: GPUBudget
  ) -> [Component] {
    let held = components.filter(\.value.isHeld).map(\.key)
    let halfSeen = components.filter { isHalfSeen($0.value) && !$0.value.isChange }.map(\.key)
    let withoutGrowth = components.mapValues { decision in
      let final = decision.final ?? policy.minimumReplicas
      return min(final, decision.asked ?? decision.current ?? final)
    }
    guard let gpus = budget.gpus, budget.gpusHeld(by: withoutGrowth) <= gpus else { return held }
    return held + halfSeen
  }

  /// Lets the fallback act when a hold has lasted longer than its limit: it raises counts as far as
  /// the budget allows and never lowers one. A connector that takes no order now gets none.
  func fallBack(
    _ components: inout [Component: ComponentDecision], since: Double?, budget: GPUBudget
  ) {
    guard policy.hold.limitSeconds > 0, let since, input.time - since >= policy.hold.limitSeconds,
      input.deployment.refusesOrders != true
    else { return }
    let wanted = policy.hold.fallback.filter { component, count in
      components[component].map { $0.isHeld && count > $0.final ?? 0 } ?? false
    }
    let raised = budget.raise(
      components.mapValues { $0.final ?? policy.minimumReplicas }, to: wanted)
    for (component, count) in wanted {
      guard let final = raised[component] else { continue }
      components[component]?.final = final
      components[component]?.desired = count
      components[component]?.reasons.throughput = .holdFallback
      if final < count { components[component]?.reasons.budget = .limited }
      components[component]?.isHeld = false
    }
  }

  /// Whether the router shows other workers than are ready, so that the load can't take one away.
  private func isHalfSeen(_ decision: ComponentDecision) -> Bool {
    decision.reasons.load == .workerCountMismatch
      || decision.reasons.load == .noWorkers && (decision.ready ?? decision.current ?? 0) > 0
  }
}
