import EngineProfiles

/// What one worker that prefills and decodes does, per replica and as slow as engines are.
struct AggregatedEngine: Sendable {
  let curve: PrefillCurve
  let surface: DecodeSurface
  let gpus: Double
  let slowdown: EngineSlowdown
  /// Prompt tokens that a step takes in at most (`max_num_batched_tokens`).
  let chunkTokens: Double
  /// Sequences that a batch takes at most (`max_num_seqs`); infinite where only the cache limits it.
  let maximumSequences: Double

  /// What vLLM and SGLang take in a step where nobody says otherwise.
  static let assumedChunkTokens = 2048.0

  /// Milliseconds that a prompt adds to the steps it is in.
  func promptMilliseconds(_ tokens: Double) -> Double {
    curve.gpuSecondsPerPrompt(isl: tokens) / gpus * 1000 * slowdown.prefill
  }

  /// Milliseconds of a step without a prompt.
  func stepMilliseconds(_ sequences: Double, context: Double) -> Double {
    surface.itlMilliseconds(concurrency: max(1, sequences), contextLength: context)
      * slowdown.decode
  }

  /// Steps that a prompt is in.
  func chunks(_ tokens: Double) -> Double { max(1, (tokens / chunkTokens).rounded(.up)) }
}
