import Foundation
import Glibc
import TestSupport
import Testing

@testable import OwnMetrics

@Suite("Metrics port")
struct MetricsServerTests {
  private func withServer(_ body: (MetricsServer, String) async throws -> Void) async throws {
    let server = try MetricsServer(port: 0)
    defer { server.stop() }
    try await body(server, "http://127.0.0.1:\(server.port)")
  }

  @Test("a scrape gets the newest page")
  func scrapeGetsTheNewestPage() async throws {
    try await withServer { server, url in
      #expect(try await Sample.get(url + "/metrics").body.isEmpty)
      for deployment in ["one", "two"] {
        server.publish(Sample.page(deployment: deployment))
        let response = try await Sample.get(url + "/metrics?name=x")
        #expect(response.status == 200)
        #expect(response.header("Content-Type") == MetricsPage.contentType)
        #expect(response.text == Sample.page(deployment: deployment).text)
      }
    }
  }

  @Test(
    "only the page can be had",
    arguments: [
      ("GET", "/", 404), ("GET", "/metricsx", 404), ("POST", "/metrics", 405),
      ("DELETE", "/metrics", 405), ("POST", "/healthz", 405), ("GET", "/healthzz", 404),
    ])
  func onlyThePageCanBeHad(_ method: String, _ path: String, _ status: Int) async throws {
    try await withServer { _, url in
      let response = try await Sample.get(url + path, method: method)
      #expect(response.status == status)
    }
  }

  @Test("/healthz tells what the last round came to, and when it was")
  func healthTellsTheLastRound() async throws {
    try await withServer { server, url in
      let fresh = try await Sample.get(url + "/healthz")
      #expect(fresh.status == 200)
      #expect(fresh.text.hasPrefix("alive; no round has ended yet"))
      server.roundEnded("decision 12 is applied")
      #expect(try await Sample.get(url + "/healthz?x").text.contains("decision 12 is applied"))
    }
  }

  @Test("a run whose rounds no longer end is not alive")
  func runWhoseRoundsNoLongerEnd() {
    let start = ContinuousClock.now
    var health = RunHealth(patienceSeconds: 90, beganAt: start)
    #expect(health.answer(at: start + .seconds(90)).isAlive)
    #expect(!health.answer(at: start + .seconds(91)).isAlive)
    // A round that failed has ended: another process would meet the same server.
    health.roundEnded("the round failed with exit code 69", at: start + .seconds(80))
    let later = health.answer(at: start + .seconds(170))
    #expect(later.isAlive)
    #expect(later.text == "alive; 90 s ago: the round failed with exit code 69")
    #expect(
      health.answer(at: start + .seconds(171)).text
        == "overdue, a round should have ended within 90 s; 91 s ago: the round failed with exit code 69"
    )
  }

  @Test(
    "nonsense and hanging up don't stop it",
    arguments: [
      "", "x", "\r\n\r\n", "GET /metrics\r\n\r\n", "GET  /metrics HTTP/1.1\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}", String(repeating: "A", count: 100_000),
      "GET /metrics HTTP/1.1\r\nX: " + String(repeating: "y", count: 9000),
    ])
  func nonsenseAndHangingUpDontStopIt(_ bytes: String) async throws {
    try await withServer { server, url in
      server.publish(Sample.page())
      let client = try Self.connect(server.port)
      _ = Array(bytes.utf8).withUnsafeBytes {
        send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      close(client)
      #expect(try await Sample.get(url + "/metrics").text == Sample.page().text)
    }
  }

  @Test("a client that says nothing only delays the next one")
  func clientThatSaysNothingOnlyDelaysTheNextOne() async throws {
    try await withServer { server, url in
      server.publish(Sample.page())
      let client = try Self.connect(server.port)
      defer { close(client) }
      #expect(try await Sample.get(url + "/metrics").status == 200)
    }
  }

  @Test("many scrapes at a time are all answered")
  func manyScrapesAtATimeAreAllAnswered() async throws {
    try await withServer { server, url in
      server.publish(Sample.page())
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 { group.addTask { try await Sample.get(url + "/metrics").status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 200, count: 20))
    }
  }

  @Test("a port in use is a warning, and the other outlets go on")
  func portInUseIsAWarning() async throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("p.prom").path
    try await withServer { server, _ in
      let outlets = MetricsOutlets(port: server.port, textfile: MetricsTextfile(path: path))
      #expect(outlets.portWarning?.contains("PLANNER_PROMETHEUS_PORT") == true)
      #expect(!outlets.isEmpty)
      #expect(await outlets.publish(Sample.page()) == [])
      outlets.stop()
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == Sample.page().text)
  }

  @Test("a port can be taken over as soon as it is given back")
  func portCanBeTakenOverAsSoon() async throws {
    let first = try MetricsServer(port: 0)
    _ = try await Sample.get("http://127.0.0.1:\(first.port)/metrics")
    first.stop()
    first.stop()
    let second = try await waitFor("the port is free") { try? MetricsServer(port: first.port) }
    defer { second.stop() }
    #expect(try await Sample.get("http://127.0.0.1:\(first.port)/metrics").status == 200)
  }

  @Test("a port that does not exist is refused", arguments: [-1, 65_536, Int.max])
  func portThatDoesNotExistIsRefused(_ port: Int) {
    #expect(throws: OwnMetricsError.self) { try MetricsServer(port: port) }
  }

  private struct NoConnection: Error {}

  private static func connect(_ port: Int) throws -> Int32 {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw NoConnection() }
    return client
  }
}
