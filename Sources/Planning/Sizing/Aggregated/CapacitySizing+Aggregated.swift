import EngineProfiles
import Forecasting
import NumericalMethods

extension CapacitySizing {
  /// Aggregated workers by capacity: the forecast over the most requests a second that one worker
  /// serves with mean latencies within both targets.
  func sizeAggregated(
    _ forecast: TrafficForecast, _ profile: EngineProfile
  ) throws(PlanningError) -> ReplicaSizing {
    guard let curve = profile.prefill else { throw .profileMissing(.prefill) }
    guard let surface = profile.decode else { throw .profileMissing(.decode) }
    let gpus = policy.gpus(of: .decode)
    let demand = TrafficDemand(
      forecast, newest: nil, indexOfDispersion: 1, intervalSeconds: intervalSeconds,
      targets: policy.targets)
    let work = AggregatedLoad(
      demand, rate: demand.rate,
      engine: AggregatedEngine(
        curve: curve, surface: surface, gpus: Double(gpus),
        slowdown: EngineSlowdown(
          prefill: min(1, slowdown.prefill), decode: slowdown.decode > 0 ? slowdown.decode : 1),
        chunkTokens: AggregatedEngine.assumedChunkTokens, maximumSequences: .infinity),
      targets: policy.targets, quantile: 0.5)
    let most = Self.maximumRate(work, policy.targets)
    let tokens = demand.rate * demand.osl
    let count = ReplicaSizing.replicas(
      demand: tokens, throughputPerGPU: most * demand.osl / Double(gpus), gpusPerReplica: gpus,
      minimum: policy.minimum(of: .decode))
    let point = count.flatMap { work.point($0.count) }
    var sizing = ReplicaSizing(
      replicas: count?.count ?? policy.minimum(of: .decode), demandTokensPerSecond: tokens,
      throughputPerGPU: most * demand.osl / Double(gpus), gpusPerReplica: gpus,
      exactReplicas: count?.exact, tokens: work.context, slowdown: slowdown.decode,
      expectedLatencyMilliseconds: point?.itl, concurrency: point?.sequences)
    sizing.warnIfOutside(curve.islRange, demand.isl, "the forecast ISL")
    if count == nil {
      sizing.warnings.append(
        "no load of one worker keeps both mean latencies within their targets; sized with the minimum of \(policy.minimum(of: .decode))"
      )
    }
    return sizing
  }

  private static func maximumRate(_ work: AggregatedLoad, _ targets: LatencyTargets) -> Double {
    guard work.rate > 0 else { return 0 }
    func isKept(_ rate: Double) -> Bool {
      guard let point = work.with(rate: rate, quantile: 0.5).point(1) else { return false }
      return point.itl <= targets.itlMilliseconds && point.ttft <= targets.ttftMilliseconds
    }
    var high = work.rate
    while isKept(high), high < 1e6 { high *= 2 }
    return bisect(0, high, halvings: 20) { isKept($0) }.low
  }
}
