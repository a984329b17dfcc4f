import EngineProfiles
import Forecasting
import Presentation

/// Sizing that holds the targets (`--sizing sla`): the fewest replicas with which a share of the
/// requests meets TTFT and ITL, by queueing for prefill and by concurrency for decode.
public struct SLASizing: Sendable {
  let policy: PlanningPolicy
  let sla: SLASizingPolicy
  let intervalSeconds: Int
  let slowdown: EngineSlowdown
  let headroom: [Component: DemandHeadroom]
  /// Share of the prompt tokens that caches are counted on to hold: no work, but room in the KV cache.
  let cachedShare: Double

  /// Load of the busiest decode workers over the mean under a least-loaded router whose view is a
  /// moment old and which also looks at cached prefixes.
  public static let assumedImbalance = 1.1

  /// Share of the requests that a component may miss its target for, and what becomes of it.
  var risk: SLARisk { SLARisk(quantile: sla.quantile, components: policy.mode.components.count) }

  /// Creates the rule.
  ///
  /// - Parameters:
  ///   - slowdown: how many times as slow as profiled engines are.
  ///   - headroom: how much more than the forecast is planned for; a component that is missing
  ///     is planned for its forecast alone.
  public init(
    policy: PlanningPolicy, sla: SLASizingPolicy, intervalSeconds: Int,
    slowdown: EngineSlowdown = EngineSlowdown(),
    headroom: [Component: DemandHeadroom] = [:], cachedShare: Double = 0
  ) {
    self.cachedShare = min(max(cachedShare, 0), 0.95)
    self.policy = policy
    self.sla = sla
    self.intervalSeconds = intervalSeconds
    self.slowdown = slowdown
    self.headroom = headroom
  }

  /// Replicas of each component of the mode.
  ///
  /// - Parameters:
  ///   - newest: the interval that just ended, for the spread of lengths and for what waits.
  ///   - indexOfDispersion: variance over mean of the arrivals; nil when it is unknown.
  /// - Throws: ``PlanningError/profileMissing(_:)`` when the profile lacks a part that is needed.
  public func size(
    _ forecast: TrafficForecast, newest: TrafficObservation?, indexOfDispersion: Double? = nil,
    profile: EngineProfile
  ) throws(PlanningError) -> [Component: ReplicaSizing] {
    let demand = demand(forecast, newest: newest, indexOfDispersion: indexOfDispersion)
    var sizings: [Component: ReplicaSizing] = [:]
    if policy.mode == .agg {
      guard let curve = profile.prefill else { throw .profileMissing(.prefill) }
      guard let surface = profile.decode else { throw .profileMissing(.decode) }
      return [.decode: sizeAggregated(demand, curve, surface)]
    }
    for component in policy.mode.components {
      switch component {
      case .prefill:
        guard let curve = profile.prefill else { throw .profileMissing(.prefill) }
        sizings[.prefill] = sizePrefill(demand, curve)
      case .decode:
        guard let surface = profile.decode else { throw .profileMissing(.decode) }
        sizings[.decode] = sizeDecode(demand, surface)
      }
    }
    return sizings
  }

  func demand(
    _ forecast: TrafficForecast, newest: TrafficObservation?, indexOfDispersion: Double?
  ) -> TrafficDemand {
    var forecast = forecast
    // Lengths are those of the last half minute: a shift from chat to code is no forecast's affair.
    forecast.isl = headroom[.prefill]?.meanLength ?? forecast.isl
    forecast.osl = headroom[.decode]?.meanLength ?? forecast.osl
    return TrafficDemand(
      forecast, newest: newest, indexOfDispersion: indexOfDispersion,
      intervalSeconds: intervalSeconds, targets: policy.targets, cachedShare: cachedShare)
  }

  /// The two cases that a component is sized for.
  enum Case {
    /// The forecast, in which the whole share is to meet the target.
    case forecast
    /// More than the forecast, as far as it is left room for.
    case headroom
  }

  /// Requests a second; aggregated workers have to be enough for the work of both components.
  func rate(of component: Component, _ demand: TrafficDemand, _ case: Case) -> Double {
    guard policy.mode == .agg else { return ownRate(of: component, demand, `case`) }
    return max(ownRate(of: .prefill, demand, `case`), ownRate(of: .decode, demand, `case`))
  }

  private func ownRate(
    of component: Component, _ demand: TrafficDemand, _ case: Case
  ) -> Double {
    guard let headroom = headroom[component] else {
      return demand.rate(of: component, headroom: 1, drainSeconds: sla.backlogDrainSeconds)
    }
    guard let outlook = headroom.outlook else {
      return demand.rate(
        of: component, headroom: `case` == .headroom ? headroom.factor : 1,
        drainSeconds: sla.backlogDrainSeconds)
    }
    let work = `case` == .headroom ? max(outlook.planned, outlook.forecast) : outlook.forecast
    let length = component == .prefill ? demand.isl : demand.osl
    return length > 0
      ? work / length + demand.waiting(for: component) / sla.backlogDrainSeconds : 0
  }

  func quantile(_ case: Case) -> Double {
    `case` == .headroom ? risk.shareWithHeadroom : risk.share
  }

  // MARK: Prefill

  func sizePrefill(_ demand: TrafficDemand, _ curve: PrefillCurve) -> ReplicaSizing {
    let gpus = policy.gpus(of: .prefill)
    let plan = plan(.prefill, demand, prefillQueue(demand, curve))
    let work = plan.work
    let load = work.offeredLoad
    let replicas = max(plan.fewest, policy.minimum(of: .prefill))
    let queue = work.queue(replicas)
    var sizing = ReplicaSizing(
      replicas: replicas, demandTokensPerSecond: work.rate * demand.isl,
      throughputPerGPU: demand.isl / work.service.mean / Double(gpus), gpusPerReplica: gpus,
      exactReplicas: load, tokens: demand.isl, slowdown: slowdown.prefill,
      expectedLatencyMilliseconds: finiteMilliseconds(queue.meanWait + work.meanUnqueued))
    var expectation = expectation(
      .prefill, plan, backlog: demand.waiting(for: .prefill), replicas: replicas,
      arithmetic: .queue(
        SizingExpectation.Queue(
          delayProbability: queue.delayProbability,
          waitMilliseconds: finiteMilliseconds(queue.waitQuantile(work.quantile))))
    ) { count in
      let queue = work.queue(count)
      return SizingExpectation.Outlook(
        replicas: count, attainment: work.attainment(queue, within: work.target),
        utilisation: load / Double(count),
        latencyMilliseconds: work.ttftQuantile(queue, work.quantile).map { $0 * 1000 })
    }
    if expectation.outlook.attainment < work.quantile { expectation.bound = .idleEngine }
    if expectation.bound == .idleEngine || work.reachable < risk.share {
      sizing.warnings.append(unreachable(work, expectation.bound))
    }
    sizing.expectation = expectation
    sizing.warnIfOutside(curve.islRange, demand.isl, "the forecast ISL")
    return sizing
  }

  func prefillQueue(_ demand: TrafficDemand, _ curve: PrefillCurve) -> PrefillQueue {
    PrefillQueue(
      demand, rate: rate(of: .prefill, demand, .forecast), curve: curve,
      gpus: policy.gpus(of: .prefill), slowdown: slowdown.prefill,
      targetMilliseconds: policy.targets.ttftMilliseconds, quantile: quantile(.forecast))
  }

  private func unreachable(_ work: PrefillQueue, _ bound: SizingExpectation.Bound) -> String {
    let sized =
      bound == .idleEngine
      ? "sized so that \(Numbers.percent(work.quantile)) don't wait at all, because " : ""
    return
      "\(Numbers.percent(1 - work.reachable)) of the prompts take longer than the TTFT target of \(milliseconds(policy.targets.ttftMilliseconds)) even on an idle engine; \(sized)more replicas can't help them"
  }

  // MARK: Decode

  func sizeDecode(_ demand: TrafficDemand, _ surface: DecodeSurface) -> ReplicaSizing {
    let gpus = policy.gpus(of: .decode)
    let plan = plan(.decode, demand, decodeLoad(demand, surface))
    let work = plan.work
    let replicas = max(plan.fewest, policy.minimum(of: .decode))
    let mean = work.concurrency(replicas)
    var sizing = ReplicaSizing(
      replicas: replicas, demandTokensPerSecond: work.demand,
      throughputPerGPU: work.throughput(replicas) / Double(gpus), gpusPerReplica: gpus,
      exactReplicas: work.demand > 0 ? work.demand / work.throughput(replicas) : 0,
      tokens: work.context,
      slowdown: slowdown.decode,
      expectedLatencyMilliseconds: mean.map { work.seenITL(mean: $0, replicas: replicas) },
      concurrency: mean)
    var expectation = expectation(
      .decode, plan, backlog: demand.waiting(for: .decode), replicas: replicas,
      arithmetic: .concurrency(
        SizingExpectation.Concurrency(
          mean: mean, peak: mean.map { work.peak(mean: $0, replicas: replicas) },
          limit: work.limit, isKVBound: work.isKVBound))
    ) { count in
      let mean = work.concurrency(count)
      return SizingExpectation.Outlook(
        replicas: count,
        attainment: mean.map { work.attainment(mean: $0, replicas: count) } ?? 0,
        utilisation: (mean ?? work.limit * 2) / work.limit,
        latencyMilliseconds: mean.map { work.itl(work.peak(mean: $0, replicas: count)) })
    }
    if expectation.bound == .latency, work.isKVBound { expectation.bound = .kvCache }
    if work.isBatchBound, expectation.bound == .latency {
      sizing.warnings.append(
        "the workers state that a batch holds no more than \(Phrase.number(work.limit, digits: 0)) sequences (max_num_seqs), which binds before the ITL target and the KV cache do"
      )
    }
    if !work.meetsTarget {
      expectation.bound = .idleEngine
      sizing.warnings.append(
        "the ITL target of \(milliseconds(policy.targets.itlMilliseconds)) is too close to what an idle engine takes at a context of \(tokens(work.context)) tokens, \(milliseconds(work.itl(1))); sized for \(Phrase.number(work.limit, digits: 1)) sequences a replica, because more replicas can't help"
      )
    }
    if work.room < DecodeLoad.fewestSequences {
      sizing.warnings.append(
        "the KV cache of a replica holds \(Phrase.number(work.room, digits: 1)) requests of \(tokens(demand.isl + demand.osl)) tokens; sized for \(Phrase.number(work.limit, digits: 1)), because more replicas can't help"
      )
    }
    sizing.expectation = expectation
    sizing.warnIfOutside(surface.contextRange, work.context, "the context length")
    return sizing
  }

  func decodeLoad(_ demand: TrafficDemand, _ surface: DecodeSurface) -> DecodeLoad {
    DecodeLoad(
      demand, rate: rate(of: .decode, demand, .forecast), surface: surface,
      slowdown: slowdown.decode, targetMilliseconds: policy.targets.itlMilliseconds,
      quantile: quantile(.forecast), imbalance: Self.assumedImbalance,
      maximumSequences: policy.engineLimits?.maximumSequences ?? .infinity)
  }

  // MARK: Both

  /// Work in the case that decides how many replicas it needs.
  struct Plan<Work: SizedWork> {
    var decisive: Case
    var work: Work
    var fewest: Int
    /// The fewest without backlog.
    var steady: Int
    /// The fewest that work the backlog off by the time when a worker ordered now is ready.
    var whileStarting: Int
  }

  func plan<Work: SizedWork>(
    _ component: Component, _ demand: TrafficDemand, _ work: Work
  ) -> Plan<Work> {
    var plan = decisive(component, demand, work)
    if demand.hasBacklog {
      plan.steady = decisive(component, demand.withoutBacklog, work, atMost: plan.fewest).fewest
      let lead = Double(headroom[component]?.outlook?.leadSeconds ?? 0)
      // 3,000 requests wait, workers take 300 s: 10 requests a second more are enough, not 50.
      let patient = demand.withBacklog(times: min(1, sla.backlogDrainSeconds / max(lead, 1)))
      plan.whileStarting = decisive(component, patient, work, atMost: plan.fewest).fewest
    }
    return plan
  }

  /// Of the two cases the one that needs more replicas.
  private func decisive<Work: SizedWork>(
    _ component: Component, _ demand: TrafficDemand, _ work: Work, atMost bound: Int? = nil
  ) -> Plan<Work> {
    let forecast = work.with(
      rate: rate(of: component, demand, .forecast), quantile: quantile(.forecast))
    if headroom[component] != nil {
      let more = work.with(
        rate: rate(of: component, demand, .headroom), quantile: quantile(.headroom))
      let fewest = more.fewest(atMost: bound)
      if forecast.isEnough(fewest) {
        return Plan(
          decisive: .headroom, work: more, fewest: fewest, steady: fewest, whileStarting: fewest)
      }
    }
    let fewest = forecast.fewest(atMost: bound)
    return Plan(
      decisive: .forecast, work: forecast, fewest: fewest, steady: fewest, whileStarting: fewest)
  }

  func expectation<Work>(
    _ component: Component, _ plan: Plan<Work>, backlog: Double, replicas: Int,
    arithmetic: SizingExpectation.Arithmetic, outlook: (Int) -> SizingExpectation.Outlook
  ) -> SizingExpectation {
    SizingExpectation(
      quantile: plan.work.quantile, requestsPerSecond: plan.work.rate,
      headroom: plan.decisive == .headroom ? headroom[component] : nil,
      backlogRequests: backlog,
      replicasWithoutBacklog: max(plan.steady, policy.minimum(of: component)),
      replicasWhileStarting: max(plan.whileStarting, policy.minimum(of: component)),
      bound: plan.fewest < replicas ? .minimum : .latency, outlook: outlook(replicas),
      oneFewer: replicas > 1 ? outlook(replicas - 1) : nil, arithmetic: arithmetic)
  }

  private func finiteMilliseconds(_ seconds: Double) -> Double? {
    seconds.isFinite ? seconds * 1000 : nil
  }

  private func milliseconds(_ value: Double) -> String { "\(Phrase.number(value, digits: 1)) ms" }

  private func tokens(_ value: Double) -> String { Phrase.number(value, digits: 0) }
}
