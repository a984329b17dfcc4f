import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct ExchangeTests {
  let client = makeClient()

  @Test(
    "status, headers and body of an answer come back whatever the status",
    arguments: [
      200, 204, 301, 404, 418, 500,
    ])
  func answers(_ status: Int) async throws {
    let server = try StandInServer()
    server.on(
      "/", .text(status == 204 ? "" : "körper\n", status: status, headers: [("X-A", " b ")]))
    let response = try await client.send(HTTPRequest("GET", server.url + "/"))
    #expect(response.status == status)
    #expect(response.header("x-a") == "b")
    #expect(response.text == (status == 204 ? "" : "körper\n"))
  }

  @Test("a request arrives as it was given", arguments: ["POST", "PUT", "PATCH", "DELETE", "GET"])
  func requests(_ method: String) async throws {
    let server = try StandInServer { _ in .text("") }
    _ = try await client.send(
      HTTPRequest(
        method, server.url + "/a%20b?q=%7B1%7D",
        headers: [
          HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Empty", ""),
        ], body: Array("{\"x\":1}".utf8)))
    let request = try #require(server.requests.first)
    #expect(request.method == method)
    #expect(request.target == "/a%20b?q=%7B1%7D")
    #expect(request.text == "{\"x\":1}")
    #expect(request.header("content-type") == "application/json")
    #expect(request.header("x-empty") == "")
    #expect(request.header("user-agent") == "sla-planner/1.2.3")
    #expect(request.header("accept-encoding") == "gzip, deflate")
    #expect(request.header("host") == "127.0.0.1:\(server.port)")
    #expect(request.header("authorization") == nil)
  }

  @Test("header fields of the access go with every request to that server")
  func accessHeaders() async throws {
    let server = try StandInServer { _ in .text("") }
    let access = HTTPAccess(
      token: .value("t"),
      headers: [HTTPHeader("X-Scope-OrgID", "team a"), HTTPHeader("Authorization", "Custom x")])
    _ = try await client.send(
      HTTPRequest("GET", server.url, headers: [HTTPHeader("X-A", "1")], access: access))
    let request = try #require(server.requests.first)
    #expect(request.header("x-scope-orgid") == "team a" && request.header("x-a") == "1")
    #expect(request.header("authorization") == "Custom x")
  }

  @Test(
    "a body that is empty or large is sent at once and not called a web form",
    arguments: [
      0, 3_000_000,
    ])
  func bodies(_ count: Int) async throws {
    let server = try StandInServer { _ in .text("") }
    _ = try await client.send(
      HTTPRequest("POST", server.url, body: [UInt8](repeating: 65, count: count)))
    let request = try #require(server.requests.first)
    #expect(request.body.count == count)
    #expect(request.header("content-length") == "\(count)")
    #expect(request.header("content-type") == nil)
    #expect(request.header("expect") == nil)
  }

  @Test("HEAD gives the header and no body")
  func head() async throws {
    let server = try StandInServer { _ in .text("12345") }
    let response = try await client.send(HTTPRequest("HEAD", server.url))
    #expect(response.header("Content-Length") == "5")
    #expect(response.body.isEmpty)
  }

  @Test("chunks are joined")
  func chunks() async throws {
    let server = try StandInServer { _ in
      .chunks(status: 200, headers: [], chunks: [Array("ab".utf8), Array("cde".utf8)])
    }
    #expect(try await client.send(HTTPRequest("GET", server.url)).text == "abcde")
  }

  @Test("an interim answer and folded, odd and repeated headers are understood")
  func header() async throws {
    let server = try StandInServer { _ in
      .raw(
        Array(
          ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\nLong: a\r\n b\r\n\r\nbody").utf8))
    }
    let response = try await client.send(HTTPRequest("GET", server.url))
    #expect(
      response.headers == [HTTPHeader("A", "1"), HTTPHeader("A", "2"), HTTPHeader("Long", "a b")])
    #expect(response.text == "body")
  }

  @Test("a compressed answer is decompressed")
  func compressed() async throws {
    let zipped = try await gzip(count: 100_000)
    let server = try StandInServer { _ in
      .proper(status: 200, headers: [("Content-Encoding", "gzip")], body: zipped)
    }
    let response = try await client.send(HTTPRequest("GET", server.url))
    #expect(response.body == [UInt8](repeating: 0, count: 100_000))
  }

  @Test("IPv6 addresses work")
  func ipv6() async throws {
    let server = try StandInServer(host: "::1") { _ in .text("six") }
    #expect(try await client.send(HTTPRequest("GET", server.url)).text == "six")
  }

  @Test("a connection is kept and used again by idempotent requests")
  func keepAlive() async throws {
    let server = try StandInServer { _ in .text("") }
    for _ in 1...5 { _ = try await client.send(HTTPRequest("GET", server.url)) }
    #expect(server.acceptedConnections == 1)
    #expect(server.requests.count == 5)
  }

  @Test("eight and eight requests side by side all wait at the server at once")
  func concurrency() async throws {
    let gate = StandInServer.Gate()
    let one = try StandInServer { .after(gate, .text($0.target)) }
    let two = try StandInServer { .after(gate, .text($0.target)) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 1...8 {
        for server in [one, two] {
          group.addTask {
            try await client.send(HTTPRequest("GET", server.url + "/\(number)")).text
              == "/\(number)"
          }
        }
      }
      try await waitUntil("all requests have arrived before any is answered") {
        one.requests.count == 8 && two.requests.count == 8
      }
      gate.open()
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test("a hundred requests over several clients don't mix up their answers")
  func many() async throws {
    let server = try StandInServer { .text($0.target + $0.text) }
    let clients = [makeClient(), makeClient(), makeClient()]
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<100 {
        group.addTask {
          let response = try await clients[number % 3].send(
            HTTPRequest(
              number % 2 == 0 ? "GET" : "POST", server.url + "/\(number)",
              body: number % 2 == 0 ? nil : Array("b\(number)".utf8)))
          return response.text == "/\(number)" + (number % 2 == 0 ? "" : "b\(number)")
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}

/// `count` zero bytes, compressed.
func gzip(count: Int) async throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let outcome = try await ChildProcess.run(
    "sh", ["-c", "head -c \(count) /dev/zero | gzip > zeros.gz"], directory: folder.path)
  try #require(outcome.exit == .code(0))
  return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/zeros.gz")))
}
