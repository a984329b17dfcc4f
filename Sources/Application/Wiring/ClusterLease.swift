import Connectors
import Invocation

/// The Lease object of the deployment, as the invocation takes it.
struct ClusterLease: DeploymentLease {
  private let lease: KubernetesLease
  private let name: String

  /// Names a Lease; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - holder: names this invocation.
  ///   - seconds: how long it is good for, should this invocation die.
  init(api: KubernetesAPI, name: String, holder: String, seconds: Double) {
    self.name = name
    lease = KubernetesLease(
      api: api, name: name, holder: holder, durationSeconds: Int(min(max(seconds, 1), 1e9)))
  }

  func acquire(at time: Double) async throws {
    do {
      guard case .held(let owner, let end) = try await lease.acquire(at: time) else { return }
      throw StateError.leased(owner: "\(owner), which holds the Lease '\(name)'", until: end)
    } catch ConnectorError.conflict(let message) {
      throw CommandFailure(.leased, message)
    }
  }

  func release() async throws { try await lease.release() }
}
