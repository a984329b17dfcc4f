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
public struct UtilisationAutoscaler: ScalingPolicy {
  /// What it is called.
  public let name: String
  /// It counts no traffic.
  public var trafficIntervalSeconds: Int? { nil }
  /// It samples nothing: its metrics are averages.
  public var sampling: WorkerSampling { .none }

  private let mode: DeploymentMode
  private let target: Double
  private let tolerance: Double
  private let stabilizationSeconds: Double
  private let sequencesPerReplica: Double
  private let minimumReplicas: Int
  private var recommendations: [Component: [(time: Double, replicas: Int)]] = [:]

  static let periodSeconds = 15.0

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

  /// Every 15 s.
  public func nextLook(after time: Double) -> Double {
    multiple(of: Self.periodSeconds, after: time)
  }

  /// What usage asks for.
  public mutating func targets(for metrics: ClusterMetrics) -> [Component: Int] {
    var targets: [Component: Int] = [:]
    for component in mode.components {
      guard let usage = metrics.usage[component],
        let asked = metrics.deployment.components[component]?.replicas
      else { continue }
      targets[component] = wanted(component, asked: asked, usage: usage, at: metrics.time)
    }
    return targets
  }

  private mutating func wanted(
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
        // 2.1 / 0.7 is 3, whatever the last bit says.
        desired = Int(min(max((used / target - 1e-9).rounded(.up), 1), 1e6))
      }
    }
    desired = max(minimumReplicas, min(desired, max(2 * asked, asked + 4)))
    return stabilized(component, desired: desired, asked: asked, at: time)
  }

  private mutating func stabilized(
    _ component: Component, desired: Int, asked: Int, at time: Double
  ) -> Int {
    var window = recommendations[component] ?? []
    window.removeAll { $0.time <= time - stabilizationSeconds }
    window.append((time, desired))
    recommendations[component] = window
    guard desired < asked else { return desired }
    return min(asked, window.reduce(desired) { max($0, $1.replicas) })
  }

  private func usedReplicas(_ component: Component, _ usage: ComponentUsage) -> Double {
    switch (mode, component) {
    case (.agg, _), (_, .decode): Double(usage.sequences) / sequencesPerReplica
    case (_, .prefill): usage.busyWorkers
    }
  }
}
