import Connectors
import Invocation

/// The Lease object of the deployment, as the invocation takes it.
///
/// A repeated run keeps it from its first round to its last and renews it on the way: taking it and
/// giving it back in every round would be three requests of each.
actor ClusterLease: DeploymentLease {
  private let lease: KubernetesLease
  private let name: String
  private let renewalSeconds: Double?
  private var renewedAt: Double?

  /// Names a Lease; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - holder: names this invocation.
  ///   - seconds: how long it is good for, should this invocation die.
  ///   - renewalSeconds: after which age it is renewed where it is kept for several rounds; nil where
  ///     every invocation gives it back.
  init(
    api: KubernetesAPI, name: String, holder: String, seconds: Double,
    renewalSeconds: Double? = nil
  ) {
    self.name = name
    self.renewalSeconds = renewalSeconds
    lease = KubernetesLease(
      api: api, name: name, holder: holder, durationSeconds: Int(min(max(seconds, 1), 1e9)))
  }

  /// The age at which a Lease of `seconds` is renewed: half its time, or earlier, so that it outlasts
  /// a round that begins just before and uses up its deadline. 80 s and rounds of 50 s: at 30 s.
  static func renewalSeconds(lease seconds: Double, deadline: Double) -> Double {
    max(0, min(seconds / 2, seconds - deadline))
  }

  func acquire(at time: Double) async throws {
    if let renewedAt, let renewalSeconds, (0..<renewalSeconds).contains(time - renewedAt) { return }
    renewedAt = nil
    do {
      guard case .held(let owner, let end) = try await lease.acquire(at: time) else {
        renewedAt = time
        return
      }
      throw StateError.leased(owner: "\(owner), which holds the Lease '\(name)'", until: end)
    } catch ConnectorError.conflict(let message) {
      throw CommandFailure(.leased, message)
    }
  }

  func release() async throws {
    guard renewalSeconds == nil else { return }
    try await lease.release()
  }

  /// Gives a Lease back that was kept from round to round.
  func finish() async throws {
    guard renewedAt != nil, renewalSeconds != nil else { return }
    renewedAt = nil
    try await lease.release()
  }
}
