import EngineProfiles
import Forecasting

/// Makes one decision: what is needed, limited by one rule after another.
struct DecisionRule {
  private let input: DecisionInput
  private let profile: EngineProfile?
  private var policy: PlanningPolicy { input.policy }

  init(_ input: DecisionInput, profile: EngineProfile?) {
    var input = input
    input.policy.engineLimits = input.workers?.limits
    self.input = input
    self.profile = profile
  }

  /// The decision, and what it leaves for the next one. Its status is `pending` when something is to
  /// be changed, else `unchanged` or `held`.
  func decide() throws(PlanningError) -> (decision: Decision, state: DecisionState) {
    try GPUBudget(policy).check()
    let sizings = try throughputSizings()
    let plan = newPlan(sizings) ?? input.state.plan

    let need = ComponentNeed(input)
    var proposals = policy.mode.components.map {
      need.proposal($0, sizing: sizings?[$0], plan: plan)
    }
    for limit in Limits.ordered(for: input) { proposals = try limit.limit(proposals, input) }
    let state = DecisionState(
      plan: plan, recommendations: recommendations(proposals),
      holdSince: HoldFallback.holdSince(proposals, input))
    let settled = HoldFallback().limit(proposals, input)
    return (decision(settled, holdSince: state.holdSince), state)
  }

  // MARK: Throughput

  private func throughputSizings() throws(PlanningError) -> [Component: ReplicaSizing]? {
    guard let throughput = policy.throughput, let traffic = input.traffic,
      let newest = traffic.newest.observation, let forecast = traffic.forecast
    else { return nil }
    guard let profile = profile ?? traffic.engine?.profile(policy) else {
      throw .profileMissing(policy.mode.components[0])
    }
    let knowledge = SizingKnowledge(
      slowdown: slowdown, indexOfDispersion: traffic.indexOfDispersion, headroom: traffic.headroom,
      cachedShare: traffic.cachedShare)
    return try throughput.sizing.rule(policy).size(
      forecast, newest: newest, knowledge: knowledge, profile: profile)
  }

  private func newPlan(_ sizings: [Component: ReplicaSizing]?) -> ThroughputPlan? {
    guard let sizings, let traffic = input.traffic else { return nil }
    return ThroughputPlan(
      intervalEnd: traffic.newest.intervalEnd, replicas: sizings.mapValues(\.replicas))
  }

  /// The slowdown that counts; none where corrections are off. Of learned engines it is how uncertain
  /// they are.
  private var slowdown: EngineSlowdown {
    if profile == nil, let engine = input.traffic?.engine { return engine.caution }
    guard policy.throughput?.usesCorrection == true, let traffic = input.traffic else {
      return EngineSlowdown()
    }
    return traffic.slowdown
  }

  // MARK: The whole

  private func recommendations(_ proposals: [Proposal]) -> [Recommendation] {
    guard policy.damping.scaleDownStabilizationSeconds > 0 else { return [] }
    return Recommendation.window(input) + [Recommendation(proposals, input)]
  }

  private func decision(_ proposals: [Proposal], holdSince: Double?) -> Decision {
    let components = Dictionary(
      uniqueKeysWithValues: proposals.map { ($0.component, ComponentDecision($0, input)) })
    let changes = components.values.contains { $0.isChange }
    let isHeld = components.values.contains { $0.isHeld }
    let sizingWarnings = proposals.flatMap { proposal in
      (proposal.need.sizing?.warnings ?? []).map { "\(proposal.component.rawValue): \($0)." }
    }
    return Decision(
      time: input.time, mode: policy.mode,
      status: changes ? .pending : isHeld ? .held : .unchanged,
      observed: input.traffic?.newest.observation,
      attainment: LatencyAttainment(
        input.traffic?.newest.observation, targets: policy.targets),
      forecast: input.traffic?.forecast, slowdown: slowdown, components: components,
      gpus: gpuChange(components), gpusPerReplica: GPUBudget(policy).gpusPerReplica,
      holdSeconds: holdSince.map { max(0, input.time - $0) },
      warnings: doubts + learned + input.warnings + abandoned(proposals) + sizingWarnings,
      controls: input.controls)
  }

  private func abandoned(_ proposals: [Proposal]) -> [String] {
    proposals.compactMap { proposal in
      guard let count = proposal.counts.abandoned else { return nil }
      return
        "\(count) of \(proposal.counts.asked ?? 0) \(proposal.component.rawValue) workers can't start or took more than three times the longest start-up seen, and are given up (start-abandoned). Look for pods that are pending or crash, and for nodes without room."
    }
  }

  /// Why profile or targets can't be what was meant; first among the warnings, for nothing that
  /// rests on them means much.
  private var doubts: [String] {
    guard policy.throughput != nil, let profile else { return [] }
    return profile.unitFaults
      + profile.targetFaults(
        ttftMilliseconds: policy.targets.ttftMilliseconds,
        itlMilliseconds: policy.targets.itlMilliseconds)
  }

  /// What a person should know of engines that no profile tells of.
  private var learned: [String] {
    guard profile == nil, let engine = input.traffic?.engine else { return [] }
    return [engine.sentence]
  }

  private func gpuChange(_ components: [Component: ComponentDecision]) -> GPUChange {
    let budget = GPUBudget(policy)
    let before = components.compactMapValues { $0.current ?? $0.asked }
    let after = components.compactMapValues(\.final)
    return GPUChange(
      before: before.count == components.count ? budget.gpusHeld(by: before) : nil,
      after: after.count == components.count ? budget.gpusHeld(by: after) : nil,
      budget: policy.gpuBudget)
  }
}
