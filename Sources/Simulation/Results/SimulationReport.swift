import Planning

/// What `simulate --output json` prints.
public struct SimulationReport: Codable, Sendable {
  /// Version of this format.
  public var schema = 1
  /// The traffic.
  public var trace: TraceSummary
  /// How it was judged, and the cluster it ran on.
  public var settings: SettingsSummary
  /// One result a policy.
  public var policies: [SimulationResult]
  /// Names of the policies that none other dominates in attainment and GPU-hours.
  public var paretoFront: [String]
  /// What a rule without a forecast reaches at what cost; nil where nobody asked.
  public var reactiveFrontier: [ReactiveFrontier.Point]?
  /// GPU-hours over that rule's at the same attainment, by policy; nil where nobody asked.
  public var overReactive: [String: ReactiveFrontier.Ratio]?
  /// GPU-hours over the oracle's, by policy; nil without an oracle.
  public var overOracle: [String: Double]?

  /// The traffic of a report.
  public struct TraceSummary: Codable, Sendable {
    /// Requests.
    public var requests: Int
    /// Seconds from the first to the last.
    public var seconds: Double
    /// Mean input sequence length in tokens.
    public var meanISL: Double?
    /// Mean output sequence length in tokens.
    public var meanOSL: Double?
    /// Lines of the file that were left out.
    public var skippedLines: Int

    enum CodingKeys: String, CodingKey {
      case requests, seconds
      case meanISL = "mean_isl"
      case meanOSL = "mean_osl"
      case skippedLines = "skipped_lines"
    }
  }

  /// The settings of a report.
  public struct SettingsSummary: Codable, Sendable {
    /// What is scaled.
    public var mode: DeploymentMode
    /// Target time to first token in milliseconds.
    public var ttftMilliseconds: Double
    /// Target inter-token latency in milliseconds.
    public var itlMilliseconds: Double
    /// Seconds until a worker is ready.
    public var startUpSeconds: Double
    /// Replicas at time zero.
    public var initialReplicas: [Component: Int]
    /// How requests find their workers.
    public var routing: RoutingRule
    /// Seconds from time zero that are not judged.
    public var warmUpSeconds: Double
    /// The seed.
    public var seed: UInt64

    enum CodingKeys: String, CodingKey {
      case mode, routing, seed
      case ttftMilliseconds = "ttft_ms"
      case itlMilliseconds = "itl_ms"
      case startUpSeconds = "start_up_s"
      case initialReplicas = "initial_replicas"
      case warmUpSeconds = "warm_up_s"
    }
  }

  enum CodingKeys: String, CodingKey {
    case schema, trace, settings, policies
    case paretoFront = "pareto_front"
    case reactiveFrontier = "reactive_frontier"
    case overReactive = "gpu_hours_over_reactive"
    case overOracle = "gpu_hours_over_oracle"
  }

  /// Puts a report together.
  public init(
    trace: RequestTrace, skippedLines: Int, settings: SimulationSettings,
    comparison: PolicyComparison
  ) {
    self.trace = TraceSummary(
      requests: trace.count, seconds: trace.duration, meanISL: trace.meanISL,
      meanOSL: trace.meanOSL, skippedLines: skippedLines)
    self.settings = SettingsSummary(
      mode: settings.cluster.mode, ttftMilliseconds: settings.targets.ttftMilliseconds,
      itlMilliseconds: settings.targets.itlMilliseconds,
      startUpSeconds: settings.cluster.startUpSeconds,
      initialReplicas: settings.cluster.initialReplicas, routing: settings.cluster.routing,
      warmUpSeconds: settings.warmUpSeconds, seed: settings.cluster.seed)
    policies = comparison.results
    paretoFront = comparison.paretoFront.map { comparison.results[$0].policy }
    reactiveFrontier = comparison.frontier?.points
    overReactive = comparison.frontier.map { frontier in
      Self.byPolicy(comparison) { frontier.ratio(of: $0) }
    }
    let ratios = Self.byPolicy(comparison, comparison.oracleRatio)
    overOracle = ratios.isEmpty ? nil : ratios
  }

  private static func byPolicy<Value>(
    _ comparison: PolicyComparison, _ value: (SimulationResult) -> Value?
  ) -> [String: Value] {
    comparison.results.reduce(into: [:]) { values, result in
      if let value = value(result) { values[result.policy] = value }
    }
  }
}
