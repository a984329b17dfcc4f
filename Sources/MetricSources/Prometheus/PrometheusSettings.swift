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

  /// One field of a query, not yet encoded.
  public struct QueryParameter: Sendable, Equatable {
    /// The field's name.
    public var name: String
    /// The field's value.
    public var value: String

    /// Creates a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Reads a field as it stands in a URL, `name=value`; nil without a name or a value.
    public init?(urlField field: some StringProtocol) {
      guard let equals = field.firstIndex(of: "="), equals > field.startIndex else { return nil }
      func decoded(_ text: some StringProtocol) -> String {
        PercentEncoding.decode(text.map { $0 == "+" ? " " : String($0) }.joined())
      }
      self.init(decoded(field[..<equals]), decoded(field[field.index(after: equals)...]))
    }
  }

  /// Address of the server, with a path prefix if it has one: `http://prometheus:9090/prefix`.
  public var endpoint: String
  /// Credentials and trust, and header fields that a store with tenants wants.
  public var access: HTTPAccess
  /// Fields added to the query of every request: what a proxy in front wants to know of the tenant.
  public var queryParameters: [QueryParameter]
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
    endpoint: String, access: HTTPAccess = HTTPAccess(),
    queryParameters: [QueryParameter] = [], dynamoNamespace: String,
    source: Source = .frontend, isDisaggregated: Bool, wantsArrivals: Bool = false
  ) {
    self.endpoint = endpoint
    self.access = access
    self.queryParameters = queryParameters
    self.dynamoNamespace = dynamoNamespace
    self.source = source
    self.isDisaggregated = isDisaggregated
    self.wantsArrivals = wantsArrivals
  }
}
