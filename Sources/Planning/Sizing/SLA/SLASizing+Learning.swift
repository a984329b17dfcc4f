import EngineProfiles
import Forecasting

/// What the rule learns from the interval that just ended.
extension SLASizing: Sizing {
  /// Demand is what arrives, and a deployment is left alone until its traffic has been seen. What the
  /// last minutes needed may come again before a replica that goes now could be back: 300 s. The
  /// forecast wavers by a tenth, and each replica that goes takes its caches along, so a smaller loss
  /// is none.
  public static let traits = SizingTraits(
    countsArrivals: true, keepsWhatItFinds: true, catchesUpByLoad: true, correctsBesideLoad: true,
    stepSeconds: 15, stabilizationSeconds: 300, smallestScaleDownShare: 0.1)

  /// Learns the dispersion of the arrivals, and how slow the engines were.
  public func learn(_ moment: SizingMoment, into state: inout SizingState) {
    let newest = moment.newest
    state.bySLA.learnDispersion(newest)
    let ready = moment.counts.compactMapValues(\.ready)
    learnEngine([TrafficStep(newest, seconds: intervalSeconds)], ready, moment.profile, &state)
    defer { state.bySLA.ready.merge(ready) { $1 } }
    guard let came = demand(asForecast: newest, state.bySLA.indexOfDispersion) else { return }
    guard policy.throughput?.usesCorrection == true, let plan = moment.plan,
      let profile = moment.profile
    else { return }
    // What was not ready when the interval began served only a part of it.
    let served = ready.reduce(into: ready) { served, component in
      served[component.key] = min(component.value, state.bySLA.ready[component.key] ?? .max)
    }
    let short = short(of: plan, moment.counts, served)
    let cachedShare = newest.cacheHitRate ?? 0
    rule(state.bySLA, cachedShare).learnLevels(
      newest, came, served: served, short: short, profile, into: &state.bySLA)
    state.bySLA.learn(
      newest,
      hindsight: SLAHindsight(
        shares: rule(state.bySLA, cachedShare).shares(came.withoutBacklog, ready: served, profile),
        short: short, hasBacklog: came.hasBacklog),
      quantile: risk.share, targets: policy.targets, intervalSeconds: intervalSeconds)
  }

  /// The rule with the slowdown that is known by now.
  private func rule(_ state: SLASizingState, _ cachedShare: Double) -> SLASizing {
    SLASizing(
      policy: policy, sla: sla, intervalSeconds: intervalSeconds,
      slowdown: state.effectiveSlowdown, cachedShare: cachedShare)
  }

  /// Compares latencies with the profile of separate engines, where all replicas served a whole
  /// interval without a backlog.
  private func learnLevels(
    _ newest: TrafficObservation, _ came: TrafficDemand, served: [Component: Int],
    short: Set<Component>, _ profile: EngineProfile, into state: inout SLASizingState
  ) {
    let completed = newest.requestCount
    let arrived = newest.arrivals?.count ?? completed
    // Requests that come or go faster than they are served: the interval is not of one load.
    guard policy.mode != .agg, !came.hasBacklog, completed >= SLASizingState.fewestRequests,
      abs(arrived - completed) < 0.2 * completed
    else { return }
    let seconds = Double(max(1, intervalSeconds))
    if let ttft = newest.ttftMilliseconds, let curve = profile.prefill,
      let replicas = served[.prefill], replicas > 0, !short.contains(.prefill),
      let ratio = prefillSlowdown(came, curve, ttftMilliseconds: ttft, replicas: replicas)
    {
      state.learnLevel(ratio, of: .prefill, seconds: seconds)
    }
    if let itl = newest.itlMilliseconds, let osl = newest.osl, let surface = profile.decode,
      let replicas = served[.decode], replicas > 0, !short.contains(.decode),
      let ratio = decodeLoad(came, surface).ratio(
        tokensPerSecond: completed * osl / seconds / Double(replicas), itlMilliseconds: itl,
        replicas: replicas)
    {
      state.learnLevel(ratio, of: .decode, seconds: seconds)
    }
  }

  /// Components of which replicas that were planned and asked for did not serve.
  private func short(
    of plan: ThroughputPlan, _ counts: [Component: DeploymentPosition.Counts],
    _ served: [Component: Int]
  ) -> Set<Component> {
    Set(
      policy.mode.components.filter { component in
        let planned = plan.replicas[component] ?? 0
        let asked = counts[component]?.asked ?? planned
        return served[component] ?? 0 < min(planned, asked)
      })
  }

  /// Learns what work came, and plans for what will.
  public func learn(_ moment: DemandMoment, into state: inout SizingState) {
    state.bySLA.startUp.observe(moment.counts, at: moment.time)
    guard let newest = moment.steps.last else { return }
    for step in moment.steps where step.observation.cacheHitRate != nil {
      state.bySLA.cache = state.bySLA.cache ?? CacheLearning()
      state.bySLA.cache?.observe(step.observation.cacheHitRate)
    }
    learnEngine(
      moment.steps, moment.counts.compactMapValues(\.ready), moment.profile, &state)
    let startUp =
      moment.startUpSeconds > 0
      ? moment.startUpSeconds
      : Int((state.bySLA.startUp.longest ?? StartUpTimes.assumedSeconds).rounded(.up))
    // Until the next decision nothing can be ordered: that often come steps.
    let pace = newest.observation.intervalEnd - (state.bySLA.demand.lastEnd ?? .min / 2)
    var predicted: [Component: Double] = [:]
    if let forecast = moment.forecast {
      let rate = forecast.requestCount / Double(max(1, intervalSeconds))
      predicted = [.prefill: rate * forecast.isl, .decode: rate * forecast.osl]
    }
    for step in moment.steps {
      let wait = min(max(step.seconds, pace), max(step.seconds, intervalSeconds))
      state.bySLA.demand.observe(
        step, leadSeconds: startUp + wait, share: sla.quantile, predicted: predicted)
    }
  }

  /// The newest that the demand has learned.
  public func newestStepEnd(_ state: SizingState) -> Int? { state.bySLA.demand.lastEnd }

  /// The engines' slowdown, the arrivals' dispersion, and the headroom that the past asks for.
  public func knowledge(_ state: SizingState) -> SizingKnowledge {
    var headroom: [Component: DemandHeadroom] = [:]
    for component in policy.mode.workComponents {
      guard let outlook = state.bySLA.demand.outlook(component) else { continue }
      headroom[component] = DemandHeadroom(
        outlook, meanLength: state.bySLA.demand.meanLength(component))
    }
    var knowledge = SizingKnowledge(
      slowdown: state.bySLA.effectiveSlowdown, indexOfDispersion: state.bySLA.indexOfDispersion,
      headroom: headroom, startUpSeconds: state.bySLA.startUp.longest,
      engine: learnedEngine(state), cachedShare: state.bySLA.cache?.cautious)
    knowledge.abandoned = Dictionary(
      uniqueKeysWithValues: policy.mode.components.map {
        ($0, state.bySLA.startUp.abandoned($0))
      })
    knowledge.contradictions =
      state.bySLA.engine?.contradictions(isAggregated: policy.mode == .agg) ?? []
    return knowledge
  }

  /// Replicas of each component of the mode for `forecast`.
  public func size(
    _ forecast: TrafficForecast, newest: TrafficObservation, knowledge: SizingKnowledge,
    profile: EngineProfile
  ) throws(PlanningError) -> [Component: ReplicaSizing] {
    try SLASizing(
      policy: policy, sla: sla, intervalSeconds: intervalSeconds, slowdown: knowledge.slowdown,
      headroom: knowledge.headroom ?? [:], cachedShare: knowledge.cachedShare ?? 0
    ).size(
      forecast, newest: newest, indexOfDispersion: knowledge.indexOfDispersion, profile: profile)
  }

  /// The traffic that came, as if just that had been forecast; nil when its lengths are unknown.
  private func demand(
    asForecast newest: TrafficObservation, _ indexOfDispersion: Double?
  ) -> TrafficDemand? {
    guard let isl = newest.isl, let osl = newest.osl else { return nil }
    let came = TrafficForecast(
      predictor: .constant, requestCount: newest.arrivals?.count ?? newest.requestCount, isl: isl,
      osl: osl)
    return demand(came, newest: newest, indexOfDispersion: indexOfDispersion)
  }

  private func shares(
    _ came: TrafficDemand, ready: [Component: Int], _ profile: EngineProfile
  ) -> [Component: Double] {
    if policy.mode == .agg { return aggregatedShares(came, ready, profile) }
    var shares: [Component: Double] = [:]
    for component in policy.mode.components {
      guard let count = ready[component], count > 0 else { continue }
      shares[component] = share(of: component, came, count, profile)
    }
    return shares
  }

  /// Of aggregated workers: what is within TTFT stands for prefill, what is within ITL for decode.
  private func aggregatedShares(
    _ came: TrafficDemand, _ ready: [Component: Int], _ profile: EngineProfile
  ) -> [Component: Double] {
    guard let count = ready[.decode], count > 0, let curve = profile.prefill,
      let surface = profile.decode
    else { return [:] }
    let point = aggregatedLoad(came, curve, surface).point(count)
    return [.prefill: point?.ttftAttainment ?? 0, .decode: point?.itlAttainment ?? 0]
  }

  /// Share of the requests within the component's target with `count` replicas; nil where an engine
  /// with hardly any load misses the ITL target.
  private func share(
    of component: Component, _ demand: TrafficDemand, _ count: Int, _ profile: EngineProfile
  ) -> Double? {
    switch component {
    case .prefill:
      guard let curve = profile.prefill else { return nil }
      let work = prefillQueue(demand, curve)
      return work.attainment(work.queue(count), within: work.target)
    case .decode:
      guard let surface = profile.decode else { return nil }
      let work = decodeLoad(demand, surface)
      guard work.meetsTarget else { return nil }
      return work.concurrency(count).map { work.attainment(mean: $0, replicas: count) } ?? 0
    }
  }
}
