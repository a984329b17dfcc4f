extension EngineProfile {
  /// Prompt lengths of a profile that is made of parameters.
  private static let lengths: [Double] = [
    16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131_072,
  ]
  /// Context lengths of such a profile.
  private static let contexts = lengths.dropFirst()

  /// The profile of an engine that is known by its parameters.
  ///
  /// Steps are linear in the cache's usage, and rows are joined in 1/context, so the decode surface
  /// gives back the parameters' own times exactly; prompts are joined by splines between powers of 2.
  ///
  /// - Parameters:
  ///   - maximumKVTokens: tokens that the KV cache holds, above 0.
  ///   - longestPrompt: tokens of the longest prompt that the curve is laid for.
  ///   - prefillGPUs: GPUs of a replica that prefills.
  ///   - decodeGPUs: GPUs of a replica that decodes.
  /// - Throws: ``ProfileError`` when a time is not above 0.
  public init(
    _ parameters: EngineParameters, maximumKVTokens: Double, longestPrompt: Double = 131_072,
    prefillGPUs: Int = 1, decodeGPUs: Int = 1
  ) throws(ProfileError) {
    let lengths = Self.lengths.filter { $0 <= max(longestPrompt, Self.lengths[1]) }
    let times = lengths.map(parameters.promptMilliseconds)
    var usages: [Double] = []
    var contexts: [Double] = []
    var steps: [Double] = []
    var throughputs: [Double] = []
    for context in Self.contexts where context < maximumKVTokens {
      for usage in [context / maximumKVTokens, 1] {
        let kvTokens = usage * maximumKVTokens
        let sequences = kvTokens / context
        let step = parameters.stepMilliseconds(sequences: sequences, kvTokens: kvTokens)
        usages.append(usage)
        contexts.append(context)
        steps.append(step)
        throughputs.append(sequences / step * 1000 / Double(decodeGPUs))
      }
    }
    self.init(
      prefill: try PrefillCurve(
        isl: lengths, ttftMilliseconds: times,
        throughputPerGPU: zip(lengths, times).map { $0 / $1 * 1000 / Double(prefillGPUs) }),
      decode: try DecodeSurface(
        kvUsage: usages, contextLength: contexts, itlMilliseconds: steps,
        throughputPerGPU: throughputs, maximumKVTokens: maximumKVTokens))
  }
}
