import EngineProfiles

/// A profile and what it was asked, as `profile --output json` prints them.
struct ProfileDocument: Encodable {
  /// Version of this format; it grows when a field changes its meaning.
  var schema = 1
  var directory: String
  var prefill: Prefill?
  var decode: Decode?
  var answers: ProfileAnswers?
  /// What is odd about the profile.
  var warnings: [String]

  struct Prefill: Encodable {
    var points: [Point]

    struct Point: Encodable {
      var isl: Double
      var ttftMilliseconds: Double
      var throughputPerGPU: Double
      var gpuSecondsPerPrompt: Double

      enum CodingKeys: String, CodingKey {
        case isl
        case ttftMilliseconds = "ttft_ms"
        case throughputPerGPU = "throughput_per_gpu"
        case gpuSecondsPerPrompt = "gpu_seconds_per_prompt"
      }
    }
  }

  struct Decode: Encodable {
    var maximumKVTokens: Double
    var points: [Point]

    enum CodingKeys: String, CodingKey {
      case maximumKVTokens = "max_kv_tokens"
      case points
    }

    struct Point: Encodable {
      var contextLength: Double
      var kvUsage: Double
      var concurrency: Double
      var itlMilliseconds: Double
      var throughputPerGPU: Double

      enum CodingKeys: String, CodingKey {
        case contextLength = "context_length"
        case kvUsage = "kv_usage"
        case concurrency
        case itlMilliseconds = "itl_ms"
        case throughputPerGPU = "throughput_per_gpu"
      }
    }
  }

  init(directory: String, profile: EngineProfile, answers: ProfileAnswers?) {
    self.directory = directory
    self.answers = answers
    warnings = profile.warnings
    prefill = profile.prefill.map { curve in
      Prefill(
        points: curve.points.map {
          Prefill.Point(
            isl: $0.isl, ttftMilliseconds: $0.ttftMilliseconds,
            throughputPerGPU: $0.throughputPerGPU, gpuSecondsPerPrompt: $0.gpuSecondsPerPrompt)
        })
    }
    decode = profile.decode.map { surface in
      Decode(
        maximumKVTokens: surface.maximumKVTokens,
        points: surface.points.map {
          Decode.Point(
            contextLength: $0.contextLength, kvUsage: $0.kvUsage,
            concurrency: $0.concurrency(maximumKVTokens: surface.maximumKVTokens),
            itlMilliseconds: $0.itlMilliseconds, throughputPerGPU: $0.throughputPerGPU)
        })
    }
  }
}
