/// Which way the load says to go.
public enum LoadDirection: String, Codable, Sendable {
  /// More replicas.
  case up
  /// One replica less.
  case down
  /// No change.
  case none
}

/// What the workers' load says of one component, with everything it rests on.
public struct LoadVerdict: Codable, Sendable, Equatable {
  /// Which way to go.
  public var direction: LoadDirection
  /// Why.
  public var reason: LoadReason
  /// Workers that the router showed.
  public var seen: Int
  /// Workers that would bring the load back to the target, where it says how many; nil for one
  /// step.
  public var wanted: Int?
  /// One side per latency: one in disaggregated modes, TTFT and ITL in `agg`.
  public var sides: [LoadSide]

  /// Creates a verdict.
  public init(
    direction: LoadDirection, reason: LoadReason, seen: Int, sides: [LoadSide], wanted: Int? = nil
  ) {
    self.direction = direction
    self.reason = reason
    self.seen = seen
    self.wanted = wanted
    self.sides = sides
  }
}

/// One latency's view of the workers.
public struct LoadSide: Codable, Sendable, Equatable {
  /// The latency that a side is about.
  public enum Latency: String, Codable, Sendable {
    /// Time to first token, over prefill tokens.
    case ttft
    /// Inter-token latency, over decode blocks.
    case itl
  }

  /// Which latency.
  public var latency: Latency
  /// The load at which the target is reached, from the regression.
  public var bound: LoadBound
  /// The load per worker above which it misses the target (for TTFT the bound less the mean ISL).
  public var threshold: Double?
  /// The load per worker below which one worker less would do.
  public var scaleDownBoundary: Double?
  /// Every worker seen.
  public var loads: [WorkerLoad]
  /// Further workers that a stored side leaves out; nil for none. See ``WorkerSketch``.
  public var omittedLoads: Int?
  /// What this side alone says.
  public var direction: LoadDirection = .none
  /// Why.
  public var reason: LoadReason = .noChange
  /// A side without enough observations does not stand in the way of a scale-down when every
  /// worker is idle on it and within the target.
  public var agreesWithDown = false
  /// Workers that would bring the mean load to the threshold; nil unless it is known how many.
  public var wanted: Int?
  /// How many samples agree; nil where the newest sample alone decides.
  public var agreement: SampleAgreement?

  /// Creates a side that says nothing yet.
  public init(latency: Latency, bound: LoadBound, loads: [WorkerLoad]) {
    self.latency = latency
    self.bound = bound
    self.loads = loads
  }

  /// Workers whose load the router showed; one without it is missing, not idle.
  public var knownLoads: Int { loads.count { $0.load != nil } }

  /// Whether every worker misses the target and is busier than the median of the window.
  func isOverloaded(targetMilliseconds: Double, medianLoad: Double?) -> Bool {
    guard let medianLoad else { return false }
    return loads.allSatisfy { worker in
      guard let latency = worker.latencyMilliseconds, let load = worker.learnedLoad else {
        return false
      }
      return latency > targetMilliseconds && load > medianLoad
    }
  }

  /// Whether every worker is known to hold no load and to have met the target with room to spare.
  func isIdle(targetMilliseconds: Double, sensitivity: Double) -> Bool {
    loads.allSatisfy { worker in
      guard let load = worker.load, let latency = worker.latencyMilliseconds else { return false }
      return load == 0 && latency < targetMilliseconds * sensitivity
    }
  }
}

/// Where one worker stands.
public struct WorkerLoad: Codable, Sendable, Equatable {
  /// The worker's id.
  public var workerID: String
  /// Its load: active prefill tokens, or active decode blocks; nil when the router doesn't show it.
  public var load: Double?
  /// Its load as the regression counts it (prefill: active tokens + ISL).
  public var learnedLoad: Double?
  /// Its last latency in milliseconds.
  public var latencyMilliseconds: Double?

  /// The position of `worker` for one latency.
  init(_ worker: WorkerGauges, latency: LoadSide.Latency) {
    workerID = worker.workerID
    switch latency {
    case .ttft:
      load = worker.activePrefillTokens
      learnedLoad = worker.activePrefillTokens.flatMap { tokens in
        worker.lastISL.map { tokens + $0 }
      }
      latencyMilliseconds = worker.lastTTFTMilliseconds
    case .itl:
      load = worker.activeDecodeBlocks
      learnedLoad = worker.activeDecodeBlocks
      latencyMilliseconds = worker.lastITLMilliseconds
    }
  }
}

extension LoadBound {
  /// Whether the regression is warm and yet says nothing.
  var isUnusable: Bool { if case .unusable = self { true } else { false } }
}
