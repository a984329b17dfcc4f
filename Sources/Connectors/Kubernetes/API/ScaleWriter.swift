import HTTPTransport
import Invocation

/// Writes one number of replicas through a `scale` subresource, over what was decided on.
///
/// A JSON patch tests what it rests on. Where the object's version is known, that is tested first; but
/// it changes with every foreign write of the status too, so after two refusals the object is only
/// held against its spec and its number: writers of anything else can't starve the patch.
struct ScaleWriter {
  /// What there is to write over.
  struct Basis: Sendable, Equatable {
    /// Replicas that are asked for.
    var replicas: Int
    /// The object's version; nil where only the number is tested.
    var version: String?
    /// Counts the changes of the spec; nil where it is not known.
    var generation: Int?
  }

  let api: KubernetesAPI
  /// How messages begin: `The scaling adapter 'chat-decode'`.
  let title: String
  /// A patch of the `scale` subresource.
  let patch: @Sendable (KubernetesCall.Body) -> KubernetesCall
  /// Reads the object again.
  let read: @Sendable () async throws -> Basis

  /// Tries of one change that other writers get in the way of.
  static let pausesAfterConflict = [0.05, 0.2, 0.5]

  /// Writes `target` if the object is still what was decided on. A number that is already there is
  /// success: an earlier attempt whose answer was lost, or somebody who agrees.
  ///
  /// - Throws: ``ConnectorError``; `conflict` when the number or the spec is another one by now.
  func write(_ target: Int, over decidedOn: Basis) async throws {
    var basis = decidedOn
    for (attempt, pause) in (Self.pausesAfterConflict.map(Optional.some) + [nil]).enumerated() {
      if basis.replicas == 0, basis.version == nil {
        // A Scale leaves a number of 0 out, so there is only the version to test.
        basis = try await read()
        if try isSettled(basis, target, decidedOn) { return }
      }
      let testsVersion = attempt < 2 || basis.replicas == 0
      let call = patch(try body(target, basis, testsVersion: testsVersion))
      let response = try await api.send(call, accepting: [404, 409, 422])
      if (200..<300).contains(response.status) {
        let confirmed = try api.decode(ScaleDocument.self, from: response, of: call).replicas
        guard confirmed == target else {
          throw ConnectorError.unreachable(
            "\(title) was to be set to \(target), and the API server answered with \(confirmed) replicas."
          )
        }
        return
      }
      let testedVersion = basis.version
      basis = try await read()
      if try isSettled(basis, target, decidedOn) { return }
      let isOfVersion = testsVersion && testedVersion != nil && basis.version != testedVersion
      if response.status != 409, !isOfVersion { throw api.refusal(call, response) }
      if let pause { try await api.waitBeforeRetry(pause) }
    }
    throw ConnectorError.conflict(
      "\(title) changed each time before it could be written; it was left alone. The next invocation tries again."
    )
  }

  /// Whether the target is asked for already.
  private func isSettled(_ now: Basis, _ target: Int, _ decidedOn: Basis) throws -> Bool {
    if now.replicas == target { return true }
    guard now.replicas == decidedOn.replicas else {
      throw ConnectorError.conflict(
        "\(title) asks for \(now.replicas) replicas by now, and the decision was made on \(decidedOn.replicas); it was left alone. The next invocation decides again."
      )
    }
    guard now.generation == decidedOn.generation || decidedOn.generation == nil else {
      throw ConnectorError.conflict(
        "The spec of \(title.prefix(1).lowercased() + title.dropFirst()) was changed by somebody else after the decision was made; it was left alone. The next invocation decides again."
      )
    }
    return false
  }

  private func body(
    _ target: Int, _ basis: Basis, testsVersion: Bool
  ) throws -> KubernetesCall.Body {
    var operations: [PatchOperation] = []
    if testsVersion, let version = basis.version {
      operations.append(PatchOperation("test", "/metadata/resourceVersion", .text(version)))
    }
    if basis.replicas != 0 {
      operations.append(PatchOperation("test", "/spec/replicas", .number(basis.replicas)))
    }
    operations.append(PatchOperation("add", "/spec/replicas", .number(target)))
    return .jsonPatch(try jsonBody(operations))
  }
}

/// `autoscaling/v1` Scale.
struct ScaleDocument: Codable {
  struct Metadata: Codable {
    var resourceVersion: String
  }
  struct Spec: Codable {
    var replicas: Int?
  }
  struct Status: Codable {
    var replicas: Int?
    var selector: String?
  }

  var kind: String?
  var metadata: Metadata
  var spec: Spec?
  var status: Status?

  /// A Scale leaves its number out when it is 0.
  var replicas: Int { spec?.replicas ?? 0 }
}
