import HTTPTransport
import Invocation
import Logging
import OwnMetrics
import Settings

extension Wiring {
  /// The planner's own metrics, their port served from now on; nil when they go nowhere. A replay
  /// happened long ago and publishes nothing.
  static func metrics(
    _ settings: RunSettings, _ invocation: InvocationSettings, _ logger: Logger
  ) -> MetricsLedger? {
    let places = settings.ownMetrics
    guard !places.isOff, settings.replayDirectory == nil else { return nil }
    var gateway: Pushgateway?
    do {
      // A client of its own: a push outlives the deadline of the round that it tells of, and is no
      // part of a recording.
      gateway = try Pushgateway(
        places, isDryRun: settings.isDryRun,
        client: CurlHTTPClient(version: plannerVersion, deadlineSeconds: .infinity))
    } catch {
      logger.warning("\(CommandFailure(error)) Nothing is pushed.")
    }
    let outlets = MetricsOutlets(
      port: places.port,
      // A round that takes longer than its deadline ends the process by itself.
      patienceSeconds: settings.repeatSeconds == nil
        ? .infinity : settings.roundSeconds + settings.deadlineSeconds + 30,
      textfile: places.textfile.map(MetricsTextfile.init), pushgateway: gateway)
    if let warning = outlets.portWarning { logger.warning("\(warning)") }
    return MetricsLedger(
      outlets, deployment: invocation.deployment, policy: invocation.planner.policy,
      tellsDesired: !settings.isDryRun)
  }
}

extension Pushgateway {
  /// The gateway that the settings name; nil when they name none.
  ///
  /// - Throws: what can't be read of the files that say how to authenticate there.
  init?(_ places: OwnMetricsSettings, isDryRun: Bool = false, client: any HTTPClient) throws {
    guard let url = places.pushgatewayURL else { return nil }
    self.init(
      url: url, isDryRun: isDryRun, access: try HTTPAccess(places.pushgatewayAccess),
      queryParameters: places.pushgatewayAccess.queryParameters, client: client)
  }
}
