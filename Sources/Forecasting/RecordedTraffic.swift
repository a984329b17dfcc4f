/// Traffic of one interval of a recording.
public struct RecordedTraffic: Sendable, Equatable {
  /// Requests; 0 in an idle interval.
  public var requestCount: Double
  /// Mean input sequence length in tokens; nil where unknown, as in an idle interval.
  public var isl: Double?
  /// Mean output sequence length in tokens, as `isl`.
  public var osl: Double?

  /// Creates the traffic of one interval.
  public init(requestCount: Double, isl: Double?, osl: Double?) {
    self.requestCount = requestCount
    self.isl = isl
    self.osl = osl
  }
}
