/// What load-based scaling remembers between invocations.
public struct LoadState: Codable, Sendable, Equatable {
  /// TTFT over active prefill tokens + ISL.
  public var ttft: LoadRegression
  /// ITL over active decode blocks.
  public var itl: LoadRegression
  /// What is known of each worker, by component and id.
  public var workers: [String: WorkerState]

  /// Creates an empty state.
  public init() {
    ttft = LoadRegression()
    itl = LoadRegression()
    workers = [:]
  }
}

/// What is remembered of one worker.
public struct WorkerState: Codable, Sendable, Equatable {
  /// When it was first seen, Unix seconds.
  public var firstSeen: Double
  /// When it was last seen, Unix seconds.
  public var lastSeen: Double
  /// Its gauges then.
  public var gauges: WorkerGauges
  /// Since when it is registered without gauges, although it had some, Unix seconds; nil when it isn't.
  public var silentSince: Double?
}
