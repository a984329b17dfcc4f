/// What a sizing rule expects of a number of replicas, and why not fewer.
public struct SizingExpectation: Sendable, Equatable {
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
  /// Replicas that would do if the backlog were worked off no sooner than a worker that is ordered now
  /// is ready: what is enough while others are starting.
  public var replicasWhileStarting: Int
  /// What decided.
  public var bound: Bound
  /// What is expected.
  public var outlook: Outlook
  /// What one replica less would give; nil at one replica.
  public var oneFewer: Outlook?
  /// What it was worked out by.
  public var arithmetic: Arithmetic

  /// Creates an expectation.
  public init(
    quantile: Double, requestsPerSecond: Double, headroom: DemandHeadroom? = nil,
    backlogRequests: Double, replicasWithoutBacklog: Int, replicasWhileStarting: Int? = nil,
    bound: Bound, outlook: Outlook, oneFewer: Outlook?, arithmetic: Arithmetic
  ) {
    self.quantile = quantile
    self.requestsPerSecond = requestsPerSecond
    self.headroom = headroom
    self.backlogRequests = backlogRequests
    self.replicasWithoutBacklog = replicasWithoutBacklog
    self.replicasWhileStarting = replicasWhileStarting ?? replicasWithoutBacklog
    self.bound = bound
    self.outlook = outlook
    self.oneFewer = oneFewer
    self.arithmetic = arithmetic
  }

  /// How replicas follow from the work.
  public enum Arithmetic: Sendable, Equatable {
    /// Prompts wait for a free worker.
    case queue(Queue)
    /// Sequences share the workers.
    case concurrency(Concurrency)
    /// Prompts and sequences share the workers.
    case mixed(Mixed)
  }

  /// Prompts and sequences on workers that prefill and decode.
  public struct Mixed: Codable, Sendable, Equatable {
    /// Mean sequences of one replica; nil when even full replicas are too slow.
    public var mean: Double?
    /// The most sequences of a replica within KV cache and batch.
    public var limit: Double
    /// Whether the KV cache, not the batch, sets that limit.
    public var isKVBound: Bool
    /// Share of the time that prompts take; nil as `mean`.
    public var promptShare: Double?
    /// The TTFT that the planned share of the requests does not exceed, milliseconds; nil as `mean`.
    public var ttftMilliseconds: Double?
    /// The ITL that the planned share of the requests does not exceed, milliseconds; nil as `mean`.
    public var itlMilliseconds: Double?
    /// Share of the requests within the TTFT target.
    public var ttftAttainment: Double
    /// Share of the requests within the ITL target.
    public var itlAttainment: Double

    private enum CodingKeys: String, CodingKey {
      case mean = "meanConcurrency"
      case limit = "sequencesLimit"
      case isKVBound, promptShare
      case ttftMilliseconds, itlMilliseconds, ttftAttainment, itlAttainment
    }
  }

  /// The prompts in front of the workers.
  public struct Queue: Codable, Sendable, Equatable {
    /// Share of the requests that wait.
    public var delayProbability: Double
    /// The wait that the planned share of the requests does not exceed, milliseconds; nil where the
    /// queue would grow for ever.
    public var waitMilliseconds: Double?
  }

  /// The sequences on the workers.
  public struct Concurrency: Codable, Sendable, Equatable {
    /// Mean sequences of one replica; nil when even full replicas are too slow.
    public var mean: Double?
    /// Sequences of one replica at the planned share, with the router's imbalance; nil as `mean`.
    public var peak: Double?
    /// The most sequences of a replica within target and KV cache.
    public var limit: Double
    /// Whether the KV cache, not the ITL target, sets that limit.
    public var isKVBound: Bool

    private enum CodingKeys: String, CodingKey {
      case mean = "meanConcurrency"
      case peak = "peakConcurrency"
      case limit = "concurrencyLimit"
      case isKVBound
    }
  }

  /// Prompts and sequences on the workers; nil where components are apart.
  public var mixed: Mixed? { if case .mixed(let mixed) = arithmetic { mixed } else { nil } }

  /// The sequences on the workers; nil where prompts are queued for.
  public var concurrency: Concurrency? {
    if case .concurrency(let concurrency) = arithmetic { concurrency } else { nil }
  }
}

/// As state files hold it: what the arithmetic consists of stands beside the rest.
extension SizingExpectation: Codable {
  private enum CodingKeys: String, CodingKey {
    case quantile, requestsPerSecond, headroom, backlogRequests, replicasWithoutBacklog
    case replicasWhileStarting, bound, outlook, oneFewer, concurrencyLimit, sequencesLimit
  }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      quantile: try keys.decode(Double.self, forKey: .quantile),
      requestsPerSecond: try keys.decode(Double.self, forKey: .requestsPerSecond),
      headroom: try keys.decodeIfPresent(DemandHeadroom.self, forKey: .headroom),
      backlogRequests: try keys.decode(Double.self, forKey: .backlogRequests),
      replicasWithoutBacklog: try keys.decode(Int.self, forKey: .replicasWithoutBacklog),
      replicasWhileStarting: try keys.decodeIfPresent(Int.self, forKey: .replicasWhileStarting),
      bound: try keys.decode(Bound.self, forKey: .bound),
      outlook: try keys.decode(Outlook.self, forKey: .outlook),
      oneFewer: try keys.decodeIfPresent(Outlook.self, forKey: .oneFewer),
      arithmetic: keys.contains(.concurrencyLimit)
        ? .concurrency(try Concurrency(from: decoder))
        : keys.contains(.sequencesLimit)
          ? .mixed(try Mixed(from: decoder)) : .queue(try Queue(from: decoder)))
  }

  /// Writes everything on one level.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(quantile, forKey: .quantile)
    try keys.encode(requestsPerSecond, forKey: .requestsPerSecond)
    try keys.encodeIfPresent(headroom, forKey: .headroom)
    try keys.encode(backlogRequests, forKey: .backlogRequests)
    try keys.encode(replicasWithoutBacklog, forKey: .replicasWithoutBacklog)
    if replicasWhileStarting != replicasWithoutBacklog {
      try keys.encode(replicasWhileStarting, forKey: .replicasWhileStarting)
    }
    try keys.encode(bound, forKey: .bound)
    try keys.encode(outlook, forKey: .outlook)
    try keys.encodeIfPresent(oneFewer, forKey: .oneFewer)
    switch arithmetic {
    case .queue(let queue): try queue.encode(to: encoder)
    case .concurrency(let concurrency): try concurrency.encode(to: encoder)
    case .mixed(let mixed): try mixed.encode(to: encoder)
    }
  }
}
