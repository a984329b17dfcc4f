import HTTPTransport
import Synchronization

/// A client whose deadline begins anew with every round of a repeated run.
///
/// Whatever holds on to it (sources, the connector with the credentials it has fetched) can live as
/// long as the process.
final class RoundHTTPClient: HTTPClient {
  private let deadlineSeconds: Double
  private let current: Mutex<CurlHTTPClient>

  /// Creates a client; its first round begins now.
  init(deadlineSeconds: Double) {
    self.deadlineSeconds = deadlineSeconds
    current = Mutex(Self.client(deadlineSeconds))
  }

  /// Begins the next round; requests that are still under way fail as cancelled.
  func beginRound() {
    let next = Self.client(deadlineSeconds)
    current.withLock { client in
      client.shutdown()
      client = next
    }
  }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    try await current.withLock { $0 }.send(request)
  }

  private static func client(_ deadlineSeconds: Double) -> CurlHTTPClient {
    let client = CurlHTTPClient(version: plannerVersion, deadlineSeconds: deadlineSeconds)
    // Sets libcurl and the TLS library up while the state is loaded: 2 ms less to wait for.
    client.prepare()
    return client
  }
}
