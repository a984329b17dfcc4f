import EngineProfiles
import Forecasting

/// What the rule learns from the interval that just ended.
extension SLASizing {
  /// The calibration that takes the newest interval into account.
  ///
  /// - Parameters:
  ///   - plan: the plan that the interval was served by; nil when none is known.
  ///   - counts: replicas that are asked for and ready; of a component of which that is unknown
  ///     nothing is learned.
  ///   - forecast: of the traffic to come, the newest interval learned.
  ///   - startUpSeconds: until a replica that is ordered is ready; 0 where nobody said.
  package func learned(
    _ calibration: SLACalibration, from newest: TrafficObservation, plan: ThroughputPlan?,
    counts: [Component: DeploymentPosition.Counts], forecast: TrafficForecast?,
    startUpSeconds: Int, usesCorrection: Bool, profile: EngineProfile?
  ) -> SLACalibration {
    var calibration = calibration
    calibration.learnDispersion(newest)
    let ready = counts.compactMapValues(\.ready)
    if let came = demand(asForecast: newest, calibration.indexOfDispersion) {
      calibration.surprise.learn(
        came.work, intervalEnd: newest.intervalEnd, intervalSeconds: intervalSeconds,
        startUpSeconds: startUpSeconds > 0 ? startUpSeconds : Self.assumedStartUpSeconds,
        stabilizationSeconds: policy.damping.scaleDownStabilizationSeconds)
      if usesCorrection, let plan, let profile {
        // What was not ready when the interval began served only a part of it.
        let ready = ready.reduce(into: ready) { served, component in
          served[component.key] = min(component.value, calibration.ready[component.key] ?? .max)
        }
        calibration.learn(
          newest,
          hindsight: SLAHindsight(
            shares: shares(came.withoutBacklog, ready: ready, profile),
            short: Set(
              policy.mode.components.filter { component in
                let planned = plan.replicas[component] ?? 0
                let asked = counts[component]?.asked ?? planned
                return ready[component] ?? 0 < min(planned, asked)
              }), hasBacklog: came.hasBacklog),
          quantile: risk.share, targets: policy.targets, intervalSeconds: intervalSeconds)
      }
    }
    calibration.ready.merge(ready) { $1 }
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

  private func shares(
    _ came: TrafficDemand, ready: [Component: Int], _ profile: EngineProfile
  ) -> [Component: Double] {
    var shares: [Component: Double] = [:]
    for component in policy.mode.components {
      guard let count = ready[component], count > 0 else { continue }
      shares[component] = share(of: component, came, count, profile)
    }
    return shares
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
