import HTTPTransport

/// Which Prometheus to ask, and for what.
public struct PrometheusSettings: Sendable, Equatable {
  /// Which component's counters tell the traffic.
  public enum Source: String, Sendable, CaseIterable {
    /// `dynamo_frontend_*`: the HTTP frontends.
    case frontend
    /// `dynamo_component_router_*`: the router. It knows no request duration.
    case router
  }

  /// Address of the server, with a path prefix if it has one: `http://prometheus:9090/prefix`.
  public var endpoint: String
  /// Credentials and trust.
  public var access: HTTPAccess
  /// Counts the traffic of this Dynamo namespace where the series carry one; empty counts all.
  public var dynamoNamespace: String
  /// Which counters to read.
  public var source: Source
  /// Whether prefill and decode are separate: the router then counts each request twice.
  public var isDisaggregated: Bool
  /// Whether to ask also for arrivals, waiting requests and the spread of lengths and latencies.
  public var wantsArrivals: Bool

  /// Creates settings.
  public init(
    endpoint: String, access: HTTPAccess = HTTPAccess(), dynamoNamespace: String,
    source: Source = .frontend, isDisaggregated: Bool, wantsArrivals: Bool = false
  ) {
    self.endpoint = endpoint
    self.access = access
    self.dynamoNamespace = dynamoNamespace
    self.source = source
    self.isDisaggregated = isDisaggregated
    self.wantsArrivals = wantsArrivals
  }
}
