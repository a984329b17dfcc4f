/// Before a count shrinks, the highest recommendation of the stabilisation window counts, as in the
/// Kubernetes horizontal pod autoscaler; it never raises a count above what there is.
struct Stabilization: ComponentLimit {
  private let windowSeconds: Double

  init(_ damping: Damping) { windowSeconds = damping.scaleDownStabilizationSeconds }

  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard windowSeconds > 0, !proposal.isHeld, !proposal.isControlled, let base = proposal.base,
      let count = proposal.replicas, count < base
    else { return proposal }
    let window = Recommendation.window(input) + [Recommendation([proposal], input)]
    // 6 there are, 2 wanted, 4 asked for two minutes ago: 4.
    guard
      let highest = window.compactMap({ $0.replicas[proposal.component] }).max(), highest > count
    else { return proposal }
    let latest = window.last { $0.replicas[proposal.component] ?? 0 > count }
    return proposal.limited(
      to: min(base, highest), by: self, .stabilized, until: latest.map { $0.time + windowSeconds })
  }
}

/// A loss too small to be worth a change waits for more.
struct SmallestLoss: ComponentLimit {
  private let share: Double

  init(_ damping: Damping) { share = damping.smallestScaleDownShare ?? 0 }

  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard !proposal.isHeld, !proposal.isControlled, let base = proposal.base,
      let count = proposal.replicas, count < base,
      // 20 → 19 is less than a tenth, 20 → 18 is one.
      Double(base - count) < share * Double(base)
    else { return proposal }
    return proposal.limited(to: base, by: self, .smallLoss)
  }
}

/// One decision changes a count by no more than so many.
struct StepLimit: ComponentLimit {
  private let damping: Damping

  init(_ damping: Damping) { self.damping = damping }

  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    guard !proposal.isHeld, !proposal.isControlled, let base = proposal.base,
      let count = proposal.replicas
    else { return proposal }
    if let step = damping.maximumScaleUpStep, count - step > base {
      return proposal.limited(to: base + step, by: self, .stepLimited)
    }
    if let step = damping.maximumScaleDownStep, count < base - step {
      return proposal.limited(to: base - step, by: self, .stepLimited)
    }
    return proposal
  }
}

extension Recommendation {
  /// The earlier recommendations that still count.
  ///
  /// Under a rule that keeps what it finds, what a new planner finds counts as one, so that it
  /// shrinks nothing before it has seen the traffic for a while.
  static func window(_ input: DecisionInput) -> [Recommendation] {
    var past = input.state.recommendations
    if past.isEmpty, input.policy.throughput?.sizing.traits.keepsWhatItFinds == true {
      let found = input.deployment.counts.compactMapValues { $0.asked ?? $0.current }
      past = [Recommendation(time: input.time.nextDown, replicas: found)]
    }
    let start = input.time - input.policy.damping.scaleDownStabilizationSeconds
    return past.filter { $0.time > start && $0.time < input.time }
  }

  /// What one decision wants, to be remembered: without a backlog, which is worked off once.
  init(_ proposals: [Proposal], _ input: DecisionInput) {
    time = input.time
    replicas = [:]
    for proposal in proposals {
      let sizing = proposal.need.sizing
      let isBySize = proposal.wanted == sizing?.replicas || !input.deployment.readiness.isReady
      let steady = isBySize ? sizing?.expectation?.replicasWithoutBacklog : nil
      replicas[proposal.component] = steady ?? proposal.wanted
    }
  }
}
