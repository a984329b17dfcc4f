import Planning

/// A controller like the Kubernetes horizontal pod autoscaler, one for each component.
///
/// Every 15 s: `desired = ⌈replicas × usage / target⌉` unless usage is within the tolerance of the
/// target; workers that are starting count as unused when it would grow; it at most doubles (or
/// adds 4) at a time, and shrinks only to the highest recommendation of the stabilisation window.
///
/// Usage of prefill workers is the share of time they were busy, that of decode workers their
/// sequences over ``sequencesPerReplica``.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", *Algorithm details* and
/// *Configurable scaling behavior* (defaults).
public struct UtilisationAutoscaler: PodAutoscaler {
  /// What it is called.
  public let name: String
  /// Which components it scales.
  public let mode: DeploymentMode
  private let target: Double
  private let tolerance: Double
  private let stabilizationSeconds: Double
  private let sequencesPerReplica: Double
  private let minimumReplicas: Int
  private var recommendations: [Component: RecommendationWindow] = [:]

  /// Creates the controller.
  ///
  /// - Parameters:
  ///   - target: usage to aim at, above 0.
  ///   - sequencesPerReplica: sequences at which a decode worker counts as fully used, above 0.
  ///   - tolerance: relative deviation from the target that is left alone.
  ///   - stabilizationSeconds: how far back recommendations keep it from shrinking.
  public init(
    name: String, mode: DeploymentMode, target: Double = 0.7, sequencesPerReplica: Double,
    tolerance: Double = 0.1, stabilizationSeconds: Double = 300, minimumReplicas: Int = 1
  ) {
    self.name = name
    self.mode = mode
    self.target = target
    self.sequencesPerReplica = sequencesPerReplica
    self.tolerance = tolerance
    self.stabilizationSeconds = stabilizationSeconds
    self.minimumReplicas = minimumReplicas
  }

  /// What usage asks for.
  public mutating func wanted(
    _ component: Component, asked: Int, usage: ComponentUsage, at time: Double
  ) -> Int {
    let used = usedReplicas(component, usage)
    var desired = asked
    let ratio = used / (target * Double(max(1, usage.ready)))
    if (ratio - 1).magnitude > tolerance {
      // Growing, workers on their way count as unused; if that takes the reason away, it waits.
      let counted = ratio > 1 ? usage.ready + usage.starting : usage.ready
      let damped = used / (target * Double(max(1, counted)))
      if ratio < 1 || damped > 1 + tolerance {
        desired = replicas(holding: used / target)
      }
    }
    desired = max(minimumReplicas, min(desired, max(2 * asked, asked + 4)))
    recommendations[component, default: RecommendationWindow()].add(
      desired, at: time, keeping: stabilizationSeconds)
    let highest = recommendations[component]?.highest ?? desired
    return desired < asked ? min(asked, highest) : desired
  }

  private func usedReplicas(_ component: Component, _ usage: ComponentUsage) -> Double {
    switch (mode, component) {
    case (.agg, _), (_, .decode): Double(usage.sequences) / sequencesPerReplica
    case (_, .prefill): usage.busyWorkers
    }
  }
}
