import EngineProfiles
import Forecasting

/// What the rule learns from the interval that just ended.
extension SLASizing {
  /// The calibration that takes the newest interval into account.
  ///
  /// - Parameters:
  ///   - plan: the plan that the interval was served by; nil when none is known.
  ///   - ready: replicas that are ready.
  ///   - forecast: of the traffic to come, the newest interval learned.
  ///   - startUpSeconds: until a replica that is ordered is ready; 0 where nobody said.
  package func learned(
    _ calibration: SLACalibration, from newest: TrafficObservation, plan: ThroughputPlan?,
    ready: [Component: Int], forecast: TrafficForecast?, startUpSeconds: Int,
    usesCorrection: Bool, profile: EngineProfile?
  ) -> SLACalibration {
    var calibration = calibration
    calibration.learnDispersion(newest)
    if let came = demand(asForecast: newest, calibration.indexOfDispersion) {
      calibration.surprise.learn(
        came.work, intervalEnd: newest.intervalEnd, intervalSeconds: intervalSeconds,
        startUpSeconds: startUpSeconds > 0 ? startUpSeconds : Self.assumedStartUpSeconds,
        stabilizationSeconds: policy.damping.scaleDownStabilizationSeconds)
      if usesCorrection, let plan, let profile {
        calibration.learn(
          newest, hindsight: hindsight(came, plan: plan, ready: ready, profile: profile),
          quantile: risk.share, targets: policy.targets, intervalSeconds: intervalSeconds)
      }
    }
    if let forecast {
      let planned = demand(forecast, newest: newest, indexOfDispersion: nil)
      calibration.surprise.plan(planned.work, intervalEnd: newest.intervalEnd)
    }
    return calibration
  }

  /// What the start-up of a worker that loads a model is taken for where nobody said.
  private static let assumedStartUpSeconds = 120

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

  private func hindsight(
    _ came: TrafficDemand, plan: ThroughputPlan, ready: [Component: Int], profile: EngineProfile
  ) -> SLAHindsight {
    let components = policy.mode.components
    let rule = SLASizing(
      policy: policy, sla: sla, intervalSeconds: intervalSeconds, calibration: calibration)
    var shares: [Component: Double] = [:]
    for component in components {
      guard let count = ready[component], count > 0 else { continue }
      shares[component] = rule.share(of: component, came.withoutBacklog, count, profile)
    }
    return SLAHindsight(
      shares: shares,
      isShort: components.contains { ready[$0] ?? 0 < plan.replicas[$0] ?? 0 },
      hasBacklog: came.hasBacklog)
  }

  /// Share of the requests within the component's target with `count` replicas.
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
      return work.concurrency(count).map { work.attainment(mean: $0, replicas: count) } ?? 0
    }
  }
}
