import EngineProfiles
import Forecasting
import Planning

/// A first guess at how many replicas some traffic needs.
public enum ReplicaEstimate {
  /// Replicas that a person would begin with: what the capacity rule asks for on the traffic of the
  /// first `seconds` seconds, for engines that are busy 70 % of the time.
  ///
  /// - Returns: a count of at least 1 for each component of the cluster.
  public static func initialReplicas(
    for trace: RequestTrace, seconds: Double, profile: EngineProfile, targets: LatencyTargets,
    mode: DeploymentMode, gpusPerReplica: [Component: Int]
  ) -> [Component: Int] {
    let requests = trace.requests(from: 0, to: max(1, seconds))
    guard let isl = RequestTrace.mean(trace.isl[requests]),
      let osl = RequestTrace.mean(trace.osl[requests])
    else { return mode == .agg ? [.decode: 1] : [.prefill: 1, .decode: 1] }
    let policy = PlanningPolicy(
      mode: .disagg, targets: targets,
      gpusPerReplica: mode == .agg
        ? [.prefill: gpusPerReplica[.decode] ?? 1, .decode: gpusPerReplica[.decode] ?? 1]
        : gpusPerReplica)
    let forecast = TrafficForecast(
      predictor: .constant, requestCount: Double(requests.count), isl: isl, osl: osl)
    let sizings = try? CapacitySizing(
      policy: policy, intervalSeconds: max(1, Int(min(seconds, 1e9))),
      slowdown: EngineSlowdown()
    ).size(forecast, profile: profile)
    func busy(_ component: Component) -> Double { sizings?[component]?.exactReplicas ?? 1 }
    func count(_ busy: Double) -> Int { Int(min(max((busy / 0.7).rounded(.up), 1), 1e5)) }
    return mode == .agg
      ? [.decode: count(busy(.prefill) + busy(.decode))]
      : [.prefill: count(busy(.prefill)), .decode: count(busy(.decode))]
  }

  /// Sequences at which a decode engine just meets the ITL target with the mean lengths of a trace;
  /// at least 1.
  public static func sequencesPerReplica(
    for trace: RequestTrace, profile: EngineProfile, targets: LatencyTargets
  ) -> Double {
    guard let surface = profile.decode, let isl = trace.meanISL, let osl = trace.meanOSL else {
      return 1
    }
    return max(
      1,
      surface.bestThroughput(
        itlMilliseconds: targets.itlMilliseconds, contextLength: isl + osl / 2
      ).concurrency)
  }
}
