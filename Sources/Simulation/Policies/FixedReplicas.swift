import Planning

/// Never changes anything: the counts that the cluster starts with stay.
public struct FixedReplicas: ScalingPolicy {
  /// What it is called.
  public let name: String
  /// No traffic is counted for it.
  public var trafficIntervalSeconds: Int? { nil }
  /// It samples nothing.
  public var sampling: WorkerSampling { .none }
  /// The counts.
  public let initialReplicas: [Component: Int]?

  /// Creates the policy.
  ///
  /// - Parameter replicas: the counts; nil for those that the cluster starts with.
  public init(name: String, replicas: [Component: Int]? = nil) {
    self.name = name
    initialReplicas = replicas
  }

  /// Never.
  public func nextLook(after time: Double) -> Double { .infinity }

  /// Nothing.
  public func targets(for metrics: ClusterMetrics) -> [Component: Int] { [:] }
}
