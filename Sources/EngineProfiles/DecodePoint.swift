/// One measured load of a decode engine.
public struct DecodePoint: Sendable, Equatable {
  /// Share of the KV cache in use.
  public var kvUsage: Double
  /// Context length of the sequences, in tokens.
  public var contextLength: Double
  /// Inter-token latency in milliseconds.
  public var itlMilliseconds: Double
  /// Generated tokens per second and GPU.
  public var throughputPerGPU: Double

  /// Creates a point.
  public init(
    kvUsage: Double, contextLength: Double, itlMilliseconds: Double, throughputPerGPU: Double
  ) {
    self.kvUsage = kvUsage
    self.contextLength = contextLength
    self.itlMilliseconds = itlMilliseconds
    self.throughputPerGPU = throughputPerGPU
  }

  /// Sequences in decode at this load, in an engine whose KV cache holds `maximumKVTokens`.
  public func concurrency(maximumKVTokens: Double) -> Double {
    kvUsage * maximumKVTokens / contextLength
  }

  /// Throughput per GPU as a share of what `concurrency / ITL` would give on one GPU.
  ///
  /// On g GPUs it is at most 1 / g; what is missing was lost to prefill, to batches that were not
  /// full, or to sequences that waited. The division by the GPUs of an engine is a constant
  /// factor of it and needs no treatment of its own.
  func batchingEfficiency(maximumKVTokens: Double) -> Double {
    throughputPerGPU * itlMilliseconds / 1000 / concurrency(maximumKVTokens: maximumKVTokens)
  }
}
