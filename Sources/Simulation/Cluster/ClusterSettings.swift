import Planning

/// How a request finds its worker.
public enum RoutingRule: String, Sendable, CaseIterable, Codable {
  /// The ready worker with the fewest active tokens (prefill: prompt tokens without a first token;
  /// decode: tokens in context); one of them at random when several have as few.
  case leastLoaded = "least-loaded"
  /// One ready worker after the other.
  case roundRobin = "round-robin"
  /// Any ready worker, with equal chances.
  case random
}

/// What the modelled cluster is made of, besides its engines.
public struct ClusterSettings: Sendable, Equatable {
  /// Whether prefill and decode workers are separate, and which of them are scaled.
  public var mode: DeploymentMode
  /// Replicas of each component at time zero, ready from the start; a component that the mode
  /// doesn't scale keeps this count.
  public var initialReplicas: [Component: Int]
  /// GPUs of one replica, at least 1.
  public var gpusPerReplica: [Component: Int]
  /// How long a worker takes from its order until it takes requests.
  public var startUp: StartUpTime
  /// Share of starts that fail at their end and begin again, 0..<1.
  public var startFailureShare: Double
  /// Share of starts that never end: the worker holds its GPUs until it is ordered away, 0...1.
  public var neverStartShare: Double
  /// How many times as long as profiled the engines take for prefill, above 0.
  public var prefillSlowdown: Double
  /// How many times as long as profiled the engines take for a decode step, above 0.
  public var decodeSlowdown: Double
  /// How requests find their workers.
  public var routing: RoutingRule
  /// Most sequences that an engine decodes at the same time (vLLM's `max_num_seqs`); nil for as
  /// many as the KV cache holds.
  public var maximumSequences: Int?
  /// Tokens of one KV block, as the gauges count them.
  public var blockSize: Int
  /// Prompt tokens that an aggregated worker takes in between two decode steps.
  public var chunkTokens: Int
  /// Blocks of 512 prompt tokens that a worker which prefills remembers, for prompts that begin alike;
  /// 0 for none.
  public var prefixCacheBlocks: Int
  /// Two equal seeds give equal runs.
  public var seed: UInt64

  /// More replicas of a component than this are never started, whatever a policy asks for.
  public static let mostReplicas = 100_000

  /// Creates settings.
  ///
  /// - Parameter startUp: nil for `startUpSeconds`, always.
  public init(
    mode: DeploymentMode = .disagg, initialReplicas: [Component: Int],
    gpusPerReplica: [Component: Int] = [:], startUpSeconds: Double = 60,
    startUp: StartUpTime? = nil, startFailureShare: Double = 0, neverStartShare: Double = 0,
    prefillSlowdown: Double = 1, decodeSlowdown: Double = 1, routing: RoutingRule = .leastLoaded,
    maximumSequences: Int? = nil, blockSize: Int = 16, chunkTokens: Int = 2048,
    prefixCacheBlocks: Int = 0, seed: UInt64 = 1
  ) {
    self.prefixCacheBlocks = prefixCacheBlocks
    self.mode = mode
    self.initialReplicas = initialReplicas
    self.gpusPerReplica = gpusPerReplica
    self.startUp = startUp ?? .fixed(startUpSeconds)
    self.startFailureShare = startFailureShare
    self.neverStartShare = neverStartShare
    self.prefillSlowdown = prefillSlowdown
    self.decodeSlowdown = decodeSlowdown
    self.routing = routing
    self.maximumSequences = maximumSequences
    self.blockSize = blockSize
    self.chunkTokens = chunkTokens
    self.seed = seed
  }

  /// Seconds that nine starts in ten keep within.
  public var startUpSeconds: Double { startUp.usualSeconds }

  /// GPUs of one replica of `component`, never below 1.
  public func gpus(of component: Component) -> Int { max(1, gpusPerReplica[component] ?? 1) }

  /// The components that the cluster has workers of, scaled or not.
  public var components: [Component] { mode == .agg ? [.decode] : [.prefill, .decode] }
}
