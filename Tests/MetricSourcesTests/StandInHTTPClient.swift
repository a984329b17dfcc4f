import HTTPTransport
import Synchronization

/// Answers requests with what a closure says, and remembers them.
final class StandInHTTPClient: HTTPClient {
  private let answer: @Sendable (_ request: HTTPRequest, _ number: Int) -> Answer
  private let seen = Mutex<[HTTPRequest]>([])

  typealias Answer = Result<HTTPResponse, HTTPError>

  /// - Parameter answer: gets the request and how many came before it.
  init(_ answer: @escaping @Sendable (_ request: HTTPRequest, _ number: Int) -> Answer) {
    self.answer = answer
  }

  /// Always the same answer.
  convenience init(status: Int = 200, _ body: String) {
    self.init { _, _ in .success(HTTPResponse(status: status, body: Array(body.utf8))) }
  }

  var requests: [HTTPRequest] { seen.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let number = seen.withLock { seen in
      seen.append(request)
      return seen.count - 1
    }
    return try answer(request, number).get()
  }
}

/// Passes requests on and counts them.
struct CountingHTTPClient: HTTPClient {
  let client: any HTTPClient
  private let seen = Counter()

  private final class Counter: Sendable { let urls = Mutex<[String]>([]) }

  init(_ client: any HTTPClient) { self.client = client }

  var urls: [String] { seen.urls.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    seen.urls.withLock { $0.append(request.url) }
    return try await client.send(request)
  }
}
