import Invocation

/// The Lease that keeps a second planner in the cluster away from the same deployment.
///
/// The object exists beforehand (`k8s/base/lease.yaml`), so that the planner needs `get`, `update`
/// and `patch` on that one name and may create nothing. One that was given back is taken with a
/// single JSON patch that tests for that; without the right to patch it is read and replaced. Times are compared with this machine's clock.
/// No lease is believed to last longer from now than one's own would: what another clock, or a
/// person, wrote there can't lock planners out for hours.
///
/// Source: Kubernetes API reference, `coordination.k8s.io/v1` Lease; client-go
/// `tools/leaderelection`, whose field values this follows.
public actor KubernetesLease {
  /// What came of asking for it.
  public enum Outcome: Sendable, Equatable {
    /// It is ours for the duration asked for.
    case acquired
    /// Somebody else has it until then (Unix seconds).
    case held(by: String, until: Double)
  }

  private let api: KubernetesAPI
  private let name: String
  private let holder: String
  private let durationSeconds: Int
  /// The lease as we wrote it last: giving it back then takes one request instead of two.
  private var own: Document?

  /// Names a lease; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - name: the Lease object, in the namespace of `api`.
  ///   - holder: names this invocation.
  ///   - durationSeconds: how long it is good for, should this invocation die; at least 1.
  public init(api: KubernetesAPI, name: String, holder: String, durationSeconds: Int) {
    self.api = api
    self.name = name
    self.holder = holder
    self.durationSeconds = max(1, durationSeconds)
  }

  /// Takes the lease if it is free or has run out, or renews it if it is ours.
  ///
  /// - Throws: ``ConnectorError``; `misconfigured` when the Lease object does not exist.
  public func acquire(at time: Double) async throws -> Outcome {
    if try await renewOwn(at: time) { return .acquired }
    if try await takeFree(at: time) { return .acquired }
    for pause in [0.1, 0.3, nil] {
      var lease = try await read()
      if let other = stranger(in: lease, at: time) {
        return .held(by: other.name, until: other.end)
      }
      lease.take(for: holder, seconds: durationSeconds, at: time)
      own = try await replace(lease)
      if own != nil { return .acquired }
      // Somebody wrote it after it was read: look again who has it now.
      if let pause { try await api.waitBeforeRetry(pause) }
    }
    throw ConnectorError.conflict(
      "The Lease '\(name)' changes faster than it can be taken; other planners want it at the same time. Run only one per deployment."
    )
  }

  /// Renews the lease that was taken before; false when it was not, or was changed meanwhile.
  private func renewOwn(at time: Double) async throws -> Bool {
    guard var lease = own else { return false }
    lease.take(for: holder, seconds: durationSeconds, at: time)
    own = nil
    own = try await replace(lease)
    return own != nil
  }

  /// Takes a lease that somebody has given back; false when it is not such a one, or may not be
  /// patched.
  private func takeFree(at time: Double) async throws -> Bool {
    let now = KubernetesTime.microseconds(time)
    let patch = [
      PatchOperation("test", "/spec/holderIdentity", .text("")),
      PatchOperation("replace", "/spec/holderIdentity", .text(holder)),
      PatchOperation("add", "/spec/leaseDurationSeconds", .number(durationSeconds)),
      PatchOperation("add", "/spec/acquireTime", .text(now)),
      PatchOperation("add", "/spec/renewTime", .text(now)),
    ]
    let call = KubernetesCall(
      .patch, .leases, namespace: api.access.namespace, name: name,
      body: .jsonPatch(try jsonBody(patch)))
    let response = try await api.send(call, accepting: [400, 403, 404, 409, 422])
    guard (200..<300).contains(response.status) else { return false }
    own = try api.decode(Document.self, from: response, of: call)
    return true
  }

  /// Looks who has the lease, without taking it.
  ///
  /// - Returns: nil when it is free, has run out, or is ours.
  /// - Throws: ``ConnectorError``; `misconfigured` when the Lease object does not exist.
  public func otherHolder(at time: Double) async throws -> (name: String, end: Double)? {
    stranger(in: try await read(), at: time)
  }

  /// Somebody else who has the lease, and until when (Unix seconds).
  private func stranger(in lease: Document, at time: Double) -> (name: String, end: Double)? {
    guard let name = lease.spec?.holderIdentity, !name.isEmpty, name != holder else { return nil }
    let renewed = lease.spec?.renewTime.flatMap(KubernetesTime.parse) ?? 0
    // Renewed in the future: by a clock that is ahead a little, or by one that is plainly wrong.
    guard renewed <= time + Self.clockToleranceSeconds else { return nil }
    let end =
      min(renewed, time) + Double(min(lease.spec?.leaseDurationSeconds ?? 0, durationSeconds))
    return end > time ? (name, end) : nil
  }

  /// Seconds by which another machine's clock may be ahead of this one's.
  private static let clockToleranceSeconds = 30.0

  /// Gives the lease back, if it is still ours; also when the invocation's time is up.
  ///
  /// - Throws: ``ConnectorError``; it then runs out by itself.
  public func release() async throws {
    if var lease = own {
      own = nil
      lease.giveBack()
      if try await replace(lease, isLate: true) != nil { return }
    }
    // It was changed after we took it, or we never did.
    var lease = try await read(isLate: true)
    guard lease.spec?.holderIdentity == holder else { return }
    lease.giveBack()
    _ = try await replace(lease, isLate: true)
  }

  private func read(isLate: Bool = false) async throws -> Document {
    let call = KubernetesCall(.get, .leases, namespace: api.access.namespace, name: name)
    let response = try await api.send(call, accepting: [404], isLate: isLate)
    guard response.status != 404 else {
      throw ConnectorError.misconfigured(
        "The Lease '\(name)' does not exist in namespace '\(api.access.namespace)'. Create it with k8s/base/lease.yaml."
      )
    }
    return try api.decode(Document.self, from: response, of: call)
  }

  /// Writes the lease over the version that was read, and returns what was stored; nil when that
  /// version is no longer the newest.
  private func replace(_ lease: Document, isLate: Bool = false) async throws -> Document? {
    let call = KubernetesCall(
      .update, .leases, namespace: api.access.namespace, name: name,
      body: .json(try jsonBody(lease)))
    let response = try await api.send(call, accepting: [409], isLate: isLate)
    guard response.status != 409 else { return nil }
    return try api.decode(Document.self, from: response, of: call)
  }

  /// The Lease object, with everything that a user may have put on it and an update must keep.
  private struct Document: Codable {
    struct Metadata: Codable {
      struct Owner: Codable {
        var apiVersion: String
        var kind: String
        var name: String
        var uid: String
        var controller: Bool?
        var blockOwnerDeletion: Bool?
      }

      var name: String
      var namespace: String?
      var resourceVersion: String
      var labels: [String: String]?
      var annotations: [String: String]?
      var ownerReferences: [Owner]?
      var finalizers: [String]?
    }

    struct Spec: Codable {
      var holderIdentity: String?
      var leaseDurationSeconds: Int?
      var acquireTime: String?
      var renewTime: String?
      var leaseTransitions: Int?

      mutating func countTransition() {
        leaseTransitions = (leaseTransitions ?? 0).addingReportingOverflow(1).partialValue
      }
    }

    var apiVersion: String?
    var kind: String?
    var metadata: Metadata
    var spec: Spec?

    mutating func take(for holder: String, seconds: Int, at time: Double) {
      var spec = spec ?? Spec()
      let now = KubernetesTime.microseconds(time)
      if spec.holderIdentity != holder {
        spec.acquireTime = now
        // From nobody it was counted when it was given back.
        if spec.holderIdentity != "" { spec.countTransition() }
      }
      spec.holderIdentity = holder
      spec.renewTime = now
      spec.leaseDurationSeconds = seconds
      self.spec = spec
      apiVersion = "coordination.k8s.io/v1"
      kind = "Lease"
    }

    /// An empty holder and the shortest duration: the next one need not wait, nor read the lease.
    mutating func giveBack() {
      spec?.holderIdentity = ""
      spec?.leaseDurationSeconds = 1
      spec?.countTransition()
    }
  }
}
