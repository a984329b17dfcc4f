import Foundation
import TestSupport

/// A real Prometheus push gateway on a free loopback port.
final class PushgatewayServer: Sendable {
  let port: UInt16
  var url: String { "http://127.0.0.1:\(port)" }
  private let process: ChildProcess

  /// Starts it and waits until it answers.
  init() async throws {
    port = try FreePort.next()
    process = try ChildProcess(
      "prometheus-pushgateway",
      // Debian's keeps what was pushed in a file of the system's.
      [
        "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn", "--persistence.file=",
      ])
    try await waitUntil("the push gateway is ready", within: 60) {
      LoopbackRequest("GET", "/-/ready").send(to: port).starts(with: Array("HTTP/1.1 200".utf8))
    }
  }

  /// The page that Prometheus would scrape.
  var page: String { MetricsText.scraped(from: port) }

  func stop() { process.kill() }
}

/// The planner's own metrics, as a page tells them.
struct MetricsText {
  let text: String

  /// The body of the answer to `GET /metrics`; empty when there is none.
  static func scraped(from port: UInt16) -> String {
    let answer = String(
      decoding: LoopbackRequest("GET", "/metrics", version: "1.0").send(to: port),
      as: UTF8.self)
    guard let end = answer.firstRange(of: "\r\n\r\n") else { return "" }
    return String(answer[end.upperBound...])
  }

  /// The value of the only series of `dynamo_planner_<name>` whose labels contain `label`.
  subscript(_ name: String, _ label: String = "") -> Double? {
    let lines = text.split(separator: "\n").filter {
      $0.hasPrefix("dynamo_planner_\(name){") && (label.isEmpty || $0.contains(label))
    }
    guard lines.count == 1 else { return nil }
    return lines[0].split(separator: " ").last.flatMap { Double($0) }
  }
}
