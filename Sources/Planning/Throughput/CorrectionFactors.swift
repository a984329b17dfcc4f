import EngineProfiles

/// How observed latencies differ from the profiled ones.
public struct CorrectionFactors: Codable, Sendable, Equatable {
  /// Observed TTFT / profiled TTFT at the observed ISL.
  public var prefill: Double
  /// Observed ITL / profiled ITL at the observed concurrency and context length.
  public var decode: Double

  /// Creates factors; 1 means that nothing is corrected.
  public init(prefill: Double = 1, decode: Double = 1) {
    self.prefill = prefill
    self.decode = decode
  }

  /// The factors after `observation`.
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
  ) -> CorrectionFactors {
    var factors = self
    guard observation.requestCount > 0, let isl = observation.isl else { return factors }
    if let ttft = observation.ttftMilliseconds, let curve = profile.prefill {
      factors.prefill = positive(ttft / curve.ttftMilliseconds(isl: isl)) ?? prefill
    }
    if let itl = observation.itlMilliseconds, let osl = observation.osl,
      let duration = observation.requestDurationSeconds, let surface = profile.decode,
      let decodeWorkers, decodeWorkers > 0
    {
      let concurrency =
        observation.requestCount / Double(decodeWorkers) * duration / Double(intervalSeconds)
      let profiled = surface.itlMilliseconds(
        concurrency: concurrency, contextLength: isl + osl / 2)
      factors.decode = positive(itl / profiled) ?? decode
    }
    return factors
  }

  private func positive(_ factor: Double) -> Double? {
    factor.isFinite && factor > 0 ? factor : nil
  }
}
