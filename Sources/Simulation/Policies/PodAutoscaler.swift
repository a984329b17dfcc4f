import Planning

/// A policy that looks at sums and averages over the workers every 15 s, one component at a time, as
/// the Kubernetes horizontal pod autoscaler does.
public protocol PodAutoscaler: ScalingPolicy {
  /// Which components it scales.
  var mode: DeploymentMode { get }

  /// What is asked for of one component.
  mutating func wanted(
    _ component: Component, asked: Int, usage: ComponentUsage, at time: Double
  ) -> Int
}

extension PodAutoscaler {
  /// It counts no traffic.
  public var trafficIntervalSeconds: Int? { nil }
  /// It samples nothing: its metrics are averages.
  public var sampling: WorkerSampling { .none }

  /// Every 15 s.
  public func nextLook(after time: Double) -> Double { multiple(of: 15, after: time) }

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
}

/// What was recommended lately, oldest first.
struct RecommendationWindow {
  private var entries: [(time: Double, replicas: Int)]

  /// A window that begins with what is found at `time`.
  init(_ replicas: Int? = nil, at time: Double = 0) {
    entries = replicas.map { [(time, $0)] } ?? []
  }

  /// Takes a recommendation and forgets those that are `seconds` old.
  mutating func add(_ replicas: Int, at time: Double, keeping seconds: Double) {
    entries.removeAll { $0.time <= time - seconds }
    entries.append((time, replicas))
  }

  /// The highest of them; 0 without any.
  var highest: Int { entries.lazy.map(\.replicas).max() ?? 0 }
  /// The lowest of them; 0 without any.
  var lowest: Int { entries.lazy.map(\.replicas).min() ?? 0 }
}

/// As many as `share` full replicas: 2.1 / 0.7 is 3, whatever the last bit says.
func replicas(holding share: Double) -> Int { Int(min(max((share - 1e-9).rounded(.up), 1), 1e6)) }
