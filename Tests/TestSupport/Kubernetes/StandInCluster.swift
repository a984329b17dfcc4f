import Foundation
import Synchronization

/// A Kubernetes API server over TLS that keeps a few objects with the real server's semantics:
/// resource versions and conflicts, generations, merge and JSON patches by content type, the scale
/// subresource, authentication, authorization, and its own forms of refusal.
///
/// Sources: Kubernetes API reference and "API conventions"; RFC 6902, RFC 7396; the operator's
/// admission webhook (ai-dynamo/dynamo, `deploy/operator/internal/webhook`).
public final class StandInCluster: Sendable {
  /// What a test lets happen to a request.
  public enum Fault: Sendable {
    /// This answer instead of the proper one.
    case answer(StandInServer.Answer)
    /// The request is carried out, and then this is answered.
    case afterwards(StandInServer.Answer)
    /// Something changes before the request is carried out.
    case interference(@Sendable (inout ClusterState) -> Void)
  }

  /// `https://127.0.0.1:port`.
  public let url: String
  /// The certificates of the server and of a client.
  public let certificates: TestCertificates
  private let server: StandInServer
  private let front: TLSFront
  private let state: SharedState

  /// The state behind a lock, shared with the server's threads.
  private final class SharedState: Sendable {
    let mutex: Mutex<ClusterState>
    init(_ state: ClusterState) { mutex = Mutex(state) }
  }

  /// Starts a cluster.
  ///
  /// - Parameters:
  ///   - version: the version of the Dynamo resources that it serves.
  ///   - certificates: for TLS; nil to make them, which takes a few tenths of a second.
  ///   - asksForClientCertificate: whether TLS itself refuses clients without a certificate.
  public init(
    version: String, namespace: String = "serving", certificates: TestCertificates? = nil,
    asksForClientCertificate: Bool = false
  ) async throws {
    let state = SharedState(ClusterState(version: version, namespace: namespace))
    let server = try StandInServer { request in
      state.mutex.withLock { $0.handle(request) }
    }
    let identities: TestCertificates
    if let certificates {
      identities = certificates
    } else {
      identities = try await TestCertificates()
    }
    front = try await TLSFront(
      to: server.port, certificate: identities.server.certificate, key: identities.server.key,
      clientAuthority: asksForClientCertificate ? identities.authority.certificate : nil)
    self.state = state
    self.server = server
    self.certificates = identities
    url = "https://127.0.0.1:\(front.port)"
  }

  /// Looks at or changes the cluster between two requests.
  public func with<Result: Sendable>(_ body: @Sendable (inout ClusterState) -> Result) -> Result {
    state.mutex.withLock { body(&$0) }
  }

  /// Lets something happen to the next requests whose method and path fit.
  ///
  /// - Parameter suffix: how the path ends.
  public func on(_ method: String, _ suffix: String, times: Int = 1, _ fault: Fault) {
    with { $0.faults.append(.init(method: method, suffix: suffix, times: times, fault: fault)) }
  }

  /// What was asked so far, as `METHOD path`, in the order of arrival.
  public var calls: [String] { server.requests.map { "\($0.method) \($0.target)" } }

  /// The requests so far.
  public var requests: [StandInServer.Request] { server.requests }

  /// The common names of the clients' certificates.
  public var clientNames: [String] { front.clientNames }

  /// An object by the end of its path.
  public func object(_ suffix: String) -> JSON? { with { $0.object(endingWith: suffix) } }
}
