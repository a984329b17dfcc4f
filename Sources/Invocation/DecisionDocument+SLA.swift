import Planning

extension DecisionDocument {
  /// What `--sizing sla` expects of the replicas that it asks for.
  public struct SLAExpectation: Codable, Sendable, Equatable {
    /// Share of the requests that is to meet the target at the traffic that is planned for.
    public var quantile: Double
    /// Traffic that is planned for over what is forecast, without backlog; null where the forecast
    /// itself decides.
    @ExplicitNull public var headroom: Double?
    /// Share of the requests whose intervals that is meant to cover; null where there is none.
    @ExplicitNull public var headroomShare: Double?
    /// Share of the requests that is expected within the target.
    public var attainment: Double
    /// Prefill: share of the time that a replica is busy; decode: sequences over the most allowed.
    public var utilisation: Double
    /// Latency that the planned share stays within, milliseconds; null where a queue would grow.
    @ExplicitNull public var latencyMilliseconds: Double?
    /// Share within the target with one replica less; null at one replica.
    @ExplicitNull public var attainmentOneFewer: Double?
    /// Requests that wait beyond the usual.
    public var backlogRequests: Double
    /// What decides: `latency`, `kv-cache`, `idle-engine` or `minimum`.
    public var bound: SizingExpectation.Bound
    /// Decode: mean sequences of a replica; null for prefill.
    @ExplicitNull public var concurrency: Double?
    /// Decode: the most sequences of a replica; null for prefill.
    @ExplicitNull public var concurrencyLimit: Double?

    enum CodingKeys: String, CodingKey {
      case quantile, headroom, attainment, utilisation, bound, concurrency
      case headroomShare = "headroom_share"
      case latencyMilliseconds = "latency_ms"
      case attainmentOneFewer = "attainment_one_fewer"
      case backlogRequests = "backlog_requests"
      case concurrencyLimit = "concurrency_limit"
    }

    init(_ expectation: SizingExpectation) {
      quantile = expectation.quantile
      _headroom = ExplicitNull(wrappedValue: expectation.headroom?.factor)
      _headroomShare = ExplicitNull(wrappedValue: expectation.headroom?.share)
      attainment = expectation.outlook.attainment
      utilisation = expectation.outlook.utilisation
      backlogRequests = expectation.backlogRequests
      bound = expectation.bound
      _latencyMilliseconds = ExplicitNull(wrappedValue: expectation.outlook.latencyMilliseconds)
      _attainmentOneFewer = ExplicitNull(wrappedValue: expectation.oneFewer?.attainment)
      _concurrency = ExplicitNull(
        wrappedValue: expectation.concurrency?.mean ?? expectation.mixed?.mean)
      _concurrencyLimit = ExplicitNull(
        wrappedValue: expectation.concurrency?.limit ?? expectation.mixed?.limit)
    }
  }
}
