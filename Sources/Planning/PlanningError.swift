import Presentation

/// Why no decision can be made at all: the settings contradict the deployment.
public enum PlanningError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The budget can't hold the fewest replicas of each component.
  case budgetBelowMinimum(budget: Int, needed: Int, minimumReplicas: Int)
  /// Throughput-based scaling is on, but the profile lacks a part that the mode needs.
  case profileMissing(Component)

  /// What is wrong and what to do, as a sentence.
  public var description: String {
    switch self {
    case .budgetBelowMinimum(let budget, let needed, let minimumReplicas):
      "The GPU budget of \(budget) can't hold the minimum of \(Numbers.count(minimumReplicas, "replica")) of each component, which needs \(needed) GPUs; nothing was changed. Raise --max-gpu-budget or lower --min-endpoint."
    case .profileMissing(let component):
      "Throughput-based scaling of \(component.rawValue) workers needs \(component.rawValue) profiling data, and --profile-results-dir holds none."
    }
  }
}
