import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct RedirectTests {
  let client = makeClient()

  @Test(
    "a redirect on the same server is followed with the same credentials",
    arguments: [
      301, 302, 303, 307, 308,
    ])
  func same(_ status: Int) async throws {
    let server = try StandInServer()
    server.on("/a", .redirect(to: "/b?x=1", status: status))
    server.on("/b", .text("there"))
    let response = try await client.send(
      HTTPRequest("GET", server.url + "/a", access: HTTPAccess(token: .value("t"))))
    #expect(response.text == "there")
    #expect(server.requests.map(\.target) == ["/a", "/b?x=1"])
    #expect(server.requests.allSatisfy { $0.header("authorization") == "Bearer t" })
  }

  @Test("a redirect to another host, port or scheme is an error that names it")
  func elsewhere() async throws {
    let other = try StandInServer { _ in .text("") }
    let server = try StandInServer()
    for (location, named) in [
      (other.url + "/x?token=s3cret", other.url + "/x?token=REDACTED"),
      ("http://u:s3cret@localhost:\(server.port)/", "http://localhost:\(server.port)/"),
      ("https://127.0.0.1:\(server.port)/", "https://127.0.0.1:\(server.port)/"),
      ("//elsewhere.invalid/", "http://elsewhere.invalid/"),
    ] {
      server.on("/a", .redirect(to: location))
      let error = await httpError { () async throws(HTTPError) in
        try await client.send(
          HTTPRequest("GET", server.url + "/a", access: HTTPAccess(token: .value("t"))))
      }
      guard case .failed(let request, let reason) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(request == "GET \(server.url)/a")
      #expect(reason.contains("redirected to \(named),"))
      #expect(!reason.contains("s3cret"))
    }
    #expect(other.requests.isEmpty)
  }

  @Test("user information in a redirect's place is not used")
  func userInformation() async throws {
    let server = try StandInServer()
    server.on("/a", .redirect(to: "http://evil:x@127.0.0.1:\(server.port)/b"))
    server.on("/b", .text("there"))
    _ = try await client.send(HTTPRequest("GET", server.url + "/a"))
    #expect(server.requests(for: "/b").first?.header("authorization") == nil)
    let named = "http://ann:pw@127.0.0.1:\(server.port)/a"
    _ = try await client.send(HTTPRequest("GET", named))
    #expect(server.requests(for: "/b").last?.header("authorization") == "Basic YW5uOnB3")
  }

  @Test("five redirects are followed, six are not")
  func number() async throws {
    let server = try StandInServer { request in
      let number = Int(request.path.dropFirst()) ?? 0
      return number == 0 ? .text("there") : .redirect(to: "/\(number - 1)")
    }
    #expect(try await client.send(HTTPRequest("GET", server.url + "/5")).text == "there")
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url + "/6"))
    }
    #expect(
      error
        == .failed(
          request: "GET \(server.url)/1", reason: "it was redirected more than 5 times"))
  }

  @Test("a body goes along with 307 and 308, becomes a GET with 303, and is not lost with 302")
  func bodies() async throws {
    let server = try StandInServer { .text($0.method + $0.text) }
    func post() async throws(HTTPError) -> HTTPResponse {
      try await client.send(HTTPRequest("POST", server.url + "/a", body: Array("b".utf8)))
    }
    for (status, expected) in [(307, "POSTb"), (308, "POSTb"), (303, "GET")] {
      server.on("/a", .redirect(to: "/b", status: status))
      #expect(try await post().text == expected)
    }
    server.on("/a", .redirect(to: "/b", status: 302))
    guard case .failed(_, let reason) = await httpError(post) else {
      Issue.record("302 was accepted")
      return
    }
    #expect(reason.contains("/b with status 302"))
  }

  @Test("a redirect without a place is an answer like any other, one to nonsense is an error")
  func places() async throws {
    let server = try StandInServer()
    server.on("/a", .text("choose", status: 302))
    #expect(try await client.send(HTTPRequest("GET", server.url + "/a")).status == 302)
    server.on("/a", .redirect(to: "ftp://host/file"))
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", server.url + "/a"))
    }
    #expect(error?.description.contains("'ftp://host/file', which is not a URL") == true)
  }
}
