import EngineProfiles
import Forecasting

/// Makes one decision. A pure function of its input and the profile: no clock, no I/O.
public struct DecisionRule: Sendable {
  let input: DecisionInput
  let profile: EngineProfile?
  private var policy: PlanningPolicy { input.policy }

  /// Creates the rule.
  ///
  /// - Parameter profile: the engine's profile; needed when throughput-based scaling is on.
  public init(_ input: DecisionInput, profile: EngineProfile?) {
    self.input = input
    self.profile = profile
  }

  /// The decision, and what it leaves for the next one.
  ///
  /// In order: throughput result (or the last floor), load result, the larger of the two and of
  /// the minimum, GPU budget, damping, hold. Its status is `pending` when something is to be
  /// changed, else `unchanged` or `held`.
  ///
  /// - Throws: ``PlanningError`` when settings and deployment contradict each other.
  public func decide() throws(PlanningError) -> (decision: Decision, memory: DecisionMemory) {
    let budget = GPUBudget(policy)
    _ = try budget.limit([:])
    let sizings = try throughputSizings()
    let plan = newPlan(sizings) ?? input.memory.plan

    var components: [Component: ComponentDecision] = [:]
    for component in policy.mode.components {
      components[component] = wanted(component, sizing: sizings?[component], plan: plan)
    }
    let recommendations = recommended(components)
    try settle(&components, budget: budget, recommendations: recommendations)

    let isHeld = components.values.contains { $0.isHeld }
    let holdSince = isHeld ? input.memory.holdSince ?? input.time : nil
    try fallBack(&components, since: holdSince, budget: budget)
    for component in policy.mode.components {
      guard let explained = components[component] else { continue }
      components[component]?.explanation = Explanation(component, explained, input).sentence
    }
    let decision = decision(components, holdSince: holdSince, sizings: sizings)
    let memory = DecisionMemory(
      plan: plan, recommendations: recommendations, holdSince: holdSince)
    return (decision, memory)
  }

  // MARK: Throughput

  private func throughputSizings() throws(PlanningError) -> [Component: ReplicaSizing]? {
    guard let throughput = policy.throughput, let traffic = input.traffic else { return nil }
    guard traffic.newest.observation != nil, let forecast = traffic.forecast else { return nil }
    guard let profile else { throw .profileMissing(policy.mode.components[0]) }
    return try CapacitySizing(
      policy: policy, intervalSeconds: throughput.intervalSeconds,
      correction: throughput.usesCorrection ? traffic.correction : CorrectionFactors()
    ).size(forecast, profile: profile)
  }

  private func newPlan(_ sizings: [Component: ReplicaSizing]?) -> ThroughputPlan? {
    guard let sizings, let traffic = input.traffic else { return nil }
    return ThroughputPlan(
      intervalEnd: traffic.newest.intervalEnd, replicas: sizings.mapValues(\.replicas))
  }

  // MARK: One component

  /// What is wanted of `component`, before budget and damping.
  private func wanted(
    _ component: Component, sizing: ReplicaSizing?, plan: ThroughputPlan?
  ) -> ComponentDecision {
    let counts =
      input.deployment.counts[component] ?? .init(current: nil, asked: nil, ready: nil)
    let verdict = loadVerdict(component, counts)
    let floor = policy.throughput == nil ? nil : plan?.replicas[component]
    var decision = ComponentDecision(
      current: counts.current, asked: counts.asked, ready: counts.ready,
      throughput: sizing?.replicas, load: nil, floor: floor, desired: nil, final: nil,
      reasons: DecisionReasons(
        throughput: throughputReason(sizing, counts), load: loadReason(verdict),
        budget: policy.gpuBudget == nil ? .unlimited : .withinBudget),
      sizing: sizing, verdict: verdict, isHeld: false, explanation: "")
    let base = counts.asked ?? counts.current
    guard input.deployment.inProgress == nil else {
      decision.final = base
      decision.isHeld = true
      return decision
    }
    decision.load = loadCount(verdict, counts)
    if policy.load == nil {
      decision.desired = sizing?.replicas ?? base
    } else {
      withholdUnfoundedScaleDown(&decision, base: base)
      decision.desired = decision.load ?? base
      if let floor { decision.desired = max(decision.desired ?? 0, floor) }
    }
    let lacksData = lacksData(decision)
    if !(lacksData && decision.desired == base) {
      decision.desired = decision.desired.map { max($0, policy.minimumReplicas) }
    }
    decision.final = decision.desired
    decision.isHeld = lacksData && !decision.isChange
    return decision
  }

  private func loadVerdict(
    _ component: Component, _ counts: DeploymentPosition.Counts
  ) -> LoadVerdict? {
    guard let load = policy.load, let workers = input.workers, workers.failure == nil,
      !workers.samples.isEmpty
    else { return nil }
    return LoadRule(mode: policy.mode, targets: policy.targets, policy: load).verdict(
      for: component, samples: workers.samples, memory: workers.memory,
      ready: counts.ready ?? counts.current ?? 0)
  }

  private func throughputReason(
    _ sizing: ReplicaSizing?, _ counts: DeploymentPosition.Counts
  ) -> ThroughputReason {
    guard policy.throughput != nil else { return .disabled }
    guard input.deployment.inProgress == nil else { return .scalingInProgress }
    guard input.traffic?.newest.observation != nil else { return .trafficUnknown }
    guard let sizing else { return .noTrafficYet }
    guard let current = counts.asked ?? counts.current else { return .scaleUp }
    return sizing.replicas > current
      ? .scaleUp : sizing.replicas < current ? .scaleDown : .noChange
  }

  private func loadReason(_ verdict: LoadVerdict?) -> LoadReason {
    guard policy.load != nil else { return .disabled }
    guard input.deployment.inProgress == nil else { return .scalingInProgress }
    return verdict?.reason ?? .workersUnknown
  }

  /// The count that the load asks for; nil when the load says nothing. "No change" keeps what was
  /// asked for, so that a worker that the router has lost never lowers the order.
  private func loadCount(
    _ verdict: LoadVerdict?, _ counts: DeploymentPosition.Counts
  ) -> Int? {
    guard let verdict, let current = counts.current else { return nil }
    switch verdict.direction {
    case .up: return max(verdict.wanted ?? current + 1, counts.asked ?? 0)
    case .down: return max(0, current - 1)
    case .none: return verdict.reason == .noChange ? counts.asked ?? current : nil
    }
  }

  /// With both modes on, a scale-down needs a floor to stop at: without one, and with unknown
  /// traffic, it would rest on missing data.
  private func withholdUnfoundedScaleDown(_ decision: inout ComponentDecision, base: Int?) {
    guard policy.throughput != nil, decision.floor == nil,
      decision.reasons.throughput == .trafficUnknown, let load = decision.load, let base,
      load < base
    else { return }
    decision.load = nil
    decision.reasons.load = .floorUnknown
  }

  private func lacksData(_ decision: ComponentDecision) -> Bool {
    decision.reasons.throughput == .trafficUnknown
      || [.workersUnknown, .floorUnknown].contains(decision.reasons.load)
  }

  // MARK: Budget, damping, hold

  private func recommended(_ components: [Component: ComponentDecision]) -> [Recommendation] {
    let window = policy.damping.scaleDownStabilizationSeconds
    guard window > 0 else { return [] }
    let now = Recommendation(time: input.time, replicas: components.compactMapValues(\.desired))
    return input.memory.recommendations.filter {
      $0.time > input.time - window && $0.time < input.time
    } + [now]
  }

  private func settle(
    _ components: inout [Component: ComponentDecision], budget: GPUBudget,
    recommendations: [Recommendation]
  ) throws(PlanningError) {
    guard input.deployment.inProgress == nil else { return }
    let limiter = ChangeLimiter(
      damping: policy.damping, recommendations: recommendations)
    try limitToBudget(&components, budget)
    for (component, decision) in components {
      guard !decision.isHeld, let final = decision.final else { continue }
      components[component]?.final = limiter.limit(
        final, from: decision.asked ?? decision.current, component: component)
    }
    try limitToBudget(&components, budget)
  }

  /// Cuts the final counts to the budget; a component that is held keeps its count, and one whose
  /// count is unknown is assumed to hold the minimum.
  private func limitToBudget(
    _ components: inout [Component: ComponentDecision], _ budget: GPUBudget
  ) throws(PlanningError) {
    let wanted = components.mapValues { $0.final ?? policy.minimumReplicas }
    let limited = try budget.limit(wanted.mapValues { max($0, policy.minimumReplicas) })
    for (component, decision) in components {
      guard !decision.isHeld, let final = decision.final, let cut = limited[component],
        cut < final
      else { continue }
      components[component]?.final = cut
      components[component]?.reasons.budget = .limited
    }
  }

  /// Lets the fallback act when a hold has lasted longer than its limit. It never lowers a count.
  private func fallBack(
    _ components: inout [Component: ComponentDecision], since: Double?, budget: GPUBudget
  ) throws(PlanningError) {
    guard policy.hold.limitSeconds > 0, let since, input.time - since >= policy.hold.limitSeconds
    else { return }
    var raised = false
    for (component, decision) in components {
      guard decision.isHeld, let fallback = policy.hold.fallback[component],
        fallback > decision.final ?? 0
      else { continue }
      components[component]?.final = fallback
      components[component]?.desired = fallback
      components[component]?.reasons.throughput = .holdFallback
      components[component]?.isHeld = false
      raised = true
    }
    if raised { try limitToBudget(&components, budget) }
  }

  // MARK: The whole

  private func decision(
    _ components: [Component: ComponentDecision], holdSince: Double?,
    sizings: [Component: ReplicaSizing]?
  ) -> Decision {
    let changes = components.values.contains { $0.isChange }
    let isHeld = components.values.contains { $0.isHeld }
    let status: DecisionStatus = changes ? .pending : isHeld ? .held : .unchanged
    var warnings = input.warnings
    for component in policy.mode.components {
      warnings += (sizings?[component]?.warnings ?? []).map { "\(component.rawValue): \($0)." }
    }
    let budget = GPUBudget(policy)
    return Decision(
      time: input.time, mode: policy.mode, status: status,
      observed: input.traffic?.newest.observation,
      attainment: LatencyAttainment(
        input.traffic?.newest.observation, targets: policy.targets),
      forecast: input.traffic?.forecast,
      correction: input.traffic?.correction ?? CorrectionFactors(), components: components,
      gpus: gpuChange(components), gpusPerReplica: budget.gpusPerReplica,
      holdSeconds: holdSince.map { max(0, input.time - $0) },
      warnings: warnings)
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
