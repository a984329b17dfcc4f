import Application
import Planning
import Simulation
import Testing

@testable import Commands

/// What `simulate` makes of the texts that it is given.
struct SimulateOptionsTests {
  @Test(
    "seeds are a list, a range or both",
    arguments: [("3", [3]), ("1..4", [1, 2, 3, 4]), ("1,2,7", [1, 2, 7]), ("9,1..2", [9, 1, 2])]
      as [(String, [UInt64])])
  func seeds(text: String, seeds: [UInt64]) throws {
    #expect(try SimulatedTraffic.seeds(text) == seeds)
  }

  @Test(
    "what is no list of seeds is refused",
    arguments: ["", "x", "1.5", "5..1", "1..", "..3", "1,,2", "1,1", "0..1000000", "-1", "1...3x"])
  func badSeeds(text: String) {
    #expect(throws: CommandFailure.self) { try SimulatedTraffic.seeds(text) }
  }

  @Test(
    "a start-up time is a number or a distribution",
    arguments: [
      ("60", .fixed(60)), ("0", .fixed(0)),
      ("lognormal:90,0.4", .logNormal(median: 90, deviation: 0.4)),
      ("uniform:30,120", .uniform(30, 120)),
    ] as [(String, StartUpTime)])
  func startUp(text: String, time: StartUpTime) throws {
    #expect(try SimulatedCluster.startUp(text) == time)
  }

  @Test(
    "what is no start-up time is refused",
    arguments: [
      "", "x", "lognormal", "lognormal:90", "uniform:120,30", "uniform:1,2,3", "normal:1,2",
    ])
  func badStartUp(text: String) {
    #expect(throws: CommandFailure.self) { try SimulatedCluster.startUp(text) }
  }

  @Test("a sweep is every combination, the last option changing fastest")
  func sweep() throws {
    #expect(
      try SimulateSweep.policies(["sla-quantile=0.9,0.95", "every=15,60"]) == [
        "planner:sla-quantile=0.9,every=15", "planner:sla-quantile=0.9,every=60",
        "planner:sla-quantile=0.95,every=15", "planner:sla-quantile=0.95,every=60",
      ])
    #expect(try SimulateSweep.policies([]).isEmpty)
  }

  @Test(
    "what is no sweep is refused",
    arguments: [
      [""], ["sla-quantile"], ["sla-quantile="], ["=1"], ["a=1,,2"], ["a=1", "a=2"],
      (1...10).map { "option\($0)=1,2" } + ["last=1,2"],
    ])
  func badSweep(texts: [String]) {
    #expect(throws: CommandFailure.self) { try SimulateSweep.policies(texts) }
  }
}
