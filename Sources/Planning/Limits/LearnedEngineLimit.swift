/// Holds replicas that are sized on a learned engine to what was seen of it.
///
/// - Nothing shrinks to more load per replica than 1.3 times the largest that a replica was seen with:
///   of 10 replicas with 1000 tokens/s each, the most so far, 7 would have 1429 each; 8 stay.
/// - Nothing grows while the model is uncertain by more than a factor of 1.4, unless the newest
///   interval missed a target or something waits: a wrong prior orders no GPUs.
struct LearnedEngineLimit: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard let engine = input.traffic?.engine, let base = proposal.base,
      let replicas = proposal.replicas, let sizing = proposal.need.sizing
    else { return proposal }
    if replicas < base {
      let fewest = fewest(sizing, engine, proposal.component, input.policy)
      guard let fewest, replicas < fewest else { return proposal }
      return proposal.wanting(min(base, fewest), by: self, .unseenLoad)
    }
    guard replicas > base, isUncertain(engine, proposal.component, input.policy),
      let newest = input.traffic?.newest.observation, !isShort(newest, input.policy)
    else { return proposal }
    return proposal.wanting(
      max(base, input.policy.minimum(of: proposal.component)), by: self, .uncertainEngine)
  }

  private func fewest(
    _ sizing: ReplicaSizing, _ engine: LearnedEngine, _ component: Component,
    _ policy: PlanningPolicy
  ) -> Int? {
    guard let most = engine.largestLoad[component], most > 0 else { return .max }
    let fewest = sizing.demandTokensPerSecond / (most * LearnedEngine.largestExtrapolation)
    return fewest.isFinite ? Int(min(fewest, 1e6).rounded(.up)) : nil
  }

  private func isUncertain(
    _ engine: LearnedEngine, _ component: Component, _ policy: PlanningPolicy
  ) -> Bool {
    let components = policy.mode == .agg ? policy.mode.workComponents : [component]
    return components.contains {
      engine.deviation[$0] ?? .infinity > LearnedEngine.widestDeviation
    }
  }

  /// Whether the interval says itself that more are needed: a target nearly missed, or a queue.
  private func isShort(_ newest: TrafficObservation, _ policy: PlanningPolicy) -> Bool {
    let near = 0.8
    if let ttft = newest.ttftMilliseconds, ttft > near * policy.targets.ttftMilliseconds {
      return true
    }
    if let itl = newest.itlMilliseconds, itl > near * policy.targets.itlMilliseconds { return true }
    let attainment = LatencyAttainment(newest, targets: policy.targets)
    let shares = [attainment?.ttftShare, attainment?.itlShare].compactMap { $0 }
    if shares.contains(where: { $0 < 0.95 }) { return true }
    guard let queued = newest.queuedRequests, let requests = newest.arrivals?.count else {
      return newest.ttftMilliseconds == nil && newest.itlMilliseconds == nil
    }
    let interval = Double(policy.throughput?.intervalSeconds ?? 180)
    return queued > 2 + requests / interval * policy.targets.ttftMilliseconds / 1000
  }
}
