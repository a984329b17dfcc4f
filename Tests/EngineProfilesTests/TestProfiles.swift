import EngineProfiles
import Foundation
import TestSupport
import Testing

/// The profiles that the tests run over: those of the golden data, measured and synthetic.
struct TestProfile: Sendable, CustomTestStringConvertible {
  var name: String
  var isl: [Double]
  var ttft: [Double]
  var prefillThroughput: [Double]
  var kvUsage: [Double]
  var contextLength: [Double]
  var itl: [Double]
  var throughput: [Double]
  var maximumKVTokens: Double
  /// Reference answers: ISL, TTFT, throughput.
  var prefillQueries: [[Double]]

  var testDescription: String { name }

  /// All of them.
  static let all: [TestProfile] = (try? load()) ?? []
  /// Those whose decode points lie in rows of one context length.
  static let inRows = all.filter { !$0.name.contains("scattered") }

  func prefill() throws -> PrefillCurve {
    try PrefillCurve(isl: isl, ttftMilliseconds: ttft, throughputPerGPU: prefillThroughput)
  }

  /// The decode surface, of the points that `isIncluded` accepts by their index.
  func decode(where isIncluded: (Int) -> Bool = { _ in true }) throws -> DecodeSurface {
    func kept(_ values: [Double]) -> [Double] {
      values.indices.filter(isIncluded).map { values[$0] }
    }
    return try DecodeSurface(
      kvUsage: kept(kvUsage), contextLength: kept(contextLength), itlMilliseconds: kept(itl),
      throughputPerGPU: kept(throughput), maximumKVTokens: maximumKVTokens)
  }

  /// Sequences in decode at a point.
  func concurrency(_ i: Int) -> Double { kvUsage[i] * maximumKVTokens / contextLength[i] }

  /// The context lengths, in increasing order.
  var contexts: [Double] { Set(contextLength).sorted() }

  private static func load() throws -> [TestProfile] {
    struct File: Decodable { var profiles: [String: Entry] }
    struct Entry: Decodable {
      var raw: Raw
      var prefill_queries: [[Double]]
    }
    struct Raw: Decodable {
      var prefill_isl, prefill_ttft, prefill_thpt_per_gpu: [Double]
      var x_kv_usage, y_context_length, z_itl, z_thpt_per_gpu, max_kv_tokens: [Double]
    }
    return try Fixture.json(File.self, "golden/interpolation.json").profiles
      .sorted { $0.key < $1.key }
      .map { name, entry in
        TestProfile(
          name: name, isl: entry.raw.prefill_isl, ttft: entry.raw.prefill_ttft,
          prefillThroughput: entry.raw.prefill_thpt_per_gpu, kvUsage: entry.raw.x_kv_usage,
          contextLength: entry.raw.y_context_length, itl: entry.raw.z_itl,
          throughput: entry.raw.z_thpt_per_gpu, maximumKVTokens: entry.raw.max_kv_tokens[0],
          prefillQueries: entry.prefill_queries)
      }
  }
}

/// `count` numbers from `low` to `high`, evenly spaced on a logarithmic scale.
func logarithmic(_ low: Double, _ high: Double, count: Int) -> [Double] {
  (0..<count).map { low * pow(high / low, Double($0) / Double(count - 1)) }
}
