import Foundation
import HTTPTransport
import TestSupport

/// A real Prometheus on a free loopback port, with its data in a temporary folder.
struct PrometheusServer {
  /// Its address, with a path prefix and a trailing slash.
  let endpoint: String
  /// A client for it.
  let client = CurlHTTPClient(version: "test")

  /// Runs `body` with a server and stops it afterwards.
  ///
  /// - Parameters:
  ///   - history: samples to start with, in OpenMetrics form; promtool makes the database.
  ///   - scrapeConfigs: what the server scrapes, as YAML flow.
  static func run<Result>(
    history: String? = nil, scrapeConfigs: String = "[]",
    _ body: (PrometheusServer) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("prometheus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    if let history {
      try history.write(toFile: path("history.om"), atomically: true, encoding: .utf8)
      let outcome = try await ChildProcess.run(
        "promtool",
        ["tsdb", "create-blocks-from", "openmetrics", path("history.om"), path("data")])
      guard outcome.exit == .code(0) else { throw Failure(output: outcome.errorOutput) }
    }
    try "{global: {scrape_interval: 100ms}, scrape_configs: \(scrapeConfigs)}"
      .write(toFile: path("prometheus.yml"), atomically: true, encoding: .utf8)
    let port = try FreePort.next()
    let server = PrometheusServer(endpoint: "http://127.0.0.1:\(port)/behind/proxy/")
    let process = try ChildProcess(
      "prometheus",
      [
        "--config.file=\(path("prometheus.yml"))", "--storage.tsdb.path=\(path("data"))",
        // The history lies years back, outside the default retention of 15 days.
        "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:\(port)",
        "--web.external-url=\(server.endpoint)", "--log.level=warn",
      ])
    do {
      try await waitUntil("Prometheus is ready", within: 60) {
        guard process.isRunning else { throw Failure(output: process.errorOutput) }
        let request = HTTPRequest(
          "GET", server.endpoint + "-/ready", limits: HTTPLimits(attempts: 1))
        return (try? await server.client.send(request).status) == 200
      }
      let result = try await body(server)
      await process.terminate()
      return result
    } catch {
      await process.terminate()
      throw error
    }
  }

  /// The JSON answer to an instant query.
  func instant(_ query: String, at time: Double) async throws -> String {
    let url =
      "\(endpoint)api/v1/query?time=\(time)&query="
      + (query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    return try await client.send(HTTPRequest("GET", url)).text
  }

  /// The server or promtool gave up.
  struct Failure: Error, CustomStringConvertible {
    let output: String
    var description: String { "Prometheus failed: \(output)" }
  }
}
