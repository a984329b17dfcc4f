import Foundation
import TestSupport

/// A real Prometheus on a free loopback port that knows ``KnownTraffic``.
final class PrometheusServer: Sendable {
  /// The server or promtool gave up.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let port: UInt16
  var endpoint: String { "http://127.0.0.1:\(port)" }
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// Starts it with the history of some samples, and waits until it answers.
  init(history samples: String = KnownTraffic.openMetrics) async throws {
    let folder = try TemporaryFolder()
    let history = try folder.write("history.om", samples)
    let made = try await ChildProcess.run(
      "promtool", ["tsdb", "create-blocks-from", "openmetrics", history, folder.file("data")])
    guard made.exit == .code(0) else { throw Failure(description: made.errorOutput) }
    let port = try FreePort.next()
    let process = try ChildProcess(
      "prometheus",
      [
        "--config.file=\(try folder.write("prometheus.yml", "{}"))",
        "--storage.tsdb.path=\(folder.file("data"))",
        // The history lies years back, outside the default retention of 15 days.
        "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:\(port)",
        "--log.level=warn",
      ])
    self.port = port
    self.folder = folder
    self.process = process
    try await waitUntil("Prometheus is ready", within: 60) {
      guard process.isRunning else { throw Failure(description: process.errorOutput) }
      let ready = LoopbackRequest("GET", "/-/ready").send(to: port)
      return ready.starts(with: Array("HTTP/1.1 200".utf8))
    }
  }

  func stop() { process.kill() }
}
