import EngineProfiles

/// What a profile predicts for one ISL and OSL.
struct ProfileAnswers: Encodable {
  var isl: Double
  var osl: Double
  /// ISL + OSL/2, the mean context length while a sequence is in decode.
  var contextLength: Double
  /// Nil when the profile has no prefill data.
  var prefill: Prefill?
  /// Nil without a concurrency or decode data.
  var decode: Load?
  /// Nil without an ITL target or decode data.
  var best: Best?
  /// How the question leaves what was measured.
  var warnings: [String] = []

  enum CodingKeys: String, CodingKey {
    case isl, osl, prefill, decode, best, warnings
    case contextLength = "context_length"
  }

  struct Prefill: Encodable {
    var ttftMilliseconds: Double
    var throughputPerGPU: Double
    var promptsPerSecondPerGPU: Double
    var targetMilliseconds: Double?
    /// Whether an idle engine meets the TTFT target; nil without one.
    var meetsTarget: Bool?

    enum CodingKeys: String, CodingKey {
      case ttftMilliseconds = "ttft_ms"
      case throughputPerGPU = "throughput_per_gpu"
      case promptsPerSecondPerGPU = "prompts_per_second_per_gpu"
      case targetMilliseconds = "target_ms"
      case meetsTarget = "meets_target"
    }
  }

  struct Load: Encodable {
    var concurrency: Double
    var kvUsage: Double
    var itlMilliseconds: Double
    var throughputPerGPU: Double

    enum CodingKeys: String, CodingKey {
      case concurrency
      case kvUsage = "kv_usage"
      case itlMilliseconds = "itl_ms"
      case throughputPerGPU = "throughput_per_gpu"
    }
  }

  struct Best: Encodable {
    var targetMilliseconds: Double
    var meetsTarget: Bool
    var load: Load

    enum CodingKeys: String, CodingKey {
      case targetMilliseconds = "target_ms"
      case meetsTarget = "meets_target"
      case load
    }
  }

  /// Asks `profile`; all numbers are finite and positive, but for an OSL that may be 0.
  init(
    _ profile: EngineProfile, isl: Double, osl: Double, concurrency: Double?,
    ttftTarget: Double?, itlTarget: Double?
  ) {
    self.isl = isl
    self.osl = osl
    contextLength = isl + osl / 2
    var found: [ProfileExtrapolation] = []
    if let curve = profile.prefill {
      let ttft = curve.ttftMilliseconds(isl: isl)
      let throughput = curve.throughputPerGPU(isl: isl)
      prefill = Prefill(
        ttftMilliseconds: ttft, throughputPerGPU: throughput,
        promptsPerSecondPerGPU: throughput / isl, targetMilliseconds: ttftTarget,
        meetsTarget: ttftTarget.map { ttft <= $0 })
      found += [curve.extrapolation(isl: isl)].compactMap { $0 }
    }
    if let surface = profile.decode {
      if let concurrency {
        decode = Load(
          concurrency: concurrency,
          kvUsage: concurrency * contextLength / surface.maximumKVTokens,
          itlMilliseconds: surface.itlMilliseconds(
            concurrency: concurrency, contextLength: contextLength),
          throughputPerGPU: surface.throughputPerGPU(
            concurrency: concurrency, contextLength: contextLength))
      }
      if let itlTarget {
        let point = surface.bestThroughput(
          itlMilliseconds: itlTarget, contextLength: contextLength)
        best = Best(
          targetMilliseconds: itlTarget, meetsTarget: point.meetsTarget,
          load: Load(
            concurrency: point.concurrency, kvUsage: point.kvUsage,
            itlMilliseconds: point.itlMilliseconds, throughputPerGPU: point.throughputPerGPU))
      }
      if concurrency != nil || itlTarget != nil {
        found += surface.extrapolations(concurrency: concurrency, contextLength: contextLength)
      }
    }
    warnings = found.map(\.description)
  }
}
