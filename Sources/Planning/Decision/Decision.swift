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
  /// How many times as slow as profiled engines were taken to be.
  public var slowdown: EngineSlowdown
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
  /// What people and the calendar had said; nil for nothing.
  public var controls: [Control]?

  private enum CodingKeys: String, CodingKey {
    case time, mode, status, observed, attainment, forecast
    case slowdown = "correction"
    case components, gpus, gpusPerReplica, holdSeconds, warnings, controls
  }

  /// The replicas of every component that is to be set (final counts).
  public var targets: [Component: Int] { components.compactMapValues(\.final) }

  /// The components whose final count differs from what the deployment asks for.
  public var changes: [Component] {
    components.filter { $0.value.isChange }.map(\.key).sorted()
  }
}

/// One reason code each for throughput, load, budget and damping.
public struct DecisionReasons: Codable, Sendable, Equatable {
  /// Of the throughput result.
  public var throughput: ThroughputReason
  /// Of the load result.
  public var load: LoadReason
  /// Of the GPU budget.
  public var budget: BudgetReason
  /// Of the damping that decided last; nil where none did.
  public var damping: DampingReason?
  /// Of the person or the calendar that decided last; nil where none did.
  public var control: ControlReason?

  /// Creates the reasons.
  public init(
    throughput: ThroughputReason, load: LoadReason, budget: BudgetReason,
    damping: DampingReason? = nil, control: ControlReason? = nil
  ) {
    self.throughput = throughput
    self.load = load
    self.budget = budget
    self.damping = damping
    self.control = control
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
