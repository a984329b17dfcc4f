import HTTPTransport
import Synchronization

/// Answers each request as a test says, and keeps what was asked.
final class ScriptedHTTPClient: HTTPClient {
  typealias Script = @Sendable (HTTPRequest, Int) throws(HTTPError) -> HTTPResponse

  private let script: Script
  private let received = Mutex<[HTTPRequest]>([])

  /// - Parameter script: gets the request and how many came before it.
  init(_ script: @escaping Script) { self.script = script }

  /// The requests so far.
  var requests: [HTTPRequest] { received.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let index = received.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    return try script(request, index)
  }
}

extension HTTPResponse {
  /// An answer with a JSON body.
  static func json(_ status: Int, _ body: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [HTTPHeader("Content-Type", "application/json")],
      body: Array(body.utf8))
  }
}
