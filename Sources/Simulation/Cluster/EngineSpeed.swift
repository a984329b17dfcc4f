import EngineProfiles

/// How fast the engines of a cluster work: the profile, per replica instead of per GPU.
struct EngineSpeed: Sendable {
  private let prefill: PrefillCurve
  private let decode: DecodeSurface
  private let prefillGPUs: Double
  /// Tokens that one replica's KV cache holds.
  let kvTokens: Double

  /// - Parameter prefillGPUs: GPUs of one replica that prefills.
  init(prefill: PrefillCurve, decode: DecodeSurface, prefillGPUs: Int) {
    self.prefill = prefill
    self.decode = decode
    self.prefillGPUs = Double(prefillGPUs)
    kvTokens = decode.maximumKVTokens
  }

  /// Seconds for which a prompt keeps an engine busy: its share of the profiled throughput.
  ///
  /// A prompt shorter than the profiled ones costs as much as the shortest of them; a longer one
  /// costs more in proportion.
  func prefillSeconds(isl: Int32) -> Double {
    let tokens = max(Double(isl), prefill.islRange.lowerBound)
    return tokens / (prefill.throughputPerGPU(isl: tokens) * prefillGPUs)
  }

  /// Seconds from the start of a prompt to its first token on an idle engine. Beyond the profiled
  /// lengths it grows in proportion.
  func firstTokenSeconds(isl: Int32) -> Double {
    let tokens = Double(isl)
    let beyond = max(1, tokens / prefill.islRange.upperBound)
    return prefill.ttftMilliseconds(isl: tokens) / 1000 * beyond
  }

  /// Seconds from one token to the next with `sequences` in the batch.
  func stepSeconds(sequences: Int, meanContext: Double) -> Double {
    decode.itlMilliseconds(concurrency: Double(sequences), contextLength: meanContext) / 1000
  }
}
