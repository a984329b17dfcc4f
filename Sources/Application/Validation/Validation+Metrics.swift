import HTTPTransport
import OwnMetrics

/// Where the planner's own metrics go. A run decides without them, so nothing here is a failure.
extension Validation {
  /// One check for each place that was given; nothing is written there or sent to it.
  func ownMetricsChecks() async -> [Check] {
    let places = settings.ownMetrics
    var checks: [Check] = []
    if places.port != 0 {
      let outlets = MetricsOutlets(port: places.port)
      outlets.stop()
      checks.append(
        Self.ownMetricsCheck(
          outlets.portWarning, otherwise: "Port \(places.port) can be served while a run lives."))
    }
    if let path = places.textfile {
      checks.append(
        Self.ownMetricsCheck(
          MetricsTextfile(path: path).obstacle, otherwise: "'\(path)' can be written."))
    }
    if let url = places.pushgatewayURL {
      let obstacle: String?
      do {
        obstacle = try await Pushgateway(places, client: client)?.obstacle()
      } catch {
        obstacle = CommandFailure(error).description
      }
      checks.append(
        Self.ownMetricsCheck(obstacle, otherwise: "The push gateway at '\(url)' is ready."))
    }
    return checks
  }

  private static func ownMetricsCheck(_ obstacle: String?, otherwise good: String) -> Check {
    obstacle.map { Check("own metrics", .warning, $0 + " (a run works without it)") }
      ?? Check("own metrics", .ok, good)
  }
}
