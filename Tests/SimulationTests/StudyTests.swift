import Foundation
import Planning
import Testing

@testable import Simulation

/// Means and spreads over seeds and scenarios.
struct StudyTests {
  private func oneCase(
    _ traffic: String, _ seed: UInt64, good: Int, gpuHours: Double
  ) throws -> SimulationStudy.Case {
    func result(_ name: String, _ good: Int, _ hours: Double) -> SimulationResult {
      SimulationResult(
        policy: name,
        total: Outcome(
          seconds: 1800, arrivals: 100, refused: 0, unfinished: 0, good: good, goodTTFT: good,
          goodITL: good, ttft: nil, itl: nil, gpuHours: 99, changes: [.prefill: 2, .decode: 3],
          failedStarts: 0),
        intervals: [], traceGPUHours: hours)
    }
    let comparison = PolicyComparison(
      [result("planner", good, gpuHours), result("oracle", 99, 8)],
      frontier: ReactiveFrontier([
        .init(margin: 0, attainment: 0.5, gpuHours: 10),
        .init(margin: 1, attainment: 0.98, gpuHours: 10.0001),
      ]))
    let report = SimulationReport(
      trace: Traces.of([(0, 1, 1)]), skippedLines: 0, settings: .small(), comparison: comparison)
    return SimulationStudy.Case(traffic: traffic, seed: seed, report: report)
  }

  @Test("rows are means over the seeds, and over all traffic at the end")
  func summary() throws {
    let study = SimulationStudy([
      try oneCase("ramp", 1, good: 90, gpuHours: 10),
      try oneCase("ramp", 2, good: 94, gpuHours: 12),
      try oneCase("step", 1, good: 98, gpuHours: 20),
      try oneCase("step", 2, good: 98, gpuHours: 20),
    ])
    #expect(study.summary.map(\.traffic) == ["ramp", "ramp", "step", "step", "all", "all"])
    let ramp = study.summary[0]
    #expect(ramp.policy == "planner")
    #expect(near(ramp.attainment?.mean, 0.92))
    #expect(near(ramp.attainment?.deviation, 0.04 / 2.0.squareRoot()))
    #expect(ramp.attainment?.least == 0.9)
    #expect(ramp.gpuHours?.mean == 11 && near(ramp.overOracle?.mean, 1.375))
    #expect(near(ramp.overReactive?.mean, 1.1, within: 1e-4))
    #expect(ramp.boundsOnly == 0 && ramp.changesPerHour?.mean == 6)
    // The oracle attains more than any margin: its ratio is a bound.
    #expect(study.summary[1].boundsOnly == 2)
    let all = study.summary[4]
    #expect(near(all.attainment?.mean, 0.95))
    // Seed 1: (0.90 + 0.98) / 2, seed 2: (0.94 + 0.98) / 2.
    #expect(near(all.attainment?.deviation, 0.02 / 2.0.squareRoot()))
  }

  @Test("one kind of traffic and one seed have no spread and no rows over all")
  func single() throws {
    let study = SimulationStudy([try oneCase("ramp", 1, good: 90, gpuHours: 10)])
    #expect(study.summary.map(\.traffic) == ["ramp", "ramp"])
    #expect(
      study.summary[0].attainment == .init([0.9]) && study.summary[0].attainment?.deviation == nil)
  }

  @Test("the text has a table a traffic, and the JSON can be read back without intervals")
  func output() throws {
    let study = SimulationStudy([
      try oneCase("ramp", 1, good: 90, gpuHours: 10),
      try oneCase("ramp", 2, good: 94, gpuHours: 12),
    ])
    #expect(
      study.text == """
        ramp: 1 requests, 2 seeds, mean ± deviation
        policy          SLA %  least   GPU-hours       × oracle                 × reactive  changes/h
        planner  92.00 ± 2.83  90.00  11.0 ± 1.4  1.375 ± 0.177              1.100 ± 0.141  6.0 ± 0.0
        oracle   99.00 ± 0.00  99.00   8.0 ± 0.0  1.000 ± 0.000  (2 outside) 0.800 ± 0.000  6.0 ± 0.0
        """)
    let decoded = try JSONDecoder().decode(
      SimulationStudy.self, from: JSONEncoder().encode(study))
    #expect(decoded.summary == study.summary)
    #expect(decoded.cases.allSatisfy { $0.report.policies.allSatisfy(\.intervals.isEmpty) })
  }
}
