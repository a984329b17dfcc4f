import Planning

/// Something that decides how many replicas there should be.
///
/// A policy sees ``ClusterMetrics`` at moments of its own choice and answers with counts; what it
/// remembers is its own.
public protocol ScalingPolicy: Sendable {
  /// What it is called in tables and plots.
  var name: String { get }

  /// Length of the intervals that it wants the traffic counted in, in seconds; nil for none.
  var trafficIntervalSeconds: Int? { get }

  /// Length of the steps, shorter than the intervals, that it wants the traffic counted in, too, in
  /// seconds; nil for none.
  var trafficStepSeconds: Int? { get }

  /// How often it samples the router's page when it looks.
  var sampling: WorkerSampling { get }

  /// The counts that the cluster starts with; nil for those of the cluster's settings.
  var initialReplicas: [Component: Int]? { get }

  /// When it looks next.
  ///
  /// - Parameter time: seconds since the trace's time zero; 0 for the first look.
  /// - Returns: a later time; infinity for never.
  func nextLook(after time: Double) -> Double

  /// What it wants.
  ///
  /// - Returns: replicas of the components that it wants to set; others stay as they are.
  /// - Throws: when it can't work at all.
  mutating func targets(for metrics: ClusterMetrics) throws -> [Component: Int]
}

/// How often a policy samples the router's page in one look.
public struct WorkerSampling: Sendable, Equatable {
  /// Samples, at least 0.
  public var count: Int
  /// Seconds from the first to the last; the policy decides after the last.
  public var spreadSeconds: Double

  /// No sample at all.
  public static let none = WorkerSampling(count: 0, spreadSeconds: 0)

  /// Creates a sampling.
  public init(count: Int, spreadSeconds: Double) {
    self.count = count
    self.spreadSeconds = spreadSeconds
  }

  /// Seconds between two samples.
  var spacing: Double { count > 1 ? spreadSeconds / Double(count - 1) : 0 }
}

extension ScalingPolicy {
  /// By default the traffic is counted in intervals only.
  public var trafficStepSeconds: Int? { nil }

  /// By default the cluster's settings say what it starts with.
  public var initialReplicas: [Component: Int]? { nil }

  /// The next multiple of `period`.
  func multiple(of period: Double, after time: Double) -> Double {
    let next = ((time / period).rounded(.down) + 1) * period
    return next > time ? next : next + period
  }
}
