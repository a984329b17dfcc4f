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
    let outlets = MetricsOutlets(
      port: places.port,
      // A round that takes longer than its deadline ends the process by itself.
      patienceSeconds: settings.repeatSeconds == nil
        ? .infinity : settings.roundSeconds + settings.deadlineSeconds + 30,
      textfile: places.textfile.map(MetricsTextfile.init),
      pushgateway: places.pushgatewayURL.map {
        // A client of its own: a push outlives the deadline of the round that it tells of, and is
        // no part of a recording.
        Pushgateway(
          url: $0, isDryRun: settings.isDryRun,
          client: CurlHTTPClient(version: plannerVersion, deadlineSeconds: .infinity))
      })
    if let warning = outlets.portWarning { logger.warning("\(warning)") }
    return MetricsLedger(
      outlets, deployment: invocation.deployment, policy: invocation.planner.policy,
      tellsDesired: !settings.isDryRun)
  }
}
