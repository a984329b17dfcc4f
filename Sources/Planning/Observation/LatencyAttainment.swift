/// Which part of one interval met the latency targets, as its histograms tell it.
public struct LatencyAttainment: Codable, Sendable, Equatable {
  /// Share of the first tokens within the TTFT target, 0…1; nil when unknown.
  public var ttftShare: Double?
  /// Share of the later tokens within the ITL target, 0…1: of tokens, not of requests. Nil when
  /// unknown.
  public var itlShare: Double?

  /// Creates an attainment.
  public init(ttftShare: Double? = nil, itlShare: Double? = nil) {
    self.ttftShare = ttftShare
    self.itlShare = itlShare
  }

  /// The attainment of one interval; nil when neither share is known.
  public init?(_ observation: TrafficObservation?, targets: LatencyTargets) {
    ttftShare = observation?.spread?.ttftMilliseconds?.share(atMost: targets.ttftMilliseconds)
    itlShare = observation?.spread?.itlMilliseconds?.share(atMost: targets.itlMilliseconds)
    guard ttftShare != nil || itlShare != nil else { return nil }
  }
}
