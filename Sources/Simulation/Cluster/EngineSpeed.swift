import EngineProfiles

/// How fast the engines of a cluster work: the profile, per replica instead of per GPU.
struct EngineSpeed: Sendable {
  private let prefill: PrefillCurve
  private let decode: DecodeSurface
  private let prefillGPUs: Double
  private let prefillSlowdown: Double
  private let decodeSlowdown: Double
  /// Tokens that one replica's KV cache holds.
  let kvTokens: Double

  /// - Parameters:
  ///   - prefillGPUs: GPUs of one replica that prefills.
  ///   - prefillSlowdown: how many times as long as profiled prefill takes.
  ///   - decodeSlowdown: how many times as long as profiled a decode step takes.
  init(
    prefill: PrefillCurve, decode: DecodeSurface, prefillGPUs: Int, prefillSlowdown: Double = 1,
    decodeSlowdown: Double = 1
  ) {
    self.prefill = prefill
    self.decode = decode
    self.prefillGPUs = Double(prefillGPUs)
    self.prefillSlowdown = prefillSlowdown
    self.decodeSlowdown = decodeSlowdown
    kvTokens = decode.maximumKVTokens
  }

  /// Seconds for which a prompt keeps an engine busy, interpolated as time.
  ///
  /// A prompt shorter than the profiled ones costs as much as the shortest of them; a longer one
  /// costs more in proportion.
  func prefillSeconds(isl: Int32) -> Double {
    prefill.gpuSecondsPerPrompt(isl: Double(isl)) / prefillGPUs * prefillSlowdown
  }

  /// Seconds for a prompt of which the cache holds the first `cached` tokens: what the other tokens
  /// cost behind them, and what a prompt costs at all.
  func prefillSeconds(isl: Int32, cached: Int32) -> Double {
    guard cached > 0 else { return prefillSeconds(isl: isl) }
    let least = prefillSeconds(isl: 1)
    return max(least, prefillSeconds(isl: isl) - prefillSeconds(isl: cached) + least)
  }

  /// Seconds from the start of a prompt to its first token on an idle engine. Beyond the profiled
  /// lengths it grows in proportion.
  func firstTokenSeconds(isl: Int32) -> Double {
    let tokens = Double(isl)
    let beyond = max(1, tokens / prefill.islRange.upperBound)
    return prefill.ttftMilliseconds(isl: tokens) / 1000 * beyond * prefillSlowdown
  }

  /// The same for a prompt of which the cache holds the first `cached` tokens.
  func firstTokenSeconds(isl: Int32, cached: Int32) -> Double {
    guard cached > 0 else { return firstTokenSeconds(isl: isl) }
    let least = firstTokenSeconds(isl: 1)
    return max(least, firstTokenSeconds(isl: isl) - firstTokenSeconds(isl: cached) + least)
  }

  /// Seconds from one token to the next with `sequences` in the batch.
  func stepSeconds(sequences: Int, meanContext: Double) -> Double {
    step(sequences: Double(sequences), meanContext: meanContext)
  }

  private func step(sequences: Double, meanContext: Double) -> Double {
    decode.itlMilliseconds(concurrency: sequences, contextLength: meanContext) / 1000
      * decodeSlowdown
  }

  /// The most sequences that one engine decodes within an ITL, and the seconds that a step takes
  /// then; at least one sequence, however long its steps are.
  ///
  /// - Parameters:
  ///   - itlSeconds: the target.
  ///   - meanContext: tokens of a sequence while it is in service.
  ///   - meanReservation: tokens of the KV cache that a sequence holds in the end.
  ///   - most: what the engine's batch is limited to; nil for no limit.
  func sequences(
    withinITL itlSeconds: Double, meanContext: Double, meanReservation: Double, most: Int?
  ) -> (sequences: Double, stepSeconds: Double) {
    let point = decode.bestThroughput(
      itlMilliseconds: itlSeconds * 1000 / decodeSlowdown, contextLength: meanContext)
    let held = min(
      point.concurrency, kvTokens / max(1, meanReservation), most.map(Double.init) ?? .infinity)
    let sequences = max(1, held)
    return (sequences, step(sequences: sequences, meanContext: meanContext))
  }
}
