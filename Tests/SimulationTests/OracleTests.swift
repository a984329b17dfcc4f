import Foundation
import Planning
import Testing

@testable import Simulation

struct OracleTests {
  @Test(
    "the fewest count is found wherever the search begins",
    arguments: [1, 2, 3, 7, 8, 9, 40, 1000], [1, 2, 7, 8, 9, 100, 3000])
  func search(truth: Int, guess: Int) {
    var tries = 0
    let found = ReplicaOracle.fewest(from: guess) { count in
      tries += 1
      return count >= truth
    }
    #expect(found == truth)
    #expect(tries <= 45)
  }

  @Test("a count that is never enough ends the search")
  func endless() {
    #expect(ReplicaOracle.fewest(from: 3) { _ in false } >= ReplicaOracle.mostReplicas)
  }

  @Test("what it orders is enough, one less of anything is not")
  func enoughAndNotMore() throws {
    let trace = Traces.poisson(
      rate: 60, count: 8000, isl: { Int32($0.logNormal(mean: 3000, variation: 0.5)) + 1 },
      osl: { Int32($0.logNormal(mean: 300, variation: 0.5)) + 1 })
    let run = try SimulationRun(
      trace: trace, profile: Engines.h200(),
      settings: .small(prefill: 5, decode: 5, startUp: 0, ttft: 400, itl: 12))
    let plan = OraclePlan(of: run, intervalSeconds: 60, goal: 0.98)
    #expect(plan.needs.count == Int((run.end / 60).rounded(.up)))
    let oracle = plan.clairvoyant(name: "oracle", startUpSeconds: 0)
    let outcome = try run.result(of: oracle).total
    let goodTTFT = try #require(outcome.ttftAttainment)
    let goodITL = try #require(outcome.itlAttainment)
    #expect(goodTTFT > 0.97 && goodITL > 0.97)
    for component in [Component.prefill, .decode] {
      let fewer = ScheduledReplicas(
        name: "fewer",
        steps: [.init(time: 0, replicas: lowered(oracle.initialReplicas ?? [:], component))]
          + oracle.steps.map { .init(time: $0.time, replicas: lowered($0.replicas, component)) })
      let worse = try run.result(of: fewer).total
      #expect(worse.good < outcome.good)
      let share = component == .prefill ? worse.ttftAttainment : worse.itlAttainment
      #expect(try #require(share) < 0.97, "\(component)")
    }
  }

  private func lowered(_ counts: [Component: Int], _ component: Component) -> [Component: Int] {
    var lowered = counts
    lowered[component] = max(1, (counts[component] ?? 1) - 1)
    return lowered
  }

  @Test("a clairvoyant plan orders each worker its start-up time ahead")
  func leadTime() {
    let plan = OraclePlan(
      intervalSeconds: 100,
      needs: [1, 5, 2, 2, 8].map { [.decode: $0] })
    let policy = plan.clairvoyant(name: "oracle", startUpSeconds: 60)
    #expect(policy.initialReplicas == [.decode: 1])
    let counts = policy.steps.map { [$0.time, Double($0.replicas[.decode] ?? 0)] }
    #expect(
      counts == [
        [40, 5], [100, 5], [140, 5], [200, 2], [240, 2], [300, 2], [340, 8], [400, 8],
      ])
    // A start-up longer than an interval looks further ahead.
    let slow = plan.clairvoyant(name: "oracle", startUpSeconds: 150)
    #expect(slow.initialReplicas == [.decode: 5])
    #expect(slow.steps.first { $0.time == 250 }?.replicas == [.decode: 8])
  }

  @Test("hindsight orders at an interval's end what it would have needed, times the margin")
  func hindsight() {
    let plan = OraclePlan(intervalSeconds: 100, needs: [3, 5].map { [.decode: $0] })
    let policy = plan.hindsight(name: "past", margin: 1.3)
    #expect(policy.initialReplicas == nil)
    #expect(
      policy.steps == [
        .init(time: 100, replicas: [.decode: 4]), .init(time: 200, replicas: [.decode: 7]),
      ])
    #expect(plan.peak == [.decode: 5])
  }

  @Test("a request that can't meet the targets even alone is not waited for")
  func unavoidable() throws {
    // ISL 16,000 takes 366 ms of prefill on an idle H200; half of the requests are so long.
    let trace = Traces.of((0..<200).map { (Double($0) * 0.9, $0 % 2 == 0 ? 16_000 : 500, 20) })
    let run = try SimulationRun(
      trace: trace, profile: Engines.h200(), settings: .small(ttft: 200, itl: 15))
    let plan = OraclePlan(of: run, intervalSeconds: 180, goal: 0.9)
    #expect(try #require(plan.needs[0][.prefill]) < 10)
  }
}
