import EngineProfiles
import Forecasting
import NumericalMethods

/// The original planner's rule (`--sizing capacity`): forecast traffic over profiled throughput,
/// for engines that are busy all the time.
public struct CapacitySizing {
  let policy: PlanningPolicy
  let intervalSeconds: Int
  let slowdown: EngineSlowdown

  /// Creates the rule for `policy`.
  ///
  /// - Parameter slowdown: how many times as slow as profiled engines are.
  public init(
    policy: PlanningPolicy, intervalSeconds: Int, slowdown: EngineSlowdown = EngineSlowdown()
  ) {
    self.policy = policy
    self.intervalSeconds = intervalSeconds
    self.slowdown = slowdown
  }

  /// Replicas of each component of the mode for `forecast`.
  ///
  /// - Throws: ``PlanningError/profileMissing(_:)`` when the profile lacks a part that is needed.
  public func size(
    _ forecast: TrafficForecast, profile: EngineProfile
  ) throws(PlanningError) -> [Component: ReplicaSizing] {
    if policy.mode == .agg { return [.decode: try sizeAggregated(forecast, profile)] }
    var sizings: [Component: ReplicaSizing] = [:]
    for component in policy.mode.components {
      switch component {
      case .prefill:
        guard let curve = profile.prefill else { throw .profileMissing(.prefill) }
        sizings[.prefill] = sizePrefill(forecast, curve)
      case .decode:
        guard let surface = profile.decode else { throw .profileMissing(.decode) }
        sizings[.decode] = sizeDecode(forecast, surface)
      }
    }
    return sizings
  }

  /// `ceil(requests × ISL / T × min(1, slowdown) / throughput per GPU / GPUs)`.
  func sizePrefill(_ forecast: TrafficForecast, _ curve: PrefillCurve) -> ReplicaSizing {
    let isl = forecast.isl
    let gpus = policy.gpus(of: .prefill)
    let perGPU = curve.throughputPerGPU(isl: isl)
    let demand =
      forecast.requestCount * isl / Double(intervalSeconds) * min(1, slowdown.prefill)
    let count = ReplicaSizing.replicas(
      demand: demand, throughputPerGPU: perGPU, gpusPerReplica: gpus,
      minimum: policy.minimum(of: .prefill))
    var sizing = ReplicaSizing(
      replicas: count?.count ?? policy.minimum(of: .prefill), demandTokensPerSecond: demand,
      throughputPerGPU: perGPU, gpusPerReplica: gpus, exactReplicas: count?.exact,
      tokens: isl, slowdown: slowdown.prefill)
    sizing.warnIfOutside(curve.islRange, isl, "the forecast ISL")
    if count == nil { sizing.warnings.append(unusable(.prefill, perGPU)) }
    addExpectedTTFT(to: &sizing, unqueued: curve.ttftMilliseconds(isl: isl))
    return sizing
  }

  /// `ceil(requests × OSL / T / best profiled throughput per GPU within the ITL target / GPUs)`.
  func sizeDecode(_ forecast: TrafficForecast, _ surface: DecodeSurface) -> ReplicaSizing {
    let gpus = policy.gpus(of: .decode)
    let context = forecast.isl + forecast.osl / 2
    let factor = slowdown.decode > 0 ? slowdown.decode : 1
    let target = policy.targets.itlMilliseconds / factor
    let best = surface.bestThroughput(itlMilliseconds: target, contextLength: context)
    let demand = forecast.requestCount * forecast.osl / Double(intervalSeconds)
    let count = ReplicaSizing.replicas(
      demand: demand, throughputPerGPU: best.throughputPerGPU, gpusPerReplica: gpus,
      minimum: policy.minimum(of: .decode))
    var sizing = ReplicaSizing(
      replicas: count?.count ?? policy.minimum(of: .decode), demandTokensPerSecond: demand,
      throughputPerGPU: best.throughputPerGPU, gpusPerReplica: gpus, exactReplicas: count?.exact,
      tokens: context, slowdown: factor,
      expectedLatencyMilliseconds: best.itlMilliseconds * factor, concurrency: best.concurrency)
    sizing.warnIfOutside(surface.contextRange, context, "the context length")
    if !best.meetsTarget {
      sizing.warnings.append(
        "no profiled load keeps the ITL within \(milliseconds(target)) at a context of \(tokens(context)) tokens; sized with the lightest load, whose ITL is \(milliseconds(best.itlMilliseconds))"
      )
    }
    if count == nil { sizing.warnings.append(unusable(.decode, best.throughputPerGPU)) }
    return sizing
  }

  /// Adds the TTFT that requests will see at this many replicas, and says so when it misses the
  /// target: more replicas shorten the queue but never an unqueued prefill.
  private func addExpectedTTFT(to sizing: inout ReplicaSizing, unqueued: Double) {
    let target = policy.targets.ttftMilliseconds
    let idle = unqueued * slowdownOfService
    if idle > target {
      sizing.warnings.append(
        "an unqueued prefill of \(tokens(sizing.tokens)) tokens takes \(milliseconds(idle)), which exceeds the TTFT target of \(milliseconds(target)); more replicas can't shorten it"
      )
    }
    guard let exact = sizing.exactReplicas else { return }
    let utilisation = exact / Double(sizing.replicas)
    let waiting = Sakasegawa.meanWait(
      servers: sizing.replicas, utilisation: utilisation, constantService: idle)
    guard waiting.isFinite else { return }
    sizing.expectedLatencyMilliseconds = idle + waiting
    if idle <= target, idle + waiting > target {
      sizing.warnings.append(
        "at \(Int((utilisation * 100).rounded())) % utilisation queueing is expected to raise the mean TTFT to \(milliseconds(idle + waiting)), above the target of \(milliseconds(target))"
      )
    }
  }

  /// Only a factor below 1 is about service time; one above 1 mostly measures queueing.
  private var slowdownOfService: Double { min(1, slowdown.prefill) }

  private func unusable(_ component: Component, _ throughput: Double) -> String {
    "the profiled \(component.rawValue) throughput of \(throughput) tokens/s per GPU is of no use; sized with the minimum of \(policy.minimum(of: component))"
  }

  private func tokens(_ value: Double) -> String { Phrase.number(value, digits: 0) }
  private func milliseconds(_ value: Double) -> String { Phrase.number(value, digits: 1) + " ms" }
}

extension CapacitySizing: Sizing {
  /// The original's: nothing beyond what it does.
  public static let traits = SizingTraits()

  /// Learns how observed latencies differ from the profiled ones.
  public func learn(_ moment: SizingMoment, into state: inout SizingState) {
    guard policy.throughput?.usesCorrection == true, let profile = moment.profile else { return }
    let decode = moment.counts[.decode]
    state.byCapacity = state.byCapacity.updated(
      by: moment.newest, profile: profile, intervalSeconds: intervalSeconds,
      decodeWorkers: decode.flatMap { $0.ready ?? $0.current })
  }

  /// Observed over profiled latencies.
  public func knowledge(_ state: SizingState) -> SizingKnowledge {
    SizingKnowledge(slowdown: state.byCapacity, indexOfDispersion: state.bySLA.indexOfDispersion)
  }

  /// Replicas of each component of the mode for `forecast`.
  public func size(
    _ forecast: TrafficForecast, newest: TrafficObservation, knowledge: SizingKnowledge,
    profile: EngineProfile
  ) throws(PlanningError) -> [Component: ReplicaSizing] {
    try CapacitySizing(
      policy: policy, intervalSeconds: intervalSeconds, slowdown: knowledge.slowdown
    ).size(forecast, profile: profile)
  }
}
