/// How forecast traffic becomes replicas.
public enum SizingRule: Codable, Sendable, Equatable {
  /// Forecast demand over profiled capacity, the original planner's rule (``CapacitySizing``).
  case capacity
  /// The fewest replicas with which a share of the requests meets the targets.
  case sla(SLASizingPolicy)

  /// The policy of `sla`; nil under another rule.
  public var sla: SLASizingPolicy? {
    if case .sla(let policy) = self { policy } else { nil }
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
