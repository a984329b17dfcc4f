import EngineProfiles
import Foundation
import TestSupport
import Testing

/// "Profiles" (docs/design/rules.md): how well the surface predicts a context length that was not profiled.
///
/// | mean relative error    | ITL: ours | original | throughput: ours | original |
/// |------------------------|-----------|----------|------------------|----------|
/// | H200, Llama 3.1 8B     | 0.046     | 0.137    | 0.044            | 0.56     |
/// | H100 × 8, Llama 3.3 70B | 0.024    | 0.135    | 0.049            | 7.5      |
/// | H100 × 4, Llama 3.3 70B | 0.037    | 0.117    | 0.061            | 8.7      |
@Suite struct LeaveOneOutTests {
  /// The original's errors, from `scripts/reference/leave_one_out.py`.
  struct Reference: Decodable {
    var profiles: [String: Errors]
    struct Errors: Decodable {
      var points: Int
      var cubic_itl_error: Double
      var cubic_throughput_error: Double
    }
  }

  @Test(
    "a left-out context row is predicted within 6 % of ITL and 10 % of throughput",
    arguments: ["h200-llama3.1-8b-tp1", "h100-llama3.3-70b-tp8", "h100-llama3.3-70b-tp4"])
  func predictsLeftOutRow(name: String) throws {
    let reference = try #require(
      try Fixture.json(Reference.self, "profiles/leave_one_out.json").profiles[name])
    let decode = try #require(try measured(name).decode)
    let ours = try Self.errors(of: decode)

    #expect(ours.points == reference.points)
    #expect(ours.itl <= 0.06)
    #expect(ours.throughput <= 0.10)
    // Beside the original's surface, asked at the same points of the same left-out rows.
    #expect(ours.itl < reference.cubic_itl_error)
    #expect(ours.throughput < reference.cubic_throughput_error)
  }

  @Test("the synthetic profile in rows is predicted as well")
  func predictsSynthetic() throws {
    let profile = try #require(TestProfile.all.first { $0.name.contains("structured") })
    let ours = try Self.errors(of: profile.decode())
    #expect(ours.itl <= 0.06)
    #expect(ours.throughput <= 0.10)
  }

  private func measured(_ name: String) throws -> EngineProfile {
    let path = "profiles/\(name)/decode_raw_data.json"
    return try EngineProfile(
      prefillFile: nil, decodeFile: .init(name: path, bytes: Array(try Fixture.data(path))))
  }

  /// Mean relative errors over the points of all inner rows, each predicted without its row. The
  /// outermost rows stay: what lies beyond the profiled contexts can't be known.
  static func errors(
    of surface: DecodeSurface
  ) throws -> (itl: Double, throughput: Double, points: Int) {
    var itlErrors: [Double] = []
    var throughputErrors: [Double] = []
    for leftOut in Set(surface.points.map(\.contextLength)).sorted().dropFirst().dropLast() {
      let kept = surface.points.filter { $0.contextLength != leftOut }
      let others = try DecodeSurface(
        kvUsage: kept.map(\.kvUsage), contextLength: kept.map(\.contextLength),
        itlMilliseconds: kept.map(\.itlMilliseconds),
        throughputPerGPU: kept.map(\.throughputPerGPU), maximumKVTokens: surface.maximumKVTokens)
      for point in surface.points where point.contextLength == leftOut {
        let concurrency = point.concurrency(maximumKVTokens: surface.maximumKVTokens)
        let itl = others.itlMilliseconds(concurrency: concurrency, contextLength: leftOut)
        let throughput = others.throughputPerGPU(concurrency: concurrency, contextLength: leftOut)
        itlErrors.append(abs(itl / point.itlMilliseconds - 1))
        throughputErrors.append(abs(throughput / point.throughputPerGPU - 1))
      }
    }
    let n = Double(itlErrors.count)
    return (itlErrors.reduce(0, +) / n, throughputErrors.reduce(0, +) / n, itlErrors.count)
  }
}
