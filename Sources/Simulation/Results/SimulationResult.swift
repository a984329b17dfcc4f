import Planning

/// What a simulated run came to.
public struct SimulationResult: Codable, Sendable, Equatable {
  /// What the policy is called.
  public var policy: String
  /// The whole run, without the warm-up.
  public var total: Outcome
  /// GPU-hours like those of ``total``, but only up to the last request: what policies are
  /// compared by, whatever the length of the reported intervals.
  public var traceGPUHours: Double
  /// Every reported interval from time zero, oldest first.
  public var intervals: [IntervalOutcome]

  /// Creates a result.
  ///
  /// - Parameter traceGPUHours: nil for as many as in `total`.
  public init(
    policy: String, total: Outcome, intervals: [IntervalOutcome], traceGPUHours: Double? = nil
  ) {
    self.policy = policy
    self.total = total
    self.traceGPUHours = traceGPUHours ?? total.gpuHours
    self.intervals = intervals
  }

  enum CodingKeys: String, CodingKey {
    case policy, total, intervals
    case traceGPUHours = "gpu_hours_of_trace"
  }
}

/// What became of the requests of some time, and what it cost.
///
/// Requests belong to the time in which they arrived, whenever they were done.
public struct Outcome: Codable, Sendable, Equatable {
  /// Length of the time in seconds.
  public var seconds: Double
  /// Requests that arrived, those that were refused left out.
  public var arrivals: Int
  /// Requests that were refused because their tokens exceed an engine's KV cache.
  public var refused: Int
  /// Requests that were never done.
  public var unfinished: Int
  /// Requests within both targets.
  public var good: Int
  /// Requests whose TTFT was within the target.
  public var goodTTFT: Int
  /// Requests whose mean ITL was within the target (one of a single token always is).
  public var goodITL: Int
  /// Time to first token in milliseconds; nil without requests.
  public var ttft: LatencySummary?
  /// Mean inter-token latencies of requests in milliseconds; nil without requests.
  public var itl: LatencySummary?
  /// GPUs held times hours, of all workers that were starting, ready or draining.
  public var gpuHours: Double
  /// Times that a policy changed a component's count.
  public var changes: [Component: Int]
  /// Starts that failed.
  public var failedStarts: Int

  /// Share of requests within both targets; nil without requests.
  public var attainment: Double? { share(good) }
  /// Share of requests whose TTFT was within the target.
  public var ttftAttainment: Double? { share(goodTTFT) }
  /// Share of requests whose mean ITL was within the target.
  public var itlAttainment: Double? { share(goodITL) }
  /// Requests a second within both targets.
  public var goodput: Double { seconds > 0 ? Double(good) / seconds : 0 }
  /// Changes of all components.
  public var changeCount: Int { changes.values.reduce(0, +) }

  private func share(_ count: Int) -> Double? {
    arrivals > 0 ? Double(count) / Double(arrivals) : nil
  }

  enum CodingKeys: String, CodingKey {
    case seconds, arrivals, refused, unfinished, good
    case goodTTFT = "good_ttft"
    case goodITL = "good_itl"
    case ttft = "ttft_ms"
    case itl = "itl_ms"
    case gpuHours = "gpu_hours"
    case changes
    case failedStarts = "failed_starts"
  }
}

extension Outcome {
  private enum DerivedKeys: String, CodingKey {
    case attainment = "sla_attainment"
    case ttftAttainment = "ttft_attainment"
    case itlAttainment = "itl_attainment"
    case goodput = "goodput_per_s"
  }

  /// Encodes the values and, for whoever reads them, the shares that follow from them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(arrivals, forKey: .arrivals)
    try container.encode(refused, forKey: .refused)
    try container.encode(unfinished, forKey: .unfinished)
    try container.encode(good, forKey: .good)
    try container.encode(goodTTFT, forKey: .goodTTFT)
    try container.encode(goodITL, forKey: .goodITL)
    try container.encode(ttft, forKey: .ttft)
    try container.encode(itl, forKey: .itl)
    try container.encode(gpuHours, forKey: .gpuHours)
    try container.encode(changes, forKey: .changes)
    try container.encode(failedStarts, forKey: .failedStarts)
    var derived = encoder.container(keyedBy: DerivedKeys.self)
    try derived.encode(attainment, forKey: .attainment)
    try derived.encode(ttftAttainment, forKey: .ttftAttainment)
    try derived.encode(itlAttainment, forKey: .itlAttainment)
    try derived.encode(goodput, forKey: .goodput)
  }
}

/// One reported interval.
public struct IntervalOutcome: Codable, Sendable, Equatable {
  /// Its start in seconds from the trace's time zero.
  public var start: Double
  /// What became of its requests, and what it cost.
  public var outcome: Outcome
  /// The replicas at its end.
  public var replicas: [Component: ReplicaCounts]

  /// Creates an interval.
  public init(start: Double, outcome: Outcome, replicas: [Component: ReplicaCounts]) {
    self.start = start
    self.outcome = outcome
    self.replicas = replicas
  }
}

/// Replicas of one component at one moment.
public struct ReplicaCounts: Codable, Sendable, Equatable {
  /// Asked for.
  public var asked: Int
  /// Ready.
  public var ready: Int
  /// On their way up.
  public var starting: Int
  /// Finishing what they have.
  public var draining: Int

  /// Creates counts.
  public init(asked: Int, ready: Int, starting: Int, draining: Int) {
    self.asked = asked
    self.ready = ready
    self.starting = starting
    self.draining = draining
  }
}

/// Mean and nearest-rank quantiles of latencies, in milliseconds.
public struct LatencySummary: Codable, Sendable, Equatable {
  /// The mean.
  public var mean: Double
  /// Half are within it.
  public var p50: Double
  /// Nine in ten are within it.
  public var p90: Double
  /// Ninety-nine in a hundred are within it.
  public var p99: Double

  /// Summarises `values`; nil without any.
  init?(_ values: [Float]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let rank = Int((share * Double(sorted.count)).rounded(.up))
      return Double(sorted[min(max(rank, 1), sorted.count) - 1])
    }
    mean = sorted.reduce(0) { $0 + Double($1) } / Double(sorted.count)
    p50 = quantile(0.5)
    p90 = quantile(0.9)
    p99 = quantile(0.99)
  }
}
