/// The sizing rules that there are: where a new one is listed.
public enum SizingRule: Codable, Sendable, Equatable {
  /// Forecast demand over profiled capacity, the original planner's rule (``CapacitySizing``).
  case capacity
  /// The fewest replicas with which a share of the requests meets the targets (``SLASizing``).
  case sla(SLASizingPolicy)

  /// The rule's traits.
  public var traits: SizingTraits {
    switch self {
    case .capacity: CapacitySizing.traits
    case .sla: SLASizing.traits
    }
  }

  /// The rule itself, for `policy`.
  public func rule(_ policy: PlanningPolicy) -> any Sizing {
    let interval = (policy.throughput ?? ThroughputPolicy()).intervalSeconds
    return switch self {
    case .capacity: CapacitySizing(policy: policy, intervalSeconds: interval)
    case .sla(let sla): SLASizing(policy: policy, sla: sla, intervalSeconds: interval)
    }
  }
}

/// How replicas are sized that hold the latency targets.
public struct SLASizingPolicy: Codable, Sendable, Equatable {
  /// Share of the requests that shall meet the targets, above 0 and below 1.
  public var quantile: Double
  /// Seconds within which waiting work beyond the usual is to be worked off, above 0.
  public var backlogDrainSeconds: Double

  /// Creates a policy.
  public init(quantile: Double = 0.95, backlogDrainSeconds: Double = 60) {
    self.quantile = quantile
    self.backlogDrainSeconds = backlogDrainSeconds
  }
}
