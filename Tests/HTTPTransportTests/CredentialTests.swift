import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct CredentialTests {
  let client = makeClient()

  private func authorization(
    _ access: HTTPAccess, userInformation: String = "", headers: [HTTPHeader] = []
  ) async throws -> String? {
    let server = try StandInServer { _ in .text("") }
    let url = "http://\(userInformation)127.0.0.1:\(server.port)/"
    _ = try await client.send(HTTPRequest("GET", url, headers: headers, access: access))
    return server.requests.first?.header("authorization")
  }

  @Test("a token, a user or the URL's user information becomes the Authorization header")
  func kinds() async throws {
    #expect(try await authorization(HTTPAccess(token: .value(" abc\n"))) == "Bearer abc")
    #expect(
      try await authorization(HTTPAccess(user: "ann", password: "pä:w")) == "Basic YW5uOnDDpDp3")
    #expect(try await authorization(HTTPAccess(user: "ann")) == "Basic YW5uOg==")
    #expect(
      try await authorization(HTTPAccess(), userInformation: "ann:p%40w@") == "Basic YW5uOnBAdw==")
    #expect(try await authorization(HTTPAccess()) == nil)
  }

  @Test("a header of the caller's own comes before a token, and a token before a user")
  func order() async throws {
    let all = HTTPAccess(token: .value("t"), user: "u", password: "p")
    #expect(try await authorization(all, userInformation: "a:b@") == "Bearer t")
    #expect(
      try await authorization(all, headers: [HTTPHeader("authorization", "raw token")])
        == "raw token")
  }

  @Test("a token file is read again for every attempt")
  func rotation() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("token", "first\n")
    let server = try StandInServer()
    let access = HTTPAccess(token: .file(path))
    server.on("/", .text(""))
    _ = try await client.send(HTTPRequest("GET", server.url, access: access))
    try folder.write("token", "  second")
    _ = try await client.send(HTTPRequest("GET", server.url, access: access))
    #expect(
      server.requests.map { $0.header("authorization") } == ["Bearer first", "Bearer second"])

    let rotating = try StandInServer { request in
      guard request.header("authorization") == "Bearer third" else {
        _ = try? folder.write("token", "third")
        return .text("", status: 503)
      }
      return .text("fine")
    }
    #expect(
      try await client.send(HTTPRequest("GET", rotating.url, access: access)).text == "fine")
  }

  @Test("a token file that is missing, empty or not a file is named and nothing is sent")
  func unreadable() async throws {
    let folder = try TemporaryFolder()
    mkfifo(folder.path + "/pipe", 0o600)
    let server = try StandInServer { _ in .text("") }
    for (name, text, reason) in [
      ("missing", nil, "No such file or directory"), ("empty", "", "it is empty"),
      ("blank", " \n \n", "it is empty"), ("two", "a\nb\n", "more than one line"),
      ("large", String(repeating: "x", count: 1_100_000), "too large"),
      ("pipe", nil, "not a regular file"), ("", nil, "not a regular file"),
    ] as [(String, String?, String)] {
      let path = folder.path + "/" + name
      if let text { try folder.write(name, text) }
      let error = await httpError { () async throws(HTTPError) in
        try await client.send(
          HTTPRequest("GET", server.url, access: HTTPAccess(token: .file(path))))
      }
      guard case .unreadableFile(path, let found) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(found.contains(reason))
    }
    #expect(server.acceptedConnections == 0)
  }

  @Test("an empty token is refused instead of sent")
  func emptyToken() async {
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(
        HTTPRequest("GET", "http://127.0.0.1:1/", access: HTTPAccess(token: .value(" "))))
    }
    #expect(error?.description.contains("bearer token is empty") == true)
  }
}
