import Planning

/// A plain rule without a forecast, the yardstick for planners that make one: the capacity that the
/// last complete window needed, held for a while, with a margin.
///
/// At the end of each window it asks for ⌈(1 + margin) × need⌉ of each component, where need is
/// the largest of ``CapacityNeeds`` within ``holdSeconds``. It knows the true engines and, at their
/// arrival, the lengths of the requests, which no real controller does: that makes it a harder
/// yardstick, not an easier one.
public struct ReactiveReplicas: ScalingPolicy {
  /// What it is called.
  public let name: String
  /// It counts no traffic: the needs of a window are computed beforehand and looked at afterwards.
  public var trafficIntervalSeconds: Int? { nil }
  /// It samples nothing.
  public var sampling: WorkerSampling { .none }
  private let needs: CapacityNeeds
  private let holdSeconds: Double
  private let margin: Double
  private let epoch: Double

  /// Seconds by which the hold is longer than the start-up of a worker: what was needed a moment
  /// ago is still held when the workers that were ordered for it arrive, and a little longer.
  public static let holdBeyondStartUp = 90.0
  /// The window of the yardstick, in seconds.
  public static let standardWindow = 30.0

  /// Creates the rule.
  ///
  /// - Parameters:
  ///   - run: what it is for: tells the start-up time and the clock.
  ///   - holdSeconds: how long a need is held; nil for the start-up time and
  ///     ``holdBeyondStartUp``.
  ///   - margin: spare capacity as a share of the need, at least 0.
  public init(
    name: String, run: SimulationRun, needs: CapacityNeeds, holdSeconds: Double? = nil,
    margin: Double = 0
  ) {
    self.name = name
    self.needs = needs
    self.holdSeconds =
      holdSeconds ?? run.settings.cluster.startUpSeconds + Self.holdBeyondStartUp
    self.margin = margin
    epoch = Double(run.settings.epoch(intervalSeconds: nil))
  }

  /// The end of the next window.
  public func nextLook(after time: Double) -> Double {
    multiple(of: needs.windowSeconds, after: time)
  }

  /// What the held need asks for.
  public func targets(for metrics: ClusterMetrics) -> [Component: Int] {
    needs.largest(at: metrics.time - epoch, hold: holdSeconds).mapValues { need in
      // 2.4 × 1.25 is 3, whatever the last bit says.
      Int(min(max((need * (1 + margin) - 1e-9).rounded(.up), 1), 1e6))
    }
  }
}
