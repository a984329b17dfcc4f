/// Where the planner's own metrics go: any of three ways, or none.
public struct OwnMetricsSettings: Sendable, Equatable {
  /// Port that serves them while the run lives; 0 for none.
  public var port: Int
  /// File for the textfile collector of a node exporter; nil for none.
  public var textfile: String?
  /// Base URL of a push gateway, without a slash at its end; nil for none.
  public var pushgatewayURL: String?

  /// Whether they go nowhere.
  public var isOff: Bool { port == 0 && textfile == nil && pushgatewayURL == nil }

  init(_ values: SettingsValues) throws(SettingsError) {
    port = try values.integer(.metricsPort)
    textfile = values.optionalText(.metricsTextfile)
    pushgatewayURL = values.optionalText(.pushgatewayURL).map(withoutSlash)
  }
}
