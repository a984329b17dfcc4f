/// One rule that may change what is proposed, or hold it.
///
/// A limit is a value in a file of its own and a place in ``Limits/ordered(for:)``.
protocol Limit: Sendable {
  /// What is left of `proposals`, with a line in the trail of each that was changed or held.
  ///
  /// - Throws: ``PlanningError`` when settings and deployment contradict each other.
  func limit(
    _ proposals: [Proposal], _ input: DecisionInput
  ) throws(PlanningError) -> [Proposal]
}

/// The limits in the order in which they have their say.
enum Limits {
  /// From what is needed to what is decided; only a hold's fallback comes later.
  static func ordered(for input: DecisionInput) -> [any Limit] {
    let policy = input.policy
    guard input.deployment.readiness.isReady else {
      return [
        ScalingInProgress(), BacklogHold(), ControlBounds(), GrowthBudget(),
        Stabilization(policy.damping), SmallestLoss(policy.damping), StepLimit(policy.damping),
        AbandonedStarts(), ControlBounds(), GrowthBudget(), UnchangedHold(),
      ]
    }
    return [
      Floor(), LearnedEngineLimit(), Minimum(), MissingDataHold(), BacklogHold(), GPUFloor(),
      ControlBounds(), Budget(), Stabilization(policy.damping), SmallestLoss(policy.damping),
      StepLimit(policy.damping), ThroughputStepLimit(), AbandonedStarts(), ControlBounds(),
      Budget(), MissingWorkersHold(),
    ]
  }
}

/// A rule that looks at each component by itself.
protocol ComponentLimit: Limit {
  /// What is left of `proposal`.
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal
}

extension ComponentLimit {
  func limit(_ proposals: [Proposal], _ input: DecisionInput) -> [Proposal] {
    proposals.map { limit($0, input) }
  }
}
