import EngineProfiles
import Planning

/// Replays a trace against a modelled cluster while a policy decides on its size.
///
/// ```swift
/// let run = try SimulationRun(trace: trace, profile: profile, settings: settings)
/// let result = try run.result(of: UtilisationAutoscaler(…))
/// ```
public struct SimulationRun: Sendable {
  /// The requests.
  public let trace: RequestTrace
  /// How it is simulated and judged.
  public let settings: SimulationSettings
  let speed: EngineSpeed

  /// Creates a run.
  ///
  /// - Parameter profile: what the engines of the cluster do, before any slowdown; a policy may
  ///   believe another one.
  /// - Throws: ``SimulationError``.
  public init(
    trace: RequestTrace, profile: EngineProfile, settings: SimulationSettings
  ) throws(SimulationError) {
    guard let prefill = profile.prefill else { throw .profileMissing(.prefill) }
    guard let decode = profile.decode else { throw .profileMissing(.decode) }
    try settings.check()
    guard trace.duration / Double(settings.reportSeconds) <= 1e6 else {
      throw .badSetting(
        "The trace has more than a million report intervals of \(settings.reportSeconds) s; raise --report-interval."
      )
    }
    self.trace = trace
    self.settings = settings
    let prefillComponent: Component = settings.cluster.mode == .agg ? .decode : .prefill
    speed = EngineSpeed(
      prefill: prefill, decode: decode, prefillGPUs: settings.cluster.gpus(of: prefillComponent),
      prefillSlowdown: settings.cluster.prefillSlowdown,
      decodeSlowdown: settings.cluster.decodeSlowdown)
  }

  /// Simulates the trace under `policy`.
  ///
  /// The policy decides until the last interval ends; after that the requests that are still there
  /// get two hours to finish, which costs nothing.
  ///
  /// - Throws: what the policy throws.
  public func result(of policy: some ScalingPolicy) throws -> SimulationResult {
    var driver = RunDriver(self, policy: policy)
    try driver.drive()
    return driver.result()
  }

  /// The cluster at time zero.
  func cluster(
    initialReplicas: [Component: Int]? = nil, startUpSeconds: Double? = nil, log: Range<Int>? = nil
  ) -> ClusterSimulation {
    var cluster = settings.cluster
    if let initialReplicas {
      cluster.initialReplicas.merge(initialReplicas) { _, new in new }
    }
    if let startUpSeconds { cluster.startUp = .fixed(startUpSeconds) }
    return ClusterSimulation(trace: trace, speed: speed, settings: cluster, log: log)
  }

  /// End of the last reported interval, in seconds from the time zero: no request comes later.
  public var end: Double {
    let report = Double(settings.reportSeconds)
    return ((trace.duration / report).rounded(.down) + 1) * report
  }
}

extension SimulationSettings {
  /// Checks what must hold.
  func check() throws(SimulationError) {
    guard (1...31_536_000).contains(reportSeconds) else {
      throw .badSetting(
        "The report interval is \(reportSeconds) s; it is at least 1 s and at most a year.")
    }
    guard (0..<1 << 40).contains(epoch) else {
      throw .badSetting("The start time \(epoch) is out of range.")
    }
    guard cluster.startUp.isUsable else {
      throw .badSetting("The start-up time of a worker is a number of seconds of at least 0.")
    }
    guard (0..<1).contains(cluster.startFailureShare) else {
      throw .badSetting("The share of failing starts is a number from 0 to below 1.")
    }
    guard (0...1).contains(cluster.neverStartShare) else {
      throw .badSetting("The share of starts that never end is a number from 0 to 1.")
    }
    for slowdown in [cluster.prefillSlowdown, cluster.decodeSlowdown]
    where !(0.01...100).contains(slowdown) {
      throw .badSetting(
        "The slowdown of an engine is a number from 0.01 to 100 (1 for as profiled), not \(slowdown)."
      )
    }
    guard warmUpSeconds.isFinite, warmUpSeconds >= 0 else {
      throw .badSetting("The warm-up is a number of seconds of at least 0.")
    }
    guard scrapeSeconds == 0 || (0.1...3600).contains(scrapeSeconds) else {
      throw .badSetting(
        "The scrape interval is 0 for exact counters, or 0.1 to 3600 s, not \(scrapeSeconds).")
    }
    guard (0...3600).contains(metricsLatenessSeconds) else {
      throw .badSetting(
        "The lateness of metrics is a number of seconds from 0 to 3600, not \(metricsLatenessSeconds)."
      )
    }
    guard (cluster.maximumSequences ?? 1) >= 1, cluster.chunkTokens >= 1, cluster.blockSize >= 1
    else {
      throw .badSetting("Sequences per engine, chunk and block size are at least 1.")
    }
    for (component, count) in cluster.initialReplicas
    where !(1...ClusterSettings.mostReplicas).contains(count) {
      throw .badSetting(
        "The initial number of \(component.rawValue) workers is \(count); it is at least 1 and at most \(ClusterSettings.mostReplicas)."
      )
    }
  }
}
