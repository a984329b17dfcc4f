/// What load-based scaling follows where it isn't latency targets: queue and cache, by fixed
/// thresholds, as Dynamo 1.6.1's `optimization_target` other than `sla`.
public enum OptimizationTarget: Codable, Sendable, Equatable {
  /// Full caches and queues as long as a context are borne.
  case throughput
  /// Hardly any queue, caches at most 40 % full.
  case latency
  /// Thresholds of the user's.
  case load(LoadThresholds)
}

/// Thresholds on what each worker carries.
public struct LoadThresholds: Codable, Sendable, Equatable {
  /// Prompt tokens of a worker from which one more is added; nil where prefill is not scaled.
  public var prefillUpTokens: Double?
  /// Prompt tokens of every worker below which one goes.
  public var prefillDownTokens: Double?
  /// Percent of a worker's KV cache above which one more is added; nil where decode is not scaled.
  public var decodeUpPercent: Double?
  /// Percent of every worker's KV cache below which one goes.
  public var decodeDownPercent: Double?

  /// Creates thresholds.
  public init(
    prefillUpTokens: Double? = nil, prefillDownTokens: Double? = nil,
    decodeUpPercent: Double? = nil, decodeDownPercent: Double? = nil
  ) {
    self.prefillUpTokens = prefillUpTokens
    self.prefillDownTokens = prefillDownTokens
    self.decodeUpPercent = decodeUpPercent
    self.decodeDownPercent = decodeDownPercent
  }
}

/// One up when any worker is above its threshold, one down when every worker is below the lower one.
///
/// Prefill: prompt tokens of a worker over the longest context that is served (throughput: up from 1,
/// down below 0.1; latency: up from 0.1, down at 0). Decode: tokens in the KV cache over its size
/// (up above 1 and 0.4, down below 0.6 and 0.1). Aggregated workers count waiting prompts as cache.
/// The router's gauges count a prompt until its first token, so one that is being worked on counts,
/// where Dynamo's planner counts those in line alone.
///
/// Source: ai-dynamo 1.6.1, `planner/core/load_scaling.py` (thresholds).
struct ThresholdRule {
  let mode: DeploymentMode
  let target: OptimizationTarget
  let limits: EngineLimits?

  func verdict(
    for component: Component, sample: WorkerSample, ready: Int
  ) -> LoadVerdict {
    let seen = sample.workers.filter { $0.component == component }
    func verdict(_ direction: LoadDirection, _ reason: LoadReason) -> LoadVerdict {
      LoadVerdict(direction: direction, reason: reason, seen: seen.count, sides: [])
    }
    guard !seen.isEmpty, ready > 0 else { return verdict(.none, .noWorkers) }
    guard let bounds = bounds(component) else { return verdict(.none, .insufficientData) }
    let loads = seen.compactMap { load($0, component) }
    guard !loads.isEmpty else { return verdict(.none, .insufficientData) }
    if loads.contains(where: { bounds.isUpAtBound ? $0 >= bounds.up : $0 > bounds.up }),
      2 * loads.count >= ready
    {
      return verdict(.up, .scaleUp)
    }
    guard seen.count == ready, loads.count == ready else {
      return verdict(.none, .workerCountMismatch)
    }
    let isIdle = loads.allSatisfy { bounds.down > 0 ? $0 < bounds.down : $0 <= 0 }
    return ready > 1 && isIdle ? verdict(.down, .scaleDown) : verdict(.none, .noChange)
  }

  /// Loads from and above which one is added, and below which one goes.
  private struct Bounds {
    var up: Double
    var down: Double
    /// Whether the bound itself already counts: for prompts, as there.
    var isUpAtBound: Bool
  }

  private func isPrompt(_ component: Component) -> Bool { component == .prefill && mode != .agg }

  /// In tokens for prompts, as a share of the cache for the rest; nil where it is not known.
  private func bounds(_ component: Component) -> Bounds? {
    if isPrompt(component) {
      if case .load(let own) = target {
        return own.prefillUpTokens.map {
          Bounds(up: $0, down: own.prefillDownTokens ?? 0, isUpAtBound: true)
        }
      }
      let shares = target == .latency ? (up: 0.1, down: 0.0) : (up: 1.0, down: 0.1)
      return limits?.contextTokens.map {
        Bounds(up: shares.up * $0, down: shares.down * $0, isUpAtBound: true)
      }
    }
    if case .load(let own) = target {
      return own.decodeUpPercent.map {
        Bounds(up: $0 / 100, down: (own.decodeDownPercent ?? 0) / 100, isUpAtBound: false)
      }
    }
    return target == .latency
      ? Bounds(up: 0.4, down: 0.1, isUpAtBound: false)
      : Bounds(up: 1, down: 0.6, isUpAtBound: false)
  }

  private func load(_ worker: WorkerGauges, _ component: Component) -> Double? {
    if isPrompt(component) { return worker.activePrefillTokens }
    guard let kvTokens = limits?.kvTokens, kvTokens > 0, let block = limits?.blockTokens,
      let blocks = worker.activeDecodeBlocks
    else { return nil }
    let prompts = mode == .agg ? worker.activePrefillTokens ?? 0 : 0
    return (blocks * block + prompts) / kvTokens
  }
}
