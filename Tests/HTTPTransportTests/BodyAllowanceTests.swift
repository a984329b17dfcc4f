import TestSupport
import Testing

@testable import HTTPTransport

@Suite("The bytes that all answers may hold together")
struct BodyAllowanceTests {
  private func client(_ bytes: Int) -> CurlHTTPClient {
    CurlHTTPClient(
      version: "1", deadlineSeconds: 50, limits: HTTPLimits(attempts: 1), allBodiesBytes: bytes,
      retries: RetryPolicy(), random: { 0.5 }, pause: { _ in })
  }

  @Test("answers in use count together, and what is not used any more is given back")
  func together() async throws {
    let server = try StandInServer { _ in .text(String(repeating: "x", count: 600)) }
    let client = client(1000)
    func fetch() async throws(HTTPError) -> HTTPResponse {
      try await client.send(HTTPRequest("GET", server.url))
    }
    var first: HTTPResponse? = try await fetch()
    #expect(first?.body.count == 600)
    let error = await httpError(fetch)
    #expect(error == .tooLarge(request: "GET \(server.url)/", limitBytes: 1000))
    first = nil
    #expect(try await fetch().body.count == 600)
  }

  @Test("thirteen answers side by side hold no more than one may")
  func sideBySide() async throws {
    let server = try StandInServer { _ in .text(String(repeating: "x", count: 300)) }
    let client = client(1000)
    let answers = await withTaskGroup(of: HTTPResponse?.self) { group in
      for _ in 0..<13 {
        group.addTask { try? await client.send(HTTPRequest("GET", server.url)) }
      }
      // Each is kept until all have come.
      return await group.reduce(into: [HTTPResponse]()) { all, answer in
        if let answer { all.append(answer) }
      }
    }
    #expect(answers.count == 3)
  }
}
