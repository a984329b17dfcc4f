import Foundation
import Invocation
import Planning
import Testing

@testable import Simulation

struct ResultTests {
  @Test("quantiles are nearest ranks")
  func quantiles() throws {
    let hundred = try #require(LatencySummary((1...100).map { Float($0) }.shuffled()))
    #expect(hundred.p50 == 50 && hundred.p90 == 90 && hundred.p99 == 99 && hundred.mean == 50.5)
    let single = try #require(LatencySummary([7]))
    #expect(single.p50 == 7 && single.p99 == 7 && single.mean == 7)
    #expect(LatencySummary([]) == nil)
  }

  @Test("intervals add up to the whole, and each request belongs to the one it arrived in")
  func intervals() throws {
    // Prefill takes 1 s a prompt: the second of two waits 1 s, so it misses.
    let trace = Traces.of([
      (0, 1000, 1), (0, 1000, 1), (100, 1000, 1), (179.5, 1000, 1), (361, 1000, 11),
    ])
    let settings = SimulationSettings.small(ttft: 1500, itl: 15)
    let result = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: 0.001, stepSeconds: 0.02),
      settings: settings
    ).result(of: FixedReplicas(name: "fixed"))
    #expect(result.intervals.map(\.outcome.arrivals) == [4, 0, 1])
    #expect(result.intervals.map(\.outcome.good) == [3, 0, 0])
    #expect(result.intervals.map(\.outcome.goodTTFT) == [3, 0, 1])
    #expect(result.intervals.map(\.start) == [0, 180, 360])
    #expect(result.total.arrivals == 5 && result.total.good == 3)
    #expect(result.total.seconds == 540)
    #expect(result.total.attainment == 0.6)
    #expect((result.total.gpuHours - 2 * 540.0 / 3600).magnitude < 1e-9)
    #expect(result.total.goodput == 3.0 / 540)
    let itl = try #require(result.total.itl)
    #expect((itl.mean - 20).magnitude < 0.01)
  }

  @Test("a warm-up is simulated and not judged")
  func warmUp() throws {
    let trace = Traces.poisson(rate: 1, count: 1000)
    var settings = SimulationSettings.small()
    settings.warmUpSeconds = 360
    let result = try SimulationRun(trace: trace, profile: Engines.ideal(), settings: settings)
      .result(of: FixedReplicas(name: "fixed"))
    #expect(
      result.total.arrivals == result.intervals.dropFirst(2).reduce(0) { $0 + $1.outcome.arrivals })
    #expect(result.total.seconds == Double(result.intervals.count - 2) * 180)
  }

  @Test("changes are counted where a count really changes")
  func changes() throws {
    let policy = ScheduledReplicas(
      name: "plan",
      steps: [
        .init(time: 10, replicas: [.prefill: 2]),
        .init(time: 20, replicas: [.prefill: 2, .decode: 3]),
        .init(time: 200, replicas: [.prefill: 1]),
      ])
    let result = try SimulationRun(
      trace: Traces.poisson(rate: 1, count: 300), profile: Engines.ideal(), settings: .small()
    ).result(of: policy)
    #expect(result.total.changes == [.prefill: 2, .decode: 1])
    #expect(result.intervals[0].outcome.changes == [.prefill: 1, .decode: 1])
    #expect(
      result.intervals[0].replicas[.decode] == .init(asked: 3, ready: 3, starting: 0, draining: 0))
  }

  private func result(_ name: String, attainment: Double, gpuHours: Double) -> SimulationResult {
    let good = Int(attainment * 1000)
    return SimulationResult(
      policy: name,
      total: Outcome(
        seconds: 3600, arrivals: 1000, refused: 0, unfinished: 0, good: good, goodTTFT: good,
        goodITL: 1000, ttft: nil, itl: nil, gpuHours: gpuHours, changes: [.decode: 6],
        failedStarts: 0), intervals: [])
  }

  @Test("the Pareto front holds what nothing else dominates")
  func paretoFront() {
    let comparison = PolicyComparison([
      result("a", attainment: 0.9, gpuHours: 10), result("b", attainment: 0.9, gpuHours: 9),
      result("c", attainment: 0.99, gpuHours: 20), result("d", attainment: 0.98, gpuHours: 20),
      result("e", attainment: 0.5, gpuHours: 30), result("f", attainment: 0.9, gpuHours: 9),
      result("g", attainment: 0.2, gpuHours: 1),
    ])
    #expect(comparison.paretoFront == [1, 2, 5, 6])
  }

  @Test("the cheapest that keeps the asked share is named, and the oracle is no choice")
  func cheapest() {
    let comparison = PolicyComparison([
      result("oracle", attainment: 1, gpuHours: 1), result("a", attainment: 0.96, gpuHours: 12),
      result("b", attainment: 0.99, gpuHours: 11), result("c", attainment: 0.9, gpuHours: 3),
    ])
    #expect(comparison.paretoFront == [2, 3])
    #expect(comparison.cheapest(keeping: 0.95) == 2)
    #expect(comparison.cheapest(keeping: 0.995) == nil)
    #expect(
      comparison.answer(keeping: 0.95)
        == "The cheapest that keeps 95 % of the requests within both targets: b, with 99.00 % for 11.0 GPU-hours."
    )
    #expect(
      comparison.answer(keeping: 0.995)
        == "None keeps 99.5 % of the requests within both targets; nearest is b, with 99.00 % for 11.0 GPU-hours."
    )
  }

  @Test("the table says what a person compares by")
  func table() {
    let comparison = PolicyComparison([
      result("planner", attainment: 0.9, gpuHours: 10),
      result("hpa", attainment: 0.8, gpuHours: 12.345),
    ])
    #expect(
      comparison.table == """
           policy   SLA %  TTFT %   ITL %  TTFT p50  p99 ms  ITL p50  p99 ms  GPU-hours  changes/h  good req/s
        *  planner  90.00   90.00  100.00         –       –        –       –       10.0        6.0        0.25
           hpa      80.00   80.00  100.00         –       –        –       –       12.3        6.0        0.22
        """)
  }

  @Test("the JSON report can be read back")
  func json() throws {
    let run = try SimulationRun(
      trace: Traces.poisson(rate: 1, count: 300), profile: Engines.ideal(), settings: .small())
    let comparison = PolicyComparison([try run.result(of: FixedReplicas(name: "fixed"))])
    let report = SimulationReport(
      trace: run.trace, skippedLines: 2, settings: run.settings, comparison: comparison)
    let decoded = try JSONDecoder().decode(
      SimulationReport.self, from: JSONEncoder().encode(report))
    #expect(decoded.policies == comparison.results)
    #expect(decoded.paretoFront == ["fixed"])
    let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    #expect(text.contains("\"sla_attainment\":1") && text.contains("\"goodput_per_s\":"))
  }

  @Test("the CSV has as many fields in every row as names in its header")
  func csv() throws {
    let run = try SimulationRun(
      trace: Traces.poisson(rate: 1, count: 300), profile: Engines.ideal(), settings: .small())
    let lines = try run.result(of: FixedReplicas(name: "fixed: 1")).csv.split(separator: "\n")
    #expect(lines.count == 1 + 2)
    let counts = Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count })
    #expect(counts.count == 1)
    #expect(
      try run.result(of: FixedReplicas(name: "fixed")).timeline.split(separator: "\n").count == 3)
  }
}
