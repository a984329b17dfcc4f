/// What earlier decisions left for this one.
public struct DecisionState: Codable, Sendable, Equatable {
  /// The last throughput result; nil when there has been none.
  public var plan: ThroughputPlan?
  /// Recommendations of the stabilisation window, oldest first.
  public var recommendations: [Recommendation]
  /// Since when decisions have been held, Unix seconds; nil when the last one was not.
  public var holdSince: Double?

  /// Creates a state.
  public init(
    plan: ThroughputPlan? = nil, recommendations: [Recommendation] = [], holdSince: Double? = nil
  ) {
    self.plan = plan
    self.recommendations = recommendations
    self.holdSince = holdSince
  }
}

/// A throughput result: the floor until the next one.
public struct ThroughputPlan: Codable, Sendable, Equatable {
  /// End of the interval that it was made after, Unix seconds.
  public var intervalEnd: Int
  /// Replicas of each component.
  public var replicas: [Component: Int]

  /// Creates a plan.
  public init(intervalEnd: Int, replicas: [Component: Int]) {
    self.intervalEnd = intervalEnd
    self.replicas = replicas
  }
}

/// What was wanted at one moment, for scale-down stabilisation.
public struct Recommendation: Codable, Sendable, Equatable {
  /// Unix seconds.
  public var time: Double
  /// Replicas wanted then.
  public var replicas: [Component: Int]

  /// Creates a recommendation.
  public init(time: Double, replicas: [Component: Int]) {
    self.time = time
    self.replicas = replicas
  }
}
