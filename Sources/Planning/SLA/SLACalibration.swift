#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What the intervals so far taught about engines and traffic that profile and theory don't know.
///
/// Each decision promises a share of requests within the target; the next interval shows the share
/// there was. Where fewer were within it than promised, engines count as slower than profiled, and
/// the other way round, so that in the long run the promised share is kept whatever the model gets
/// wrong: profile, router, clumped arrivals, forecasts.
public struct SLACalibration: Codable, Sendable, Equatable {
  /// How much longer engines take than profiled, as far as it counts for sizing.
  public var factors = CorrectionFactors()
  /// Variance over mean of the arrivals, a moving average; nil before any was known.
  public var indexOfDispersion: Double?

  /// What the factors stay within.
  public static let bounds = 0.7...2.0
  /// Change of a factor's logarithm over 180 s in which nothing promised was kept.
  private static let gain = 0.5
  private static let largestRise = 0.1
  private static let largestFall = -0.02
  /// Requests below which an interval teaches nothing.
  private static let fewestRequests = 20.0
  private static let dispersionWeight = 0.2

  /// Creates a calibration that changes nothing.
  public init() {}

  /// Learns the interval that just ended.
  ///
  /// - Parameters:
  ///   - plan: what was decided for it; nil teaches only the dispersion.
  ///   - ready: replicas that are ready. A component with fewer than planned teaches nothing: its
  ///     misses were foreseen.
  public mutating func learn(
    _ observation: TrafficObservation, plan: ThroughputPlan?, ready: [Component: Int],
    targets: LatencyTargets, intervalSeconds: Int
  ) {
    if let index = observation.arrivals?.indexOfDispersion, index.isFinite, index >= 0 {
      let measured = min(index, TrafficDemand.largestDispersion)
      indexOfDispersion =
        indexOfDispersion.map {
          $0 + Self.dispersionWeight * (measured - $0)
        } ?? measured
    }
    guard let plan, let promises = plan.promises, observation.requestCount >= Self.fewestRequests
    else { return }
    let spread = observation.spread
    let pace = min(1, Double(intervalSeconds) / 180)
    func updated(
      _ factor: Double, _ component: Component, _ latencies: BucketCounts?, target: Double
    ) -> Double {
      guard let promise = promises[component], let planned = plan.replicas[component],
        let ready = ready[component], ready >= planned,
        let kept = latencies?.share(atMost: target), kept.isFinite
      else { return factor }
      let change = Self.gain * (promise.share - kept)
      // More than was needed says nothing of how much is.
      if change < 0, !promise.isTight { return factor }
      let step = min(max(change, Self.largestFall), Self.largestRise) * pace
      return min(max(factor * exp(step), Self.bounds.lowerBound), Self.bounds.upperBound)
    }
    factors.prefill = updated(
      factors.prefill, .prefill, spread?.ttftMilliseconds, target: targets.ttftMilliseconds)
    factors.decode = updated(
      factors.decode, .decode, spread?.itlMilliseconds, target: targets.itlMilliseconds)
  }
}

/// What a decision expects of its replicas.
public struct SLAPromise: Codable, Sendable, Equatable {
  /// Share of the requests within the target.
  public var share: Double
  /// Whether one replica less would not do.
  public var isTight: Bool

  /// Creates a promise.
  public init(share: Double, isTight: Bool) {
    self.share = share
    self.isTight = isTight
  }

  /// The promise of a sizing; nil when it promises nothing.
  init?(_ detail: SLASizingDetail?) {
    guard let detail else { return nil }
    share = min(detail.quantile, detail.outlook.attainment)
    isTight = detail.bound == .latency || detail.bound == .kvCache
  }
}
