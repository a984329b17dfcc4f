/// What the router showed of one worker at one moment. A gauge it did not show is nil, not 0.
public struct WorkerGauges: Codable, Sendable, Equatable {
  /// The router's `worker_id`.
  public var workerID: String
  /// The router's `worker_type`; aggregated workers say `decode`.
  public var component: Component
  /// Tokens of prompts waiting for or in prefill, summed over the worker's data-parallel ranks.
  public var activePrefillTokens: Double?
  /// KV cache blocks held by sequences in decode, summed over the ranks.
  public var activeDecodeBlocks: Double?
  /// Time to first token of the worker's last request, in milliseconds (mean over the ranks).
  public var lastTTFTMilliseconds: Double?
  /// Input sequence length of the worker's last request, in tokens (mean over the ranks).
  public var lastISL: Double?
  /// Inter-token latency of the worker's last tokens, in milliseconds (mean over the ranks).
  public var lastITLMilliseconds: Double?
  /// The times to first token of its ranks one by one; nil with a single rank.
  public var rankTTFTMilliseconds: [Double?]?
  /// The inter-token latencies of its ranks one by one; nil with a single rank.
  public var rankITLMilliseconds: [Double?]?

  /// Creates the gauges of one worker.
  public init(
    workerID: String, component: Component, activePrefillTokens: Double? = nil,
    activeDecodeBlocks: Double? = nil, lastTTFTMilliseconds: Double? = nil,
    lastISL: Double? = nil, lastITLMilliseconds: Double? = nil,
    rankTTFTMilliseconds: [Double?]? = nil, rankITLMilliseconds: [Double?]? = nil
  ) {
    self.workerID = workerID
    self.component = component
    self.activePrefillTokens = activePrefillTokens
    self.activeDecodeBlocks = activeDecodeBlocks
    self.lastTTFTMilliseconds = lastTTFTMilliseconds
    self.lastISL = lastISL
    self.lastITLMilliseconds = lastITLMilliseconds
    self.rankTTFTMilliseconds = rankTTFTMilliseconds
    self.rankITLMilliseconds = rankITLMilliseconds
  }
}

/// One look at the router's page: every live worker of the model, sorted by component and id.
///
/// Live workers are those with an `active_*` gauge; `last_*` series of removed workers can stay
/// for ever and are left out.
public struct WorkerSample: Codable, Sendable, Equatable {
  /// When the page was fetched, Unix seconds.
  public var time: Double
  /// The live workers.
  public var workers: [WorkerGauges]
  /// Further live workers that a stored sample leaves out; nil for none. See ``WorkerSketch``.
  public var omittedWorkers: Int?

  /// Creates a sample.
  public init(time: Double, workers: [WorkerGauges]) {
    self.time = time
    self.workers = workers
  }
}
