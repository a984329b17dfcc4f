/// What is decided for one component.
public struct ComponentDecision: Codable, Sendable, Equatable {
  /// Replicas there are: what the deployment asks for, or what the router shows; nil if unknown.
  public var current: Int?
  /// Replicas that the deployment asks for; nil when nobody has asked for any number.
  public var asked: Int?
  /// Replicas that are ready; nil when unknown.
  public var ready: Int?
  /// Replicas that the forecast needs; nil without a throughput result.
  public var throughput: Int?
  /// Replicas that the load asks for; nil without a load result.
  public var load: Int?
  /// The fewest replicas that the throughput result allows; nil when there has been none.
  public var floor: Int?
  /// Replicas wanted before budget and damping; nil when nothing can be wanted.
  public var desired: Int?
  /// Replicas decided on; nil when nothing is known that could be kept.
  public var final: Int?
  /// Why.
  public var reasons: DecisionReasons
  /// The arithmetic of the throughput result.
  public var sizing: ReplicaSizing?
  /// The arithmetic of the load result.
  public var verdict: LoadVerdict?
  /// Whether this component was held: something that its decision needs was missing or in the way.
  public var isHeld: Bool
  /// What limited it or held it, in order; nil in decisions of versions that did not keep it.
  public var trail: [Adjustment]?
  /// One sentence for a person.
  public var explanation: String

  /// Whether the final count differs from what is asked for (or, when nothing was ever asked for,
  /// from what is there).
  public var isChange: Bool {
    guard let final else { return false }
    return final != (asked ?? current)
  }
}

extension ComponentDecision {
  /// What is decided once every limit has had its say.
  init(_ proposal: Proposal, _ input: DecisionInput) {
    let need = proposal.need
    self.init(
      current: proposal.counts.current, asked: proposal.counts.asked,
      ready: proposal.counts.ready, throughput: need.sizing?.replicas, load: need.load,
      floor: need.floor, desired: proposal.wanted, final: proposal.replicas,
      reasons: DecisionReasons(proposal, hasBudget: input.policy.gpuBudget != nil),
      sizing: need.sizing, verdict: need.verdict, isHeld: proposal.isHeld, trail: proposal.trail,
      explanation: "")
    explanation = Explanation(proposal.component, self, input).sentence
  }

  /// The damping that decided last; nil where none did.
  public var damping: Adjustment? { trail?.last { $0.reason.isDamping } }
}

extension DecisionReasons {
  /// The reasons as the trail tells them.
  init(_ proposal: Proposal, hasBudget: Bool) {
    throughput =
      if proposal.isAdjusted(.holdFallback) {
        .holdFallback
      } else if proposal.isAdjusted(.growthInFlight), !proposal.isHeld {
        .scaleUp
      } else if proposal.isAdjusted(.lossInFlight), !proposal.isHeld {
        .scaleDown
      } else {
        proposal.need.throughputReason
      }
    load = proposal.need.loadReason
    budget = proposal.isAdjusted(.budget) ? .limited : hasBudget ? .withinBudget : .unlimited
    damping = proposal.trail.last { $0.reason.isDamping }.flatMap { DampingReason($0.reason) }
    control = proposal.trail.last { $0.reason.isControl }.flatMap { ControlReason($0.reason) }
  }
}
