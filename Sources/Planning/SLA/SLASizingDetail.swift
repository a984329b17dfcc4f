/// What `--sizing sla` expects of a number of replicas, and why not fewer.
public struct SLASizingDetail: Codable, Sendable, Equatable {
  /// What decides how many replicas are needed.
  public enum Bound: String, Codable, Sendable {
    /// The latency target.
    case latency
    /// Room in the KV cache.
    case kvCache = "kv-cache"
    /// Nobody waits any more: what is still missed, no replica more would mend.
    case idleEngine = "idle-engine"
    /// The minimum of replicas.
    case minimum
  }

  /// What is expected of one number of replicas.
  public struct Outlook: Codable, Sendable, Equatable {
    /// Replicas.
    public var replicas: Int
    /// Share of the requests within the latency target, 0…1.
    public var attainment: Double
    /// Prefill: share of the time that a replica is busy. Decode: mean sequences of a replica over
    /// the most that it may have. 1 or more can't be served.
    public var utilisation: Double
    /// The latency that the planned share of the requests stays within, milliseconds; nil where the
    /// queue would grow for ever.
    public var latencyMilliseconds: Double?

    /// Creates an outlook.
    public init(
      replicas: Int, attainment: Double, utilisation: Double, latencyMilliseconds: Double?
    ) {
      self.replicas = replicas
      self.attainment = attainment
      self.utilisation = utilisation
      self.latencyMilliseconds = latencyMilliseconds
    }
  }

  /// Share of the requests that is to meet the target at the traffic that is planned for.
  public var quantile: Double
  /// Requests a second that are sized for, headroom and backlog included.
  public var requestsPerSecond: Double
  /// How much more than the demand that is; nil where only that is planned for.
  public var headroom: DemandHeadroom?
  /// Requests that wait beyond the usual, as far as the component has to do their work.
  public var backlogRequests: Double
  /// Replicas that would do without that backlog: what is remembered for scale-down stabilisation,
  /// because a backlog is worked off once.
  public var replicasWithoutBacklog: Int
  /// What decided.
  public var bound: Bound
  /// What is expected.
  public var outlook: Outlook
  /// What one replica less would give; nil at one replica.
  public var oneFewer: Outlook?
  /// Prefill: share of the requests that wait.
  public var delayProbability: Double?
  /// Prefill: the wait that the planned share of the requests does not exceed, milliseconds.
  public var waitMilliseconds: Double?
  /// Decode: mean sequences of one replica.
  public var meanConcurrency: Double?
  /// Decode: sequences of one replica at the planned share, with the router's imbalance.
  public var peakConcurrency: Double?
  /// Decode: the most sequences of a replica within target and KV cache.
  public var concurrencyLimit: Double?
  /// Decode: whether the KV cache, not the ITL target, sets that limit.
  public var isKVBound: Bool?

  /// Creates a detail.
  public init(
    quantile: Double, requestsPerSecond: Double, headroom: DemandHeadroom? = nil,
    backlogRequests: Double, replicasWithoutBacklog: Int, bound: Bound, outlook: Outlook,
    oneFewer: Outlook?
  ) {
    self.quantile = quantile
    self.requestsPerSecond = requestsPerSecond
    self.headroom = headroom
    self.backlogRequests = backlogRequests
    self.replicasWithoutBacklog = replicasWithoutBacklog
    self.bound = bound
    self.outlook = outlook
    self.oneFewer = oneFewer
  }
}
