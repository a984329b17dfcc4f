import EngineProfiles
import Forecasting

/// Makes one decision. A pure function of its input and the profile: no clock, no I/O.
public struct DecisionRule: Sendable {
  let input: DecisionInput
  let profile: EngineProfile?
  var policy: PlanningPolicy { input.policy }

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
    fallBack(&components, since: holdSince, budget: budget)
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
    guard let newest = traffic.newest.observation, let forecast = traffic.forecast else {
      return nil
    }
    guard let profile else { throw .profileMissing(policy.mode.components[0]) }
    switch throughput.sizing {
    case .capacity:
      return try CapacitySizing(
        policy: policy, intervalSeconds: throughput.intervalSeconds, correction: correction
      ).size(forecast, profile: profile)
    case .sla(let sla):
      return try SLASizing(
        policy: policy, sla: sla, intervalSeconds: throughput.intervalSeconds,
        calibration: correction, headroom: traffic.headroom ?? [:]
      ).size(
        forecast, newest: newest, indexOfDispersion: traffic.indexOfDispersion, profile: profile)
    }
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
      growInFlight(&decision)
      return decision
    }
    decision.load = loadCount(verdict, counts)
    if policy.load == nil {
      decision.desired = sizing?.replicas ?? base
    } else if base == nil, decision.reasons.load == .workersUnknown {
      // What runs is known from the router alone; the floor might be far below it.
      decision.desired = nil
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

  /// Lets a component that holds the targets by its size grow although workers of an earlier order
  /// are still starting: by what arrives, without what waits, which those workers are there for.
  private func growInFlight(_ decision: inout ComponentDecision) {
    guard input.deployment.mayGrow == true, let base = decision.asked ?? decision.current,
      let needed = decision.sizing?.sla?.replicasWithoutBacklog, needed > base
    else { return }
    decision.desired = needed
    decision.final = needed
    decision.reasons.throughput = .scaleUp
    decision.isHeld = false
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
    guard let sizing else {
      return (input.traffic?.newest.observation?.requestCount ?? 0) > 0
        ? .lengthsUnknown : .noTrafficYet
    }
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
    case .up:
      let most = max(current, counts.asked ?? 0)
      return verdict.wanted.map { max($0, most) } ?? most + 1
    case .down: return max(0, current - 1)
    case .none: return verdict.reason == .noChange ? counts.asked ?? current : nil
    }
  }

  /// With both modes on, a scale-down needs a floor to stop at: without one, and with unknown
  /// traffic, it would rest on missing data.
  private func withholdUnfoundedScaleDown(_ decision: inout ComponentDecision, base: Int?) {
    guard policy.throughput != nil, decision.floor == nil,
      [.trafficUnknown, .lengthsUnknown].contains(decision.reasons.throughput),
      let load = decision.load, let base, load < base
    else { return }
    decision.load = nil
    decision.reasons.load = .floorUnknown
  }

  private func lacksData(_ decision: ComponentDecision) -> Bool {
    [.trafficUnknown, .lengthsUnknown].contains(decision.reasons.throughput)
      || [.workersUnknown, .floorUnknown].contains(decision.reasons.load)
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
      forecast: input.traffic?.forecast, correction: correction, components: components,
      gpus: gpuChange(components), gpusPerReplica: budget.gpusPerReplica,
      holdSeconds: holdSince.map { max(0, input.time - $0) },
      warnings: warnings)
  }

  /// The factors that were used; 1 where corrections are off.
  private var correction: CorrectionFactors {
    guard policy.throughput?.usesCorrection == true, let traffic = input.traffic else {
      return CorrectionFactors()
    }
    return traffic.correction
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
