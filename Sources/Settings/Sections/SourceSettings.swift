/// Prometheus and the router's page.
public struct SourceSettings: SettingsSection {
  package static let title = "Metrics sources"

  /// Who serves the metrics.
  public var metrics: MetricsDialect
  /// Where Prometheus is.
  public var prometheus: PrometheusSettings
  /// How to authenticate to the router's page.
  public var routerAccess: ServerAccess

  package init(_ options: inout OptionReader) throws(SettingsError) {
    metrics = try options.choice(
      .init(
        "metrics", .choice(of: MetricsDialect.self), default: "dynamo", unit: "dialect",
        help: """
          Who serves the metrics of traffic and workers: dynamo (frontend, router), or each engine: \
          vllm, sglang, trtllm.
          """))
    prometheus = try PrometheusSettings(&options)
    routerAccess = try ServerAccess(&options, .router)
  }

  package static func check(_ options: OptionReader) throws(SettingsError) {
    try AccessRules.check(options, [.prometheus, .router])
  }
}

/// Where Prometheus is.
public struct PrometheusSettings: Sendable, Equatable {
  /// The URL that `/api/v1/…` is added to, without a slash at its end.
  public var endpoint: String
  /// How to authenticate there.
  public var access: ServerAccess
  /// Headers of every request, each `NAME=VALUE` or `NAME=@FILE`.
  public var headers: [String]
  /// Fields added to every query, each `NAME=VALUE` as it stands in a URL.
  public var queryParameters: [String]

  init(_ options: inout OptionReader) throws(SettingsError) {
    endpoint = withoutSlash(
      try options.text(
        .init(
          "prometheus-endpoint", .address,
          default: "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
          unit: "URL", aliases: [.file("metric_pulling_prometheus_endpoint")],
          environment: ["PROMETHEUS_ENDPOINT"],
          help: "Where Prometheus is; also $PROMETHEUS_ENDPOINT.")))
    headers = try options.list(
      .init(
        "prometheus-header", .pairs, unit: "NAME=VALUE|@FILE", isRecorded: false,
        help: """
          Header of every request to Prometheus, as X-Scope-OrgID=team-a for a store with tenants; \
          behind @ stands a file that holds the value. Repeat for several.
          """))
    queryParameters = try options.list(
      .init(
        "prometheus-query-parameter", .pairs, unit: "NAME=VALUE",
        environment: ["PROMETHEUS_EXTRA_QUERY_PARAMS"],
        help: """
          Field added to the query of every request to Prometheus, for proxies that ask for a \
          tenant; several as in namespace=a&tenant=b, or repeat it.
          """)
    ).flatMap { $0.split(separator: "&").map(String.init) }
    access = try ServerAccess(&options, .prometheus)
  }
}
