import HTTPTransport
import Logging
import Synchronization

/// A client whose deadline begins anew with every round of a repeated run.
///
/// Whatever holds on to it (sources, the connector with the credentials it has fetched) can live as
/// long as the process.
final class RoundHTTPClient: HTTPClient {
  private let deadlineSeconds: Double
  private let exposed: @Sendable (String) -> Void
  private let current: Mutex<CurlHTTPClient>

  /// Creates a client; its first round begins now.
  init(deadlineSeconds: Double, logger: Logger) {
    self.deadlineSeconds = deadlineSeconds
    let servers = ExposedCredentials()
    exposed = { if let sentence = servers.sentence(for: $0) { logger.warning("\(sentence)") } }
    current = Mutex(Self.client(deadlineSeconds, exposed))
  }

  /// Begins the next round; requests that are still under way fail as cancelled.
  func beginRound() {
    let next = Self.client(deadlineSeconds, exposed)
    current.withLock { client in
      client.shutdown()
      client = next
    }
  }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    try await current.withLock { $0 }.send(request)
  }

  private static func client(
    _ deadlineSeconds: Double, _ exposed: @escaping @Sendable (String) -> Void
  ) -> CurlHTTPClient {
    let client = CurlHTTPClient(
      version: plannerVersion, deadlineSeconds: deadlineSeconds, exposed: exposed)
    // Sets libcurl and the TLS library up while the state is loaded: 2 ms less to wait for.
    client.prepare()
    return client
  }
}
