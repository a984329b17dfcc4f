import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct FailureTests {
  let client = makeClient()

  private func failure(_ url: String, _ access: HTTPAccess = HTTPAccess()) async -> String {
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", url, access: access))
    }
    guard case .failed = error else { return "not a failure: \(String(describing: error))" }
    return error?.description ?? ""
  }

  @Test("a refused connection is named")
  func refused() async throws {
    let port = try FreePort.next()
    let message = await failure("http://127.0.0.1:\(port)/x")
    #expect(message.hasPrefix("GET http://127.0.0.1:\(port)/x failed: "))
    #expect(message.contains("connect"))
  }

  @Test("a host that does not exist is named")
  func unknownHost() async {
    let message = await failure("http://prometheus.invalid:9090/api")
    #expect(message.hasPrefix("GET http://prometheus.invalid:9090/api failed: "))
    #expect(message.contains("resolve host"))
  }

  @Test("an invalid URL is not sent")
  func invalid() async {
    let error = await httpError { () async throws(HTTPError) in
      try await client.send(HTTPRequest("GET", "gopher://u:secret@host/"))
    }
    #expect(
      error
        == .invalidURL("gopher://host/", reason: "it must begin with http:// or https://"))
  }

  @Test(
    "an answer that breaks the protocol is an error",
    arguments: [
      ("garbage", StandInServer.Answer.raw(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8))),
      ("nothing", .hangUp),
      ("half a header", .halfClosed(Array("HTTP/1.1 200 OK\r\nContent-Le".utf8))),
      ("a header without colon", .raw(Array("HTTP/1.1 200 OK\r\nNoColon\r\n\r\nbody".utf8))),
      ("a short body", .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345".utf8))),
      (
        "a half-closed body",
        .halfClosed(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345".utf8))
      ),
      (
        "a chunk that ends early",
        .raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n12345".utf8))
      ),
      (
        "a chunk without size",
        .raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n12345".utf8))
      ),
      (
        "a length that is no number",
        .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n12345".utf8))
      ),
      (
        "a negative length",
        .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: -10\r\n\r\n12345".utf8))
      ),
      (
        "a broken compression",
        .proper(
          status: 200, headers: [("Content-Encoding", "gzip")], body: [1, 2, 3, 4, 5, 6, 7, 8])
      ),
    ] as [(String, StandInServer.Answer)])
  func protocolErrors(_ name: String, _ answer: StandInServer.Answer) async throws {
    let server = try StandInServer { _ in answer }
    let message = await failure(server.url + "/x")
    #expect(message.hasPrefix("GET \(server.url)/x failed: "))
  }

  @Test("TLS spoken to a plain server is an error, and so is the reverse")
  func plain() async throws {
    let server = try StandInServer { _ in .text("") }
    let message = await failure("https://127.0.0.1:\(server.port)/")
    #expect(message.hasPrefix("GET https://127.0.0.1:\(server.port)/ failed: "))
    let certificates = try await TestCertificates()
    let front = try await TLSFront(
      to: server.port, certificate: certificates.server.certificate, key: certificates.server.key)
    let other = await failure("http://127.0.0.1:\(front.port)/")
    #expect(other.hasPrefix("GET http://127.0.0.1:\(front.port)/ failed: "))
  }

  @Test(
    "what could smuggle a second header or request in is refused",
    arguments: [
      HTTPRequest("GET / HTTP/1.1\r\nX: y", "http://127.0.0.1:1/"),
      HTTPRequest("", "http://127.0.0.1:1/"),
      HTTPRequest("GET", "http://127.0.0.1:1/", headers: [HTTPHeader("A", "b\r\nC: d")]),
      HTTPRequest("GET", "http://127.0.0.1:1/", headers: [HTTPHeader("A", "b\0")]),
      HTTPRequest("GET", "http://127.0.0.1:1/", headers: [HTTPHeader("A\r\nB", "c")]),
      HTTPRequest("GET", "http://127.0.0.1:1/", headers: [HTTPHeader("A:", "c")]),
      HTTPRequest("GET", "http://127.0.0.1:1/", headers: [HTTPHeader("", "c")]),
      HTTPRequest("GET", "http://127.0.0.1:1/", access: HTTPAccess(token: .value("a\nb"))),
    ])
  func smuggled(_ request: HTTPRequest) async {
    let error = await httpError { () async throws(HTTPError) in try await client.send(request) }
    guard case .failed(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.contains("onnect"))
  }

  @Test("credentials in the URL or its query never reach a message")
  func secrets() async throws {
    let port = try FreePort.next()
    let message = await failure(
      "http://ann:hunter2@127.0.0.1:\(port)/x?token=hunter2&query=up",
      HTTPAccess(token: .value("hunter2")))
    #expect(message.contains("http://127.0.0.1:\(port)/x?token=REDACTED&query=up"))
    #expect(!message.contains("hunter2"))
    #expect(!message.contains("ann"))
  }
}
