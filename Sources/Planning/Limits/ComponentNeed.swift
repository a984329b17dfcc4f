/// Works out what traffic and load need of a component.
struct ComponentNeed {
  let input: DecisionInput
  private var policy: PlanningPolicy { input.policy }

  init(_ input: DecisionInput) { self.input = input }

  /// What is needed of `component`, as a proposal that nothing has limited yet.
  func proposal(
    _ component: Component, sizing: ReplicaSizing?, plan: ThroughputPlan?
  ) -> Proposal {
    let counts = input.deployment.counts[component] ?? .init()
    let verdict = loadVerdict(component, counts)
    var need = Need(
      load: nil, floor: policy.throughput == nil ? nil : plan?.replicas[component],
      sizing: sizing, verdict: verdict, throughputReason: throughputReason(sizing, counts),
      loadReason: loadReason(verdict))
    let base = counts.asked ?? counts.current
    guard input.deployment.readiness.isReady else { return Proposal(component, counts, need, base) }
    need.load = loadCount(verdict, counts)
    if policy.load == nil {
      return Proposal(component, counts, need, sizing?.replicas ?? base)
    }
    if let planned = correctedPlan(need) {
      return Proposal(component, counts, need, planned)
    }
    withholdUnfoundedScaleDown(&need, base: base)
    return Proposal(component, counts, need, need.load ?? base)
  }

  /// Both modes as one plan: where the traffic is known the load may raise what is planned for it, and
  /// going down follows the plan at once. Nil where the load can't be told, or where the rule leaves
  /// everything above the floor to it.
  private func correctedPlan(_ need: Need) -> Int? {
    guard policy.throughput?.sizing.traits.catchesUpByLoad == true,
      let planned = need.sizing?.replicas, let verdict = need.verdict, !need.lacksData,
      ![.noWorkers, .workerCountMismatch].contains(verdict.reason)
    else { return nil }
    return verdict.direction == .up ? max(planned, need.load ?? planned) : planned
  }

  private func loadVerdict(
    _ component: Component, _ counts: DeploymentPosition.Counts
  ) -> LoadVerdict? {
    guard let load = policy.load, let workers = input.workers, workers.failure == nil,
      !workers.samples.isEmpty
    else { return nil }
    if let target = load.target, let newest = workers.samples.last {
      return ThresholdRule(mode: policy.mode, target: target, limits: policy.engineLimits).verdict(
        for: component, sample: newest, ready: counts.ready ?? counts.current ?? 0)
    }
    return LoadRule(mode: policy.mode, targets: policy.targets, policy: load).verdict(
      for: component, samples: workers.samples, state: workers.state,
      ready: counts.ready ?? counts.current ?? 0)
  }

  private func throughputReason(
    _ sizing: ReplicaSizing?, _ counts: DeploymentPosition.Counts
  ) -> ThroughputReason {
    guard policy.throughput != nil else { return .disabled }
    guard input.deployment.readiness.isReady else { return .scalingInProgress }
    guard let newest = input.traffic?.newest.observation else { return .trafficUnknown }
    guard let sizing else { return newest.requestCount > 0 ? .lengthsUnknown : .noTrafficYet }
    guard let current = counts.asked ?? counts.current else { return .scaleUp }
    return sizing.replicas > current
      ? .scaleUp : sizing.replicas < current ? .scaleDown : .noChange
  }

  private func loadReason(_ verdict: LoadVerdict?) -> LoadReason {
    guard policy.load != nil else { return .disabled }
    guard input.deployment.readiness.isReady else { return .scalingInProgress }
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
  private func withholdUnfoundedScaleDown(_ need: inout Need, base: Int?) {
    guard policy.throughput != nil, need.floor == nil,
      [.trafficUnknown, .lengthsUnknown].contains(need.throughputReason),
      let load = need.load, let base, load < base
    else { return }
    need.load = nil
    need.loadReason = .floorUnknown
  }
}
