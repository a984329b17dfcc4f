import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct RetryTests {
  @Test(
    "an idempotent request is sent again after a status that says 'later'",
    arguments: [
      429, 502, 503, 504,
    ])
  func statuses(_ status: Int) async throws {
    let server = try StandInServer()
    server.on("/", .text("", status: status), .text("", status: status), .text("fine"))
    let response = try await makeClient().send(HTTPRequest("GET", server.url))
    #expect(response.text == "fine")
    #expect(server.requests.count == 3)
  }

  @Test("the last answer counts when the attempts are used up")
  func usedUp() async throws {
    let server = try StandInServer { _ in .text("still", status: 503) }
    let client = makeClient(limits: HTTPLimits(attempts: 4))
    let response = try await client.send(HTTPRequest("GET", server.url))
    #expect(response.status == 503)
    #expect(server.requests.count == 4)
  }

  @Test("other statuses are final", arguments: [200, 400, 401, 403, 404, 409, 500, 501])
  func final(_ status: Int) async throws {
    let server = try StandInServer { _ in .text("", status: status) }
    _ = try await makeClient().send(HTTPRequest("GET", server.url))
    #expect(server.requests.count == 1)
  }

  @Test(
    "an idempotent request is sent again after a broken connection",
    arguments: [
      StandInServer.Answer.hangUp,
      .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1".utf8)),
    ])
  func broken(_ answer: StandInServer.Answer) async throws {
    let server = try StandInServer()
    server.on("/", answer, .text("fine"))
    #expect(try await makeClient().send(HTTPRequest("PUT", server.url, body: [1])).text == "fine")
    #expect(server.requests.count == 2)
  }

  @Test("an idempotent request is sent again after a timeout")
  func timeout() async throws {
    let server = try StandInServer()
    server.on("/", .silence, .text("fine"))
    let client = makeClient(limits: HTTPLimits(totalTimeoutSeconds: 1, attempts: 20))
    #expect(try await client.send(HTTPRequest("GET", server.url)).text == "fine")
    #expect(server.requests.count >= 2)
  }

  @Test("a POST is idempotent if the caller says so")
  func declared() async throws {
    let server = try StandInServer()
    server.on("/", .hangUp, .text("fine"))
    let request = HTTPRequest("POST", server.url, body: [1], isIdempotent: true)
    #expect(try await makeClient().send(request).text == "fine")
  }

  @Test(
    "a request that is not idempotent is sent once",
    arguments: ["POST", "PATCH"],
    [StandInServer.Answer.hangUp, .text("", status: 503), .silence])
  func once(_ method: String, _ answer: StandInServer.Answer) async throws {
    let server = try StandInServer { _ in answer }
    let client = makeClient(limits: HTTPLimits(totalTimeoutSeconds: 0.3, attempts: 5))
    _ = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest(method, server.url, body: [1]))
    }
    #expect(server.requests.count == 1)
  }

  @Test("libcurl doesn't repeat it behind our back on a kept connection that breaks")
  func onceOnKeptConnection() async throws {
    let server = try StandInServer()
    server.on("/warm", .text(""))
    server.on("/", .hangUp)
    let client = makeClient()
    _ = try await client.send(HTTPRequest("GET", server.url + "/warm"))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("POST", server.url, body: [1]))
    }
    #expect(error != nil)
    #expect(server.requests(for: "/").count == 1)
  }

  @Test("a refused connection is tried as often as allowed, then the error is that of the last")
  func refused() async throws {
    let pauses = Pauses()
    let client = pauses.client(limits: HTTPLimits(attempts: 4))
    let port = try FreePort.next()
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(port)/"))
    }
    guard case .failed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(pauses.seconds == [0.05, 0.1, 0.2])
  }

  @Test("Retry-After is waited for")
  func retryAfter() async throws {
    let server = try StandInServer()
    server.on("/", .text("", status: 429, headers: [("Retry-After", "7")]), .text("fine"))
    let pauses = Pauses()
    #expect(try await pauses.client().send(HTTPRequest("GET", server.url)).text == "fine")
    #expect(pauses.seconds == [7])
  }

  @Test(
    "a Retry-After beyond the deadline ends the attempts with the answer there is",
    arguments: [
      "60", "99999999999999999999",
    ])
  func retryAfterDeadline(_ value: String) async throws {
    let server = try StandInServer { _ in
      .text("busy", status: 503, headers: [("Retry-After", value)])
    }
    let pauses = Pauses()
    let response = try await pauses.client().send(HTTPRequest("GET", server.url))
    #expect(response.status == 503)
    #expect(pauses.seconds.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test("a certificate that is not trusted, a broken answer or a large one are not tried again")
  func hopeless() async throws {
    let server = try StandInServer { _ in .raw(Array("garbage\r\n\r\n".utf8)) }
    _ = await httpError { () async throws(HTTPError) in
      try await makeClient().send(HTTPRequest("GET", server.url))
    }
    #expect(server.requests.count == 1)
  }

  @Test("cancelling during the pause ends it")
  func cancelled() async throws {
    let server = try StandInServer { _ in
      .text("busy", status: 503, headers: [("Retry-After", "40")])
    }
    let client = CurlHTTPClient(version: "1")
    let task = Task { () async -> HTTPError? in
      await httpError { () async throws(HTTPError) in
        try await client.send(HTTPRequest("GET", server.url))
      }
    }
    try await waitUntil("the first answer has been given") { server.requests.count == 1 }
    task.cancel()
    #expect(await task.value == .cancelled(request: "GET \(server.url)/"))
  }
}

/// Keeps the pauses that a client would make instead of making them.
final class Pauses: Sendable {
  private let state = Mutex<[Double]>([])

  var seconds: [Double] { state.withLock { $0 } }

  func client(limits: HTTPLimits = HTTPLimits()) -> CurlHTTPClient {
    CurlHTTPClient(
      version: "1", deadlineSeconds: 50, limits: limits, retries: RetryPolicy(), random: { 0.5 },
      pause: { seconds in self.state.withLock { $0.append(seconds) } })
  }
}
