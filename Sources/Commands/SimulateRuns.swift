import Simulation

/// Simulates several policies, as many at a time as there are jobs.
struct SimulateRuns {
  let run: SimulationRun
  let policies: SimulatePolicies
  let jobs: Int

  /// One result a policy, in their order.
  func results(_ specs: [SimulatePolicySpec]) async throws -> PolicyComparison {
    // A mistake in the last policy is better found before the first was simulated.
    let empty = OraclePlan(intervalSeconds: 1, needs: [])
    for spec in specs { _ = try policies.policy(spec, plan: empty) }

    let goals = try Set(specs.compactMap(SimulatePolicies.oracleGoal)).sorted()
    let interval = Double(run.settings.reportSeconds)
    let plans = try await concurrently(goals) { goal in
      OraclePlan(of: run, intervalSeconds: interval, goal: goal)
    }
    let planOfGoal = Dictionary(uniqueKeysWithValues: zip(goals, plans))
    let decided = try specs.map { spec in
      try policies.policy(
        spec, plan: SimulatePolicies.oracleGoal(spec).flatMap { planOfGoal[$0] })
    }
    return PolicyComparison(
      try await concurrently(decided) { policy in try run.result(of: policy) })
  }

  private func concurrently<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ work: @escaping @Sendable (Input) throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      var outputs = [Output?](repeating: nil, count: inputs.count)
      var next = 0
      func addNext() {
        guard next < inputs.count else { return }
        let (index, input) = (next, inputs[next])
        group.addTask { (index, try work(input)) }
        next += 1
      }
      for _ in 0..<max(1, jobs) { addNext() }
      while let (index, output) = try await group.next() {
        outputs[index] = output
        addNext()
      }
      return outputs.compactMap { $0 }
    }
  }
}
