import Planning

/// How a run is simulated and judged.
public struct SimulationSettings: Sendable, Equatable {
  /// The cluster.
  public var cluster: ClusterSettings
  /// What a request has to meet to count as served well.
  public var targets: LatencyTargets
  /// Length of the intervals that are reported, in seconds, at least 1.
  public var reportSeconds: Int
  /// Unix seconds of the trace's time zero; moved back to a multiple of a policy's traffic
  /// interval.
  public var epoch: Int
  /// Seconds from time zero whose requests are simulated but not judged: the policies find their
  /// feet.
  public var warmUpSeconds: Double

  /// Seconds between two scrapes of the frontend's counters, whose increase is then extrapolated
  /// as Prometheus does it; 0 for counters that are known exactly.
  public var scrapeSeconds: Double
  /// Seconds after the end of an interval or step before a policy can know it.
  public var metricsLatenessSeconds: Double

  /// 2026-01-01 00:00 UTC.
  public static let standardEpoch = 1_767_225_600

  /// Unix seconds of the time zero for a policy whose traffic is counted in intervals of that
  /// length; nil for one that asks for no traffic.
  public func epoch(intervalSeconds: Int?) -> Int {
    epoch - epoch % max(1, intervalSeconds ?? 1)
  }

  /// How long after the last interval requests may take to finish, in seconds.
  static let drainSeconds = 7200.0

  /// Creates settings.
  public init(
    cluster: ClusterSettings, targets: LatencyTargets, reportSeconds: Int = 180,
    epoch: Int = standardEpoch, warmUpSeconds: Double = 0, scrapeSeconds: Double = 0,
    metricsLatenessSeconds: Double = 0
  ) {
    self.cluster = cluster
    self.targets = targets
    self.reportSeconds = reportSeconds
    self.epoch = epoch
    self.warmUpSeconds = warmUpSeconds
    self.scrapeSeconds = scrapeSeconds
    self.metricsLatenessSeconds = metricsLatenessSeconds
  }
}

/// Why a simulation can't be run.
public enum SimulationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The profile lacks a part.
  case profileMissing(Component)
  /// A setting makes no sense; the message is a sentence.
  case badSetting(String)

  /// What is wrong and what to do, as a sentence.
  public var description: String {
    switch self {
    case .profileMissing(let component):
      "The simulated engines need \(component.rawValue) profiling data, and --profile-results-dir holds none."
    case .badSetting(let message): message
    }
  }
}
