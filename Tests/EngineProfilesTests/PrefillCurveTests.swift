import EngineProfiles
import Foundation
import Testing

@Suite struct PrefillCurveTests {
  @Test("there is golden data to test with")
  func hasData() { #expect(TestProfile.all.count == 5) }

  @Test(
    "answers equal the original's wherever its spline stays within what was measured",
    arguments: TestProfile.all)
  func equalsReference(profile: TestProfile) throws {
    let curve = try profile.prefill()
    let largest = try #require(profile.prefillThroughput.max())
    let slowest = try #require(profile.ttft.max())
    let fastest = try #require(profile.ttft.min())
    var compared = 0
    for query in profile.prefillQueries {
      let ttft = curve.ttftMilliseconds(isl: query[0])
      let throughput = curve.throughputPerGPU(isl: query[0])
      if (fastest...slowest).contains(query[1]) {
        #expect(isClose(ttft, query[1]), "TTFT at ISL \(query[0])")
      } else {
        #expect(ttft == slowest || ttft == fastest)
      }
      if query[2] > largest {
        #expect(throughput <= largest)
      } else if isBetweenNeighbours(query, profile) {
        compared += 1
        #expect(isClose(throughput, query[2]), "throughput at ISL \(query[0])")
      }
    }
    #expect(compared > 150)
  }

  @Test(
    "every answer is positive and within the measured extremes, for any ISL",
    arguments: TestProfile.all)
  func isPhysical(profile: TestProfile) throws {
    let curve = try profile.prefill()
    let ttfts = try #require(profile.ttft.min())...#require(profile.ttft.max())
    let throughputs =
      try #require(profile.prefillThroughput.min())...#require(profile.prefillThroughput.max())
    for isl in [-.infinity, -5, 0, 1e300, .infinity] + logarithmic(0.01, 1e7, count: 5000) {
      #expect(ttfts.contains(curve.ttftMilliseconds(isl: isl)))
      #expect(throughputs.contains(curve.throughputPerGPU(isl: isl)))
    }
    #expect(curve.ttftMilliseconds(isl: .nan).isNaN)
    #expect(curve.throughputPerGPU(isl: .nan).isNaN)
  }

  @Test(
    "at a fixed request rate, GPUs fall with a growing ISL only between points that say so",
    arguments: TestProfile.all)
  func isMonotonic(profile: TestProfile) throws {
    let curve = try profile.prefill()
    var falls = Set<Double>()
    for (shorter, longer) in zip(curve.points, curve.points.dropFirst()) {
      var last = 0.0
      for step in 0...300 {
        let isl = shorter.isl + (longer.isl - shorter.isl) * Double(step) / 300
        let gpuSeconds = isl / curve.throughputPerGPU(isl: isl)
        if gpuSeconds < last * (1 - 1e-12) { falls.insert(shorter.isl) }
        last = gpuSeconds
      }
    }
    let contradictions = zip(curve.points, curve.points.dropFirst())
      .filter { $0.gpuSecondsPerPrompt > $1.gpuSecondsPerPrompt }.map(\.0.isl)
    #expect(falls == Set(contradictions))
  }

  @Test("an ISL outside the profile is answered with the nearest and said to be outside")
  func extrapolates() throws {
    let curve = try PrefillCurve(
      isl: [100, 200, 300, 400], ttftMilliseconds: [10, 18, 26, 40],
      throughputPerGPU: [100, 110, 115, 110])
    #expect(curve.islRange == 100...400)
    #expect(curve.ttftMilliseconds(isl: 1e6) == 40)
    #expect(curve.throughputPerGPU(isl: 3) == 100)
    #expect(curve.extrapolation(isl: 250) == nil)
    #expect(curve.extrapolation(isl: 400) == nil)
    #expect(curve.extrapolation(isl: 500) == .isl(500, profiled: 100...400))
    let text = try #require(curve.extrapolation(isl: 0.5)).description
    #expect(
      text == "ISL 0.5 is outside the profiled 100…400 tokens; the nearest profiled length is used."
    )
  }

  private func isClose(_ value: Double, _ reference: Double) -> Bool {
    abs(value - reference) <= 1e-9 * abs(reference)
  }

  /// Whether the reference's GPU time of the prompt lies between those of the two neighbouring
  /// points, or these contradict each other. In 2 of 54 pieces the spline leaves that range.
  private func isBetweenNeighbours(_ query: [Double], _ profile: TestProfile) -> Bool {
    let costs = profile.isl.indices.map { profile.isl[$0] / profile.prefillThroughput[$0] }
    guard let above = profile.isl.firstIndex(where: { $0 > query[0] }), above > 0 else {
      return true
    }
    // Outside the profile the reference is asked at the clamped ISL, which is a point.
    let cost = query[0] / query[2]
    return costs[above - 1] > costs[above]
      || (costs[above - 1]...costs[above]).contains(cost)
  }
}
