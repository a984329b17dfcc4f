import Planning

/// One replica.
struct Worker: Sendable {
  /// Where a replica is in its life.
  enum Phase: Sendable {
    /// Ordered, not ready yet: holds its GPUs, takes no requests, shows no gauges.
    case starting
    /// Takes requests.
    case ready
    /// Ordered away: finishes what it has, takes nothing new, shows no gauges.
    case draining
    /// No longer there; its slot can be used again.
    case gone
  }

  /// What a replica does.
  enum Role: Sendable {
    case prefill
    case decode
    /// Both.
    case aggregated
  }

  /// Number of the replica, never used twice.
  var id: Int
  var component: Component
  var role: Role
  var phase: Phase
  /// When it will be ready.
  var readyAt: Double
  /// Its place among the ready workers of its pool.
  var readyIndex = 0

  var lane = PrefillLane()
  var batch = DecodeBatch()
  var prompts = PromptChunks()
  var cache = PrefixCache(capacity: 0)

  /// Whether a request was ever sent to it: gauges appear with the first one.
  var hasServed = false
  var lastTTFTSeconds: Double?
  var lastISL: Int32?
  /// Busy seconds when a policy last looked.
  var busyMark = 0.0

  /// Whether it has nothing to do.
  func isIdle(at now: Double) -> Bool {
    lane.isEmpty && lane.freeAt <= now && batch.isEmpty && prompts.isEmpty
  }

  /// What the router compares workers by.
  var load: Double {
    switch role {
    case .prefill: Double(lane.activeTokens)
    case .decode: batch.contextTokens
    case .aggregated: batch.contextTokens + Double(prompts.activeTokens)
    }
  }

  /// When it next does something by itself.
  func nextEvent(at now: Double) -> Double {
    switch (phase, role) {
    case (.gone, _): .infinity
    case (.starting, _): readyAt
    case (.draining, .prefill) where lane.isEmpty: lane.freeAt
    case (_, .prefill): lane.nextFirstToken
    case (_, .decode): batch.nextEvent
    case (_, .aggregated):
      prompts.step?.end ?? (prompts.hasWork ? batch.stepEnd : batch.nextEvent)
    }
  }

  /// The gauges that the router shows of it.
  func gauges(blockSize: Int) -> WorkerGauges {
    let blocks = (batch.contextTokens / Double(max(1, blockSize))).rounded(.up)
    let prefillTokens = role == .aggregated ? prompts.activeTokens : lane.activeTokens
    return WorkerGauges(
      workerID: "\(id)", component: component, activePrefillTokens: Double(prefillTokens),
      activeDecodeBlocks: blocks, lastTTFTMilliseconds: lastTTFTSeconds.map { $0 * 1000 },
      lastISL: lastISL.map(Double.init),
      lastITLMilliseconds: batch.stepSeconds > 0
        ? (batch.stepSeconds + batch.stallSeconds) * 1000 : nil)
  }
}
