import EngineProfiles
import NumericalMethods
import Presentation

/// Workers that prefill and decode: one number of replicas, two targets.
extension SLASizing {
  func sizeAggregated(
    _ demand: TrafficDemand, _ curve: PrefillCurve, _ surface: DecodeSurface
  ) -> ReplicaSizing {
    let gpus = policy.gpus(of: .decode)
    let plan = plan(.decode, demand, aggregatedLoad(demand, curve, surface))
    let work = plan.work
    let replicas = max(plan.fewest, policy.minimum(of: .decode))
    let point = work.point(replicas)
    let tokens = work.rate * demand.osl
    let throughput = maximumRate(work) * demand.osl
    var sizing = ReplicaSizing(
      replicas: replicas, demandTokensPerSecond: tokens,
      throughputPerGPU: throughput / Double(gpus), gpusPerReplica: gpus,
      exactReplicas: throughput > 0 ? tokens / throughput : nil, tokens: work.context,
      slowdown: slowdown.decode, expectedLatencyMilliseconds: point?.itl,
      concurrency: point?.sequences)
    var expectation = expectation(
      .decode, plan, backlog: demand.waiting(for: .decode), replicas: replicas,
      arithmetic: .mixed(mixed(work, point, replicas))
    ) { count in
      let point = work.point(count)
      return SizingExpectation.Outlook(
        replicas: count, attainment: point?.attainment ?? 0,
        utilisation: point.map { $0.sequences / work.limit } ?? 2,
        latencyMilliseconds: point.flatMap { _ in work.latencies(work.quantile, count)?.itl })
    }
    if work.reachable < work.quantile {
      expectation.bound = .idleEngine
      sizing.warnings.append(
        "alone on an engine \(Numbers.percent(work.reachable)) of the requests meet both targets (\(Phrase.number(policy.targets.ttftMilliseconds, digits: 1)) ms for prompts of \(Phrase.number(demand.isl, digits: 0)) tokens on average, \(Phrase.number(policy.targets.itlMilliseconds, digits: 1)) ms between tokens); more replicas can't help the others"
      )
    }
    sizing.expectation = expectation
    sizing.warnIfOutside(curve.islRange, demand.isl, "the forecast ISL")
    sizing.warnIfOutside(surface.contextRange, work.context, "the context length")
    return sizing
  }

  func aggregatedLoad(
    _ demand: TrafficDemand, _ curve: PrefillCurve, _ surface: DecodeSurface
  ) -> AggregatedLoad {
    AggregatedLoad(
      demand, rate: rate(of: .decode, demand, .forecast),
      engine: AggregatedEngine(
        curve: curve, surface: surface, gpus: Double(policy.gpus(of: .decode)),
        slowdown: slowdown,
        chunkTokens: policy.engineLimits?.maximumBatchedTokens
          ?? AggregatedEngine.assumedChunkTokens,
        maximumSequences: policy.engineLimits?.maximumSequences ?? .infinity),
      targets: policy.targets, quantile: quantile(.forecast))
  }

  /// Requests a second at which one worker just keeps the planned share within both targets.
  private func maximumRate(_ work: AggregatedLoad) -> Double {
    guard work.rate > 0 else { return 0 }
    var high = work.rate
    func isKept(_ rate: Double) -> Bool {
      work.with(rate: rate, quantile: work.quantile).isEnough(1)
    }
    while isKept(high), high < 1e6 { high *= 2 }
    return bisect(0, high, halvings: 8) { isKept($0) }.low
  }

  private func mixed(
    _ work: AggregatedLoad, _ point: AggregatedLoad.Point?, _ replicas: Int
  ) -> SizingExpectation.Mixed {
    let latencies = work.latencies(work.quantile, replicas)
    return SizingExpectation.Mixed(
      mean: point?.sequences, limit: work.limit, isKVBound: work.isKVBound,
      promptShare: point?.promptShare, ttftMilliseconds: latencies?.ttft,
      itlMilliseconds: latencies?.itl, ttftAttainment: point?.ttftAttainment ?? 0,
      itlAttainment: point?.itlAttainment ?? 0)
  }
}
