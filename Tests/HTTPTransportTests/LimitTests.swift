import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct LimitTests {
  static let drip =
    Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8)
    + [UInt8](repeating: 65, count: 100_000)

  @Test(
    "an answer that never comes, or comes too slowly, times out after the total time",
    arguments: [
      StandInServer.Answer.silence, .drip(drip, everyMilliseconds: 1),
    ])
  func total(_ answer: StandInServer.Answer) async throws {
    let server = try StandInServer { _ in answer }
    let client = makeClient(limits: HTTPLimits(totalTimeoutSeconds: 0.2, attempts: 1))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url + "/slow"))
    }
    #expect(error == .timedOut(request: "GET \(server.url)/slow", seconds: 0.2))
  }

  @Test("each redirect gets what is left of the total time, not the whole again")
  func redirects() async throws {
    let server = try StandInServer()
    // 64 bytes that take 64 ms at least.
    let redirect = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /b\r\nX: 0123\r\n\r\n"
    server.on("/a", .drip(Array(redirect.utf8), everyMilliseconds: 1))
    server.on("/b", .silence)
    // On a busy machine even the redirect itself may take too long: then more time is given.
    for total in [0.5, 1, 2, 4, 8, 16] {
      let client = makeClient(limits: HTTPLimits(totalTimeoutSeconds: total, attempts: 1))
      let error = await httpError { () async throws(HTTPError) in
        try await client.send(HTTPRequest("GET", server.url + "/a"))
      }
      guard case .timedOut("GET \(server.url)/b", let seconds) = error else { continue }
      #expect(seconds < total - 0.05)
      return
    }
    Issue.record("the redirect was not followed in time")
  }

  @Test("a connection that is not accepted times out after the connect time")
  func connect() async throws {
    let full = try FullListener()
    let client = makeClient(
      limits: HTTPLimits(connectTimeoutSeconds: 0.15, totalTimeoutSeconds: 30, attempts: 1))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(full.port)/"))
    }
    #expect(error == .timedOut(request: "GET http://127.0.0.1:\(full.port)/", seconds: 0.15))
  }

  @Test("no request outlives the invocation's deadline, whatever its own time")
  func deadline() async throws {
    let server = try StandInServer { _ in .silence }
    let client = makeClient(deadlineSeconds: 0.3)
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(
        HTTPRequest("GET", server.url, limits: HTTPLimits(totalTimeoutSeconds: 500, attempts: 9)))
    }
    guard case .timedOut(_, let seconds) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(seconds <= 0.3)
    #expect(server.requests.count <= 1)
  }

  @Test("after the deadline nothing is sent", arguments: [0, -1, Double.nan])
  func afterDeadline(_ seconds: Double) async throws {
    let server = try StandInServer { _ in .text("") }
    let client = makeClient(deadlineSeconds: seconds)
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url))
    }
    #expect(error == .timedOut(request: "GET \(server.url)/", seconds: 0))
    #expect(server.acceptedConnections == 0)
  }

  @Test("limits that make no sense count as not given", arguments: [0, -3, Double.nan])
  func nonsense(_ seconds: Double) async throws {
    let server = try StandInServer { _ in .text("fine") }
    let limits = HTTPLimits(
      connectTimeoutSeconds: seconds, totalTimeoutSeconds: seconds, attempts: -1)
    let response = try await makeClient(deadlineSeconds: .infinity, limits: limits)
      .send(HTTPRequest("GET", server.url, limits: limits))
    #expect(response.text == "fine")
    let endless = HTTPLimits(
      connectTimeoutSeconds: .infinity, totalTimeoutSeconds: 1e300, maximumBodyBytes: .max)
    #expect(
      try await makeClient(deadlineSeconds: 1e300).send(
        HTTPRequest("GET", server.url, limits: endless)
      ).text == "fine")
  }

  @Test("an answer of exactly the allowed size passes")
  func exactSize() async throws {
    let server = try StandInServer()
    server.on("/plain", .text("1234567890"))
    server.on("/chunks", .chunks(status: 200, headers: [], chunks: [Array("1234567890".utf8)]))
    let client = makeClient(limits: HTTPLimits(maximumBodyBytes: 10))
    for path in ["/plain", "/chunks"] {
      #expect(try await client.send(HTTPRequest("GET", server.url + path)).body.count == 10)
    }
  }

  @Test(
    "an answer above the allowed size is broken off, once",
    arguments: [
      StandInServer.Answer.text("12345678901"),
      .chunks(status: 200, headers: [], chunks: [Array("123456".utf8), Array("78901".utf8)]),
      .raw(Array("HTTP/1.1 200 OK\r\n\r\n12345678901".utf8)),
      // Announced, but it would take for ever to come.
      .drip(drip, everyMilliseconds: 20),
    ])
  func size(_ answer: StandInServer.Answer) async throws {
    let server = try StandInServer { _ in answer }
    let client = makeClient(limits: HTTPLimits(maximumBodyBytes: 10))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url))
    }
    #expect(error == .tooLarge(request: "GET \(server.url)/", limitBytes: 10))
    #expect(server.requests.count == 1)
  }

  @Test("a small compressed answer that grows beyond the allowed size is broken off")
  func bomb() async throws {
    let bomb = try await gzip(count: 60_000_000)
    #expect(bomb.count < 100_000)
    let server = try StandInServer { _ in
      .proper(status: 200, headers: [("Content-Encoding", "gzip")], body: bomb)
    }
    let client = makeClient(limits: HTTPLimits(maximumBodyBytes: 1_000_000))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url))
    }
    #expect(error == .tooLarge(request: "GET \(server.url)/", limitBytes: 1_000_000))
  }

  @Test("a header without end is broken off")
  func header() async throws {
    let line = Array(("X: " + String(repeating: "x", count: 1000) + "\r\n").utf8)
    let server = try StandInServer { _ in
      .raw(Array("HTTP/1.1 200 OK\r\n".utf8) + Array(repeating: line, count: 1000).joined())
    }
    let error = await httpError { () async throws(HTTPError) in
      try await makeClient().send(HTTPRequest("GET", server.url))
    }
    guard case .failed(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("header"))
  }
}

/// A port whose queue of connections is full: further ones are neither accepted nor refused.
final class FullListener: Sendable {
  let port: UInt16
  private let sockets: [Int32]

  init() throws {
    port = try FreePort.next()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    sockets = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, kind, 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        bind(listener, address, size)
        listen(listener, 0)
        return [listener]
          + (0..<4).map { _ in
            let client = socket(AF_INET, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = connect(client, address, size)
            return client
          }
      }
    }
  }

  deinit { sockets.forEach { close($0) } }
}
