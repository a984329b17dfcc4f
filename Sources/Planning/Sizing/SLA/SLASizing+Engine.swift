import EngineProfiles

/// What the rule learns of the engines.
extension SLASizing {
  /// Learns what a stretch of traffic showed of the engines, beginning with what the profile says, or
  /// without one with the prior that was chosen.
  func learnEngine(
    _ steps: [TrafficStep], _ ready: [Component: Int], _ profile: EngineProfile?,
    _ state: inout SizingState
  ) {
    guard steps.contains(where: { $0.observation.isl != nil }) else { return }
    var learning = state.bySLA.engine ?? EngineLearning(prior(profile))
    if profile == nil || learning.prior.name != "profile" {
      learning = learning.with(prior(profile), isAggregated: policy.mode == .agg)
    }
    // What was not ready when the interval began served only a part of it.
    let served = ready.reduce(into: ready) { served, component in
      served[component.key] = min(component.value, state.bySLA.ready[component.key] ?? .max)
    }
    let observations = steps.compactMap { step in
      let traffic = step.observation
      let inDecode = traffic.inFlightRequests.flatMap { inFlight in
        traffic.queuedRequests.map { max(0, inFlight - $0) }
      }
      return EngineObservation(
        traffic, seconds: Double(step.seconds), ready: served, mode: policy.mode,
        inFlightBefore: learning.remember(sequences: inDecode))
    }
    learning.observe(observations, isAggregated: policy.mode == .agg)
    state.bySLA.engine = learning
  }

  /// The engines as they were learned so far.
  func learnedEngine(_ state: SizingState) -> LearnedEngine? {
    LearnedEngine(state.bySLA.engine ?? EngineLearning(prior(nil)), mode: policy.mode)
  }

  private func prior(_ profile: EngineProfile?) -> EnginePrior {
    if let profile, let prior = EnginePrior.profile(profile) { return prior }
    let choice = policy.throughput?.enginePrior
    return choice?.name.flatMap(EnginePrior.named) ?? EnginePrior.nearest(model: choice?.model)
  }
}
