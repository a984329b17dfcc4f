import Application
import Simulation

/// Simulates several policies, as many at a time as there are jobs.
struct SimulateRuns {
  let run: SimulationRun
  let policies: SimulatePolicies
  let jobs: Int
  /// Whether they are held against the reactive frontier.
  var drawsFrontier = false

  /// One result a policy, in their order.
  func results(_ specs: [SimulatePolicySpec]) async throws -> PolicyComparison {
    // A mistake in the last policy is better found before the first was simulated.
    let empty = OraclePlan(intervalSeconds: 1, needs: [])
    for spec in specs { _ = try policies.policy(spec, plan: empty) }

    let goals = try Set(specs.compactMap(SimulatePolicies.oracleGoal)).sorted()
    let interval = Double(run.settings.reportSeconds)
    let plans = try await concurrently(goals, jobs: jobs) { goal in
      OraclePlan(of: run, intervalSeconds: interval, goal: goal)
    }
    let planOfGoal = Dictionary(uniqueKeysWithValues: zip(goals, plans))
    let decided = try specs.map { spec in
      try policies.policy(
        spec, plan: SimulatePolicies.oracleGoal(spec).flatMap { planOfGoal[$0] })
    }
    let rules = drawsFrontier ? policies.frontier() : []
    let all = decided + rules.map { $0.policy as any ScalingPolicy }
    let progress = Progress("simulated", of: all.count, isShown: Terminal.showsProgress)
    defer { progress.finish() }
    let results = try await concurrently(all, jobs: jobs, progress: progress) { policy in
      try run.result(of: policy)
    }
    let points = zip(rules, results.suffix(rules.count)).compactMap { rule, result in
      result.total.attainment.map {
        ReactiveFrontier.Point(
          margin: rule.margin, attainment: $0, gpuHours: result.traceGPUHours)
      }
    }
    return PolicyComparison(
      Array(results.prefix(decided.count)), frontier: ReactiveFrontier(points))
  }
}
