/// The load at which a decode engine is planned to run.
public struct DecodeOperatingPoint: Sendable, Equatable {
  /// Generated tokens per second and GPU.
  public var throughputPerGPU: Double
  /// Inter-token latency at this load, in milliseconds; within the target if that is met.
  public var itlMilliseconds: Double
  /// Share of the KV cache in use, 0…1.
  public var kvUsage: Double
  /// Sequences in decode at the same time.
  public var concurrency: Double
  /// Whether the latency is within the target. If not, this is the lowest load profiled.
  public var meetsTarget: Bool

  /// Creates an operating point.
  public init(
    throughputPerGPU: Double, itlMilliseconds: Double, kvUsage: Double, concurrency: Double,
    meetsTarget: Bool
  ) {
    self.throughputPerGPU = throughputPerGPU
    self.itlMilliseconds = itlMilliseconds
    self.kvUsage = kvUsage
    self.concurrency = concurrency
    self.meetsTarget = meetsTarget
  }
}
