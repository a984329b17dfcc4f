/// Where the planner's own metrics go: any of three ways, or none.
public struct OwnMetricsSettings: Sendable, Equatable {
  /// Port that serves them while the run lives; 0 for none.
  public var port: Int
  /// File for the textfile collector of a node exporter; nil for none.
  public var textfile: String?
  /// Base URL of a push gateway, without a slash at its end; nil for none.
  public var pushgatewayURL: String?
  /// How to authenticate there.
  public var pushgatewayAccess: ServerAccess

  /// Whether they go nowhere.
  public var isOff: Bool { port == 0 && textfile == nil && pushgatewayURL == nil }

  init(_ options: inout OptionReader) throws(SettingsError) {
    port = try options.integer(
      .init(
        "metrics-port", .integer(0...65_535), default: "0", unit: "port",
        flag: PlannerOption.FlagStyle.none, aliases: [.file("metric_reporting_prometheus_port")],
        environment: ["PLANNER_PROMETHEUS_PORT"],
        help: "Port of the planner's own metrics; 0 for none."))
    textfile = try options.optionalText(
      .init(
        "metrics-textfile", .metricsFile, unit: "file",
        help: """
          Write the planner's own metrics there, for the textfile collector of a node exporter.
          """))
    pushgatewayURL = try options.optionalText(
      .init(
        "pushgateway-url", .address, unit: "URL",
        help: "Push the planner's own metrics to this Prometheus push gateway.")
    ).map(withoutSlash)
    pushgatewayAccess = try ServerAccess(&options, .pushgateway)
  }
}
