import EngineProfiles
import TestSupport
import Testing

/// GPU seconds of a prompt, interpolated as time.
struct PrefillTimeTests {
  private func measured(_ name: String) throws -> PrefillCurve {
    let path = "profiles/\(name)/prefill_raw_data.json"
    let profile = try EngineProfile(
      prefillFile: .init(name: path, bytes: Array(try Fixture.data(path))), decodeFile: nil)
    return try #require(profile.prefill)
  }

  private func curve(_ points: [PrefillPoint]) throws -> PrefillCurve {
    try PrefillCurve(
      isl: points.map(\.isl), ttftMilliseconds: points.map(\.ttftMilliseconds),
      throughputPerGPU: points.map(\.throughputPerGPU))
  }

  private static let profiles = [
    "h200-llama3.1-8b-tp1", "h100-llama3.3-70b-tp8", "h100-llama3.3-70b-tp4",
  ]

  @Test(
    "it is exact where it was measured and lies between its neighbours elsewhere",
    arguments: profiles)
  func bounds(name: String) throws {
    let curve = try measured(name)
    for (left, right) in zip(curve.points, curve.points.dropFirst()) {
      let (one, other) = (left.gpuSecondsPerPrompt, right.gpuSecondsPerPrompt)
      #expect((curve.gpuSecondsPerPrompt(isl: left.isl) / one - 1).magnitude < 1e-9)
      for step in 1..<20 {
        let isl = left.isl + (right.isl - left.isl) * Double(step) / 20
        let seconds = curve.gpuSecondsPerPrompt(isl: isl)
        #expect(seconds >= min(one, other) && seconds <= max(one, other))
      }
    }
  }

  @Test(
    "a left-out length is predicted better than by throughput where it matters, between the first rows",
    arguments: ["h200-llama3.1-8b-tp1", "h100-llama3.3-70b-tp4"])
  func leaveOneOut(name: String) throws {
    let whole = try measured(name)
    let left = whole.points[1]
    let rest = try curve(whole.points.filter { $0 != left })
    let byTime = rest.gpuSecondsPerPrompt(isl: left.isl) / left.gpuSecondsPerPrompt - 1
    let byThroughput =
      left.isl / rest.throughputPerGPU(isl: left.isl) / left.gpuSecondsPerPrompt - 1
    #expect(byTime.magnitude < 0.06)
    #expect(byTime.magnitude < byThroughput.magnitude)
  }

  @Test("beyond the profiled lengths it grows in proportion, below it costs what the shortest does")
  func outside() throws {
    let curve = try measured("h200-llama3.1-8b-tp1")
    let (first, last) = (curve.points[0], curve.points[curve.points.count - 1])
    #expect(curve.gpuSecondsPerPrompt(isl: 1) == first.gpuSecondsPerPrompt)
    let double = curve.gpuSecondsPerPrompt(isl: 2 * last.isl)
    #expect((double / last.gpuSecondsPerPrompt - 2).magnitude < 1e-9)
    #expect(curve.gpuSecondsPerPrompt(isl: .nan).isNaN)
  }

  @Test("one point is a constant up to its length")
  func single() throws {
    let curve = try PrefillCurve(isl: [1000], ttftMilliseconds: [50], throughputPerGPU: [10_000])
    #expect(curve.gpuSecondsPerPrompt(isl: 10) == 0.1)
    #expect(curve.gpuSecondsPerPrompt(isl: 3000) == 0.1 * 3)
  }
}
