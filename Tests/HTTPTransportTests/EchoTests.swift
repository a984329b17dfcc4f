import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("A server that sends credentials back")
struct EchoTests {
  private static let token = "tok/en+0123456789=="
  private let access = HTTPAccess(token: .value(Self.token))

  @Test(
    "a token is hidden in every answer, however it is spelled",
    arguments: [200, 401, 500], [token, "tok%2Fen%2B0123456789%3D%3D", #"tok\/en+0123456789=="#])
  func tokens(status: Int, spelling: String) async throws {
    let server = try StandInServer { _ in .text("you sent \(spelling), no", status: status) }
    let answer = try await makeClient(limits: HTTPLimits(attempts: 1)).send(
      HTTPRequest("GET", server.url, access: access))
    #expect(answer.text == "you sent REDACTED, no")
  }

  @Test("a password is hidden in errors but not in the data that was asked for")
  func passwords() async throws {
    let access = HTTPAccess(user: "u", password: "production")
    for (status, shown) in [(200, "production"), (403, "REDACTED")] {
      let server = try StandInServer { _ in .text("namespace production", status: status) }
      let answer = try await makeClient().send(HTTPRequest("GET", server.url, access: access))
      #expect(answer.text == "namespace \(shown)")
    }
  }

  @Test("a redirect elsewhere is told without the token in its path, query or fragment")
  func redirects() async throws {
    for place in ["/\(Self.token)", "/?x=\(Self.token)", "/#\(Self.token)"] {
      let server = try StandInServer { _ in
        .text("", status: 302, headers: [("Location", "https://login.invalid\(place)")])
      }
      let error = await httpError { () async throws(HTTPError) in
        try await makeClient().send(HTTPRequest("GET", server.url, access: access))
      }
      let text = try #require(error).description
      #expect(text.contains("login.invalid") && !text.contains(Self.token), "\(text)")
    }
  }

  @Test("credentials that go out without encryption are told of")
  func exposed() async throws {
    let told = Told()
    let server = try StandInServer { _ in .text("") }
    let client = CurlHTTPClient(version: "1", exposed: { told.add($0) })
    _ = try await client.send(HTTPRequest("GET", server.url))
    #expect(told.all.isEmpty)
    _ = try await client.send(HTTPRequest("GET", server.url, access: access))
    #expect(told.all == [server.url])
  }
}

/// What was said, from whichever thread.
private final class Told: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
