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

  init(_ options: inout OptionReader) throws(SettingsError) {
    endpoint = withoutSlash(
      try options.text(
        .init(
          "prometheus-endpoint", .address,
          default: "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
          unit: "URL", aliases: [.file("metric_pulling_prometheus_endpoint")],
          environment: ["PROMETHEUS_ENDPOINT"],
          help: "Where Prometheus is; also $PROMETHEUS_ENDPOINT.")))
    access = try ServerAccess(&options, .prometheus)
  }
}
