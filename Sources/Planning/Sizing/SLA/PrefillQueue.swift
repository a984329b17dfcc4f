import EngineProfiles
import NumericalMethods

/// The prompts in front of some prefill workers.
///
/// A prompt of n tokens keeps an engine busy for the profiled time, interpolated as time, and its
/// first token comes the profiled TTFT after it was begun. Shorter prompts than the profiled ones cost
/// what the shortest does; for longer ones both grow in proportion.
///
/// Arrivals that come in clumps (agents, retries, fan-outs) tend to be alike, so the dispersion of
/// the arrivals is taken for that of the work they bring: waits grow with it in proportion.
struct PrefillQueue: SizedWork {
  private(set) var rate: Double
  let dispersion: Double
  let target: Double
  private(set) var quantile: Double
  /// Times of the engine for each length of the mix, seconds.
  let service: ServiceTimes
  /// Mean TTFT of a prompt that does not wait, seconds.
  let meanUnqueued: Double
  /// TTFT of each length without waiting, seconds, with its share.
  private let unqueued: [Double]
  private let shares: [Double]

  /// - Parameters:
  ///   - rate: prompts a second.
  ///   - slowdown: how many times as slow as profiled the engines are.
  init(
    _ demand: TrafficDemand, rate: Double, curve: PrefillCurve, gpus: Int, slowdown: Double,
    targetMilliseconds: Double, quantile: Double
  ) {
    self.rate = rate
    target = targetMilliseconds / 1000
    self.quantile = quantile
    shares = demand.uncached.shares
    let busy = demand.uncached.lengths.map { length in
      curve.gpuSecondsPerPrompt(isl: length) / Double(gpus) * slowdown
    }
    unqueued = demand.uncached.lengths.map { length in
      curve.ttftMilliseconds(isl: length) / 1000
        * max(1, length / curve.islRange.upperBound) * slowdown
    }
    service = .mixture(values: busy, shares: shares)
    let variation = service.squaredVariation
    dispersion = demand.dispersion * (1 + variation) - variation
    meanUnqueued = zip(unqueued, shares).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Workers that the prompts keep busy.
  var offeredLoad: Double { rate * service.mean }

  /// Fewer can't be enough, and with many replicas few more are.
  var likelyReplicas: Double { offeredLoad }

  func with(rate: Double, quantile: Double) -> PrefillQueue {
    var work = self
    (work.rate, work.quantile) = (rate, quantile)
    return work
  }

  /// Share of the prompts that meet the target on an idle engine.
  var reachable: Double { share { $0 <= target ? 1 : 0 } }

  func queue(_ replicas: Int) -> MultiServerQueue {
    MultiServerQueue(
      servers: replicas, arrivalRate: rate, service: service, dispersion: dispersion)
  }

  /// Share of the prompts whose first token comes within `seconds`.
  func attainment(_ queue: MultiServerQueue, within seconds: Double) -> Double {
    share { 1 - queue.shareWaiting(longerThan: seconds - $0) }
  }

  /// Whether these replicas are enough: the planned share meets the target, or does not wait at
  /// all, so that no replica more would help.
  func isEnough(_ replicas: Int) -> Bool {
    ErlangC.delayProbability(servers: replicas, offeredLoad: offeredLoad) <= 1 - quantile
      || attainment(queue(replicas), within: target) >= quantile
  }

  /// TTFT that a share of the prompts does not exceed, seconds; nil where the queue grows.
  func ttftQuantile(_ queue: MultiServerQueue, _ share: Double) -> Double? {
    guard queue.meanWait.isFinite else { return nil }
    var high = max(target, 1e-6)
    while attainment(queue, within: high) < share, high < 1e12 { high *= 2 }
    return bisect(0, high, halvings: 14) { attainment(queue, within: $0) < share }.high
  }

  private func share(_ met: (Double) -> Double) -> Double {
    zip(unqueued, shares).reduce(0) { $0 + $1.1 * met($1.0) }
  }
}
