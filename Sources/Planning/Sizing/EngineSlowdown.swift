import EngineProfiles

/// How many times as slow as profiled engines are. (Printed as `correction`, the original's word.)
public struct EngineSlowdown: Codable, Sendable, Equatable {
  /// Observed TTFT / profiled TTFT at the observed ISL.
  public var prefill: Double
  /// Observed ITL / profiled ITL at the observed concurrency and context length.
  public var decode: Double

  /// Creates it; 1 stands for engines that are as fast as profiled.
  public init(prefill: Double = 1, decode: Double = 1) {
    self.prefill = prefill
    self.decode = decode
  }

  /// Observed over profiled latencies, after `observation`.
  ///
  /// A factor whose inputs are not all known, or that would not be a positive finite number, stays
  /// as it was: a missing TTFT is not a TTFT of 0, a source that has no request duration says
  /// nothing of concurrency, and without decode workers there is no concurrency per worker.
  ///
  /// - Parameters:
  ///   - observation: the interval that just ended.
  ///   - intervalSeconds: its length.
  ///   - decodeWorkers: decode workers that were ready; nil when unknown.
  public func updated(
    by observation: TrafficObservation, profile: EngineProfile, intervalSeconds: Int,
    decodeWorkers: Int?
  ) -> EngineSlowdown {
    var slowdown = self
    guard observation.requestCount > 0, let isl = observation.isl else { return slowdown }
    if let ttft = observation.ttftMilliseconds, let curve = profile.prefill {
      slowdown.prefill = positive(ttft / curve.ttftMilliseconds(isl: isl)) ?? prefill
    }
    if let itl = observation.itlMilliseconds, let osl = observation.osl,
      let duration = observation.requestDurationSeconds, let surface = profile.decode,
      let decodeWorkers, decodeWorkers > 0
    {
      let concurrency =
        observation.requestCount / Double(decodeWorkers) * duration / Double(intervalSeconds)
      let profiled = surface.itlMilliseconds(
        concurrency: concurrency, contextLength: isl + osl / 2)
      slowdown.decode = positive(itl / profiled) ?? decode
    }
    return slowdown
  }

  private func positive(_ factor: Double) -> Double? {
    factor.isFinite && factor > 0 ? factor : nil
  }
}
