import Testing

@testable import Simulation

struct ScenarioTests {
  @Test(
    "every scenario makes traffic of its length, the same for the same seed",
    arguments: Scenario.all)
  func everyScenario(_ scenario: Scenario) throws {
    let trace = try scenario.trace(seed: 1, seconds: 600)
    #expect(trace.duration > 500 && trace.duration <= 600)
    #expect(trace.arrivals == trace.arrivals.sorted())
    #expect(try scenario.trace(seed: 1, seconds: 600) == trace)
    #expect(try scenario.trace(seed: 2, seconds: 600) != trace)
  }

  @Test("names are unique and lead to their scenario")
  func names() {
    #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    #expect(Scenario.all.allSatisfy { Scenario.named($0.name)?.summary == $0.summary })
    #expect(Scenario.named("nothing") == nil)
  }

  @Test("a scale multiplies the requests and leaves what happens as it is")
  func scale() throws {
    let scenario = try #require(Scenario.named("steady"))
    let one = try scenario.trace(seed: 4, seconds: 3600).count
    let four = try scenario.trace(seed: 4, scale: 4, seconds: 3600).count
    #expect(near(Double(four) / Double(one), 4, within: 0.1))
  }

  /// Requests a second between two shares of a trace.
  private func rate(_ trace: RequestTrace, _ from: Double, _ to: Double, of seconds: Double)
    -> Double
  {
    Double(trace.requests(from: from * seconds, to: to * seconds).count) / ((to - from) * seconds)
  }

  @Test("a ramp rises to its middle and falls, a step jumps up and back", arguments: 1...3)
  func shapes(seed: Int) throws {
    let ramp = try #require(Scenario.named("ramp")).trace(seed: UInt64(seed))
    let middle = rate(ramp, 0.45, 0.55, of: 7200)
    #expect(middle > 2.2 * rate(ramp, 0, 0.03, of: 7200))
    #expect(middle > 2.2 * rate(ramp, 0.97, 1, of: 7200))
    let step = try #require(Scenario.named("step")).trace(seed: UInt64(seed))
    let up = rate(step, 0.42, 0.58, of: 7200)
    #expect(up > 1.4 * rate(step, 0, 0.25, of: 7200))
    #expect(up > 1.4 * rate(step, 0.77, 1, of: 7200))
  }

  @Test("at night a few per cent are left")
  func night() throws {
    let night = try #require(Scenario.named("night")).trace(seed: 1, seconds: 7200)
    let share = rate(night, 0.4, 0.6, of: 7200) / rate(night, 0, 0.12, of: 7200)
    #expect((0.01...0.1).contains(share))
    #expect(rate(night, 0.9, 1, of: 7200) > 0.6 * rate(night, 0, 0.12, of: 7200))
  }

  @Test("an outlier's prompts are longer for three minutes, and no others")
  func outlier() throws {
    let trace = try #require(Scenario.named("outlier")).trace(seed: 2)
    let means = stride(from: 0.0, to: 7200, by: 60).map { start in
      RequestTrace.mean(trace.isl[trace.requests(from: start, to: start + 60)]) ?? 0
    }
    let usual = means.sorted()[60]
    // Three minutes touch four whole ones; the longest prompts are cut at 32,768 tokens.
    #expect((2...4).contains(means.count { $0 > 3 * usual }))
  }

  @Test("code comes in bursts of seconds, chat does not")
  func burstiness() throws {
    func dispersion(_ name: String) throws -> Double {
      let trace = try #require(Scenario.named(name)).trace(seed: 1)
      return try #require(trace.indexOfDispersion(from: 600, seconds: 600))
    }
    #expect(try dispersion("code") > 20)
    #expect(try dispersion("steady") < 10)
  }

  @Test("surges add what they say, with straight edges")
  func surge() {
    let surge = TrafficPlan.Surge(start: 100, seconds: 60, adds: 2, edgeSeconds: 20)
    #expect(
      [99, 100, 110, 120, 140, 150, 160].map { surge.added(at: $0) } == [0, 0, 1, 2, 2, 1, 0])
  }

  // MARK: Lengths

  private func lengths(_ kind: RequestKind, count: Int = 20_000) -> [(isl: Double, osl: Double)] {
    var random = SimulationRandom(seed: 11)
    return (0..<count).map { _ in
      let drawn = kind.lengths(&random)
      return (Double(drawn.isl), Double(drawn.osl))
    }
  }

  private func correlation(_ pairs: [(isl: Double, osl: Double)]) -> Double {
    let logs: [(Double, Double)] = pairs.map { (log2($0.isl), log2($0.osl)) }
    let x = mean(logs.map(\.0))
    let y = mean(logs.map(\.1))
    let xy = mean(logs.map { ($0.0 - x) * ($0.1 - y) })
    let xx = mean(logs.map { ($0.0 - x) * ($0.0 - x) })
    let yy = mean(logs.map { ($0.1 - y) * ($0.1 - y) })
    return xy / (xx * yy).squareRoot()
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  private func log2(_ value: Double) -> Double {
    // Whole powers and a fraction are enough for a correlation.
    Double(value.exponent) + value.significand - 1
  }

  @Test("lengths have the means and the correlation they were told", arguments: [-0.5, 0, 0.6])
  func correlated(by told: Double) {
    let pairs = lengths(
      RequestKind(
        weight: 1, isl: .init(mean: 1500, variation: 0.7), osl: .init(mean: 300, variation: 0.6),
        correlation: told))
    #expect(near(mean(pairs.map(\.isl)), 1500, within: 30))
    #expect(near(mean(pairs.map(\.osl)), 300, within: 6))
    #expect(near(correlation(pairs), told, within: 0.03))
  }

  @Test("a tail is heavy, and cut at the longest length")
  func tail() {
    let pairs = lengths(
      RequestKind(
        weight: 1, isl: .init(mean: 1000, variation: 0.1, tailShare: 0.1),
        osl: .init(mean: 10, variation: 0), correlation: 0))
    // P(length > 4 × mean) = 4^-1.6 = 0.109 of the tail.
    let far = Double(pairs.count { $0.isl > 4000 }) / Double(pairs.count)
    #expect(near(far, 0.0109, within: 0.002))
    #expect(pairs.allSatisfy { $0.isl <= RequestKind.Length.longest })
  }

  @Test("what would be too much or nothing is refused")
  func limits() throws {
    let scenario = try #require(Scenario.named("steady"))
    #expect(throws: TraceError.self) { try scenario.trace(seed: 1, seconds: 1e9) }
    #expect(throws: TraceError.self) { try scenario.trace(seed: 1, scale: 1e6, seconds: 3600) }
    #expect(throws: TraceError.empty(skippedLines: 0)) {
      try scenario.trace(seed: 1, scale: 1e-9, seconds: 60)
    }
  }
}
