// The property names are those of the reference file.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import EngineProfiles
import Planning
import TestSupport

/// The throughput decisions of the original planner (Fixtures/golden/decisions_throughput.json).
struct GoldenThroughputFile: Decodable {
  let cases: [GoldenThroughputCase]
  let correction_cases: [GoldenCorrectionCase]
}

struct GoldenThroughputCase: Decodable {
  let profile: String
  let num_req: Double
  let isl: Double
  let osl: Double
  let interval_s: Int
  let ttft: Double
  let itl: Double
  let prefill_engine_num_gpu: Int
  let decode_engine_num_gpu: Int
  let min_endpoint: Int
  let p_correction_factor: Double
  let d_correction_factor: Double
  let num_p: Count
  let num_d: Count
  let p_thpt_per_gpu: Double?
  let d_thpt_per_gpu: Double?

  /// A count, or the error that the original raises instead.
  enum Count: Decodable, Equatable {
    case count(Int)
    case raises

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let count = try? container.decode(Int.self) {
        self = .count(count)
      } else {
        self = .raises
      }
    }
  }
}

struct GoldenCorrectionCase: Decodable {
  let profile: String
  let interval_s: Int
  let num_d_workers: Int
  let ttft: Double
  let itl: Double
  let num_req: Double
  let isl: Double
  let osl: Double
  let request_duration: Double
  let p_correction_factor: Double
  let d_correction_factor: Double
  let expect_itl: Double?
}

/// The raw profiles of Fixtures/golden/interpolation.json.
struct GoldenProfiles: Decodable {
  struct Entry: Decodable {
    struct Raw: Decodable {
      let prefill_isl: [Double]
      let prefill_ttft: [Double]
      let prefill_thpt_per_gpu: [Double]
      let x_kv_usage: [Double]
      let y_context_length: [Double]
      let z_itl: [Double]
      let z_thpt_per_gpu: [Double]
      let max_kv_tokens: Number
    }
    let raw: Raw
  }
  /// A number, or a list of one.
  struct Number: Decodable {
    let value: Double
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self.value = value
      } else {
        value = try container.decode([Double].self).first ?? 0
      }
    }
  }
  let profiles: [String: Entry]

  static func load() throws -> [String: EngineProfile] {
    try Fixture.json(GoldenProfiles.self, "golden/interpolation.json").profiles.mapValues { entry in
      let raw = entry.raw
      return EngineProfile(
        prefill: try PrefillCurve(
          isl: raw.prefill_isl, ttftMilliseconds: raw.prefill_ttft,
          throughputPerGPU: raw.prefill_thpt_per_gpu),
        decode: try DecodeSurface(
          kvUsage: raw.x_kv_usage, contextLength: raw.y_context_length,
          itlMilliseconds: raw.z_itl, throughputPerGPU: raw.z_thpt_per_gpu,
          maximumKVTokens: raw.max_kv_tokens.value))
    }
  }
}
