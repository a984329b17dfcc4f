import Forecasting

/// One decision: what was seen, what is wanted, why, and what became of it.
public struct Decision: Codable, Sendable, Equatable {
  /// Unix seconds of the decision.
  public var time: Double
  /// What the mode scales.
  public var mode: DeploymentMode
  /// What became of it.
  public var status: DecisionStatus
  /// The newest interval's traffic; nil when nothing is known of it or the mode does not look.
  public var observed: TrafficObservation?
  /// Which part of the newest interval met the targets; nil when nothing is known of it.
  public var attainment: LatencyAttainment?
  /// The next interval's traffic; nil when there is nothing to forecast from.
  public var forecast: TrafficForecast?
  /// The correction factors that were used.
  public var correction: CorrectionFactors
  /// Every component that the mode scales.
  public var components: [Component: ComponentDecision]
  /// GPUs before and after, and the budget.
  public var gpus: GPUChange
  /// GPUs of one replica that were counted with.
  public var gpusPerReplica: [Component: Int]
  /// How long decisions have been held, in seconds; nil when this one is not held.
  public var holdSeconds: Double?
  /// What a person should know.
  public var warnings: [String]

  /// The replicas of every component that is to be set (final counts).
  public var targets: [Component: Int] { components.compactMapValues(\.final) }

  /// The components whose final count differs from what the deployment asks for.
  public var changes: [Component] {
    components.filter { $0.value.isChange }.map(\.key).sorted()
  }
}

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
  /// One sentence for a person.
  public var explanation: String

  /// Whether the final count differs from what is asked for (or, when nothing was ever asked for,
  /// from what is there).
  public var isChange: Bool {
    guard let final else { return false }
    return final != (asked ?? current)
  }
}

/// One reason code each for throughput, load and budget.
public struct DecisionReasons: Codable, Sendable, Equatable {
  /// Of the throughput result.
  public var throughput: ThroughputReason
  /// Of the load result.
  public var load: LoadReason
  /// Of the GPU budget.
  public var budget: BudgetReason

  /// Creates the three reasons.
  public init(throughput: ThroughputReason, load: LoadReason, budget: BudgetReason) {
    self.throughput = throughput
    self.load = load
    self.budget = budget
  }
}

/// GPUs before and after a decision.
public struct GPUChange: Codable, Sendable, Equatable {
  /// GPUs of the current replicas; nil when a current count is unknown.
  public var before: Int?
  /// GPUs of the final replicas; nil when a final count is unknown.
  public var after: Int?
  /// The budget; nil for none.
  public var budget: Int?

  /// Creates a change.
  public init(before: Int?, after: Int?, budget: Int?) {
    self.before = before
    self.after = after
    self.budget = budget
  }
}

extension Decision {
  /// The changes in the order they are to be written: side by side, but the component that shrinks
  /// first where the budget would otherwise be exceeded in between.
  public var phases: [[Component]] {
    let changing = changes
    guard changing.count == 2, let budget = gpus.budget,
      let before = gpus.before, let after = gpus.after, before > 0 || after > 0
    else { return changing.isEmpty ? [] : [changing] }
    let shrinking = changing.filter { change(of: $0) < 0 }
    let growing = changing.filter { change(of: $0) >= 0 }
    guard shrinking.count == 1, growing.count == 1 else { return [changing] }
    let atWorst = before + growing.reduce(0) { $0 + gpusAdded(by: $1) }
    return atWorst > budget ? [shrinking, growing] : [changing]
  }

  private func change(of component: Component) -> Int {
    guard let decided = components[component], let final = decided.final else { return 0 }
    return final - (decided.asked ?? decided.current ?? final)
  }

  private func gpusAdded(by component: Component) -> Int {
    max(0, change(of: component)).multipliedReportingOverflow(
      by: gpusPerReplica[component] ?? 1
    ).partialValue
  }
}
