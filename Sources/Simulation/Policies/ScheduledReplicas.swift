import Planning

/// Follows a plan that was made beforehand.
public struct ScheduledReplicas: ScalingPolicy {
  /// One entry of a plan.
  public struct Step: Sendable, Equatable {
    /// Seconds from the trace's time zero.
    public var time: Double
    /// Replicas from then on.
    public var replicas: [Component: Int]

    /// Creates a step.
    public init(time: Double, replicas: [Component: Int]) {
      self.time = time
      self.replicas = replicas
    }
  }

  /// What it is called.
  public let name: String
  /// It counts no traffic.
  public var trafficIntervalSeconds: Int? { nil }
  /// It samples nothing.
  public var sampling: WorkerSampling { .none }
  /// What the cluster starts with.
  public let initialReplicas: [Component: Int]?
  /// The plan after time zero.
  public let steps: [Step]
  private var next = 0

  /// Creates the policy.
  ///
  /// - Parameter steps: the plan in order of time, at most one step at a time; what it says for time
  ///   zero or earlier is what the cluster starts with.
  public init(name: String, steps: [Step]) {
    self.name = name
    initialReplicas = steps.last { $0.time <= 0 }?.replicas
    self.steps = steps.filter { $0.time > 0 }
  }

  /// The time of the next step.
  public func nextLook(after time: Double) -> Double {
    next < steps.count ? steps[next].time : .infinity
  }

  /// The counts of the next step.
  public mutating func targets(for metrics: ClusterMetrics) -> [Component: Int] {
    defer { next += 1 }
    return next < steps.count ? steps[next].replicas : [:]
  }
}
