import HTTPTransport
import Invocation

/// Writes one number of replicas through a `scale` subresource, over the number that was decided on.
///
/// A JSON patch tests that number, so that writers of anything else don't get in the way. A Scale
/// leaves its number out when it is 0; only then does the patch rest on the object's version.
struct ScaleWriter {
  let api: KubernetesAPI
  /// How messages begin: `The scaling adapter 'chat-decode'`.
  let title: String
  /// A request on the `scale` subresource.
  let call: @Sendable (KubernetesCall.Verb, KubernetesCall.Body?) -> KubernetesCall
  /// What to say when it is not there.
  let missing: @Sendable () -> String

  /// Tries of one change that other writers get in the way of.
  static let pausesAfterConflict = [0.05, 0.2, 0.5]

  /// Writes `target` if `decidedOn` is still asked for. A number that is already there is success: an
  /// earlier attempt whose answer was lost, or somebody who agrees.
  ///
  /// - Throws: ``ConnectorError``; `conflict` when another number is asked for by now.
  func write(_ target: Int, over decidedOn: Int) async throws {
    for pause in Self.pausesAfterConflict.map(Optional.some) + [nil] {
      let read = decidedOn == 0 ? try await readScale() : nil
      if let read, try isSettled(read, target, decidedOn) { return }
      let patch = call(.patch, try body(target, over: decidedOn, read))
      let response = try await api.send(patch, accepting: [404, 409, 422])
      if (200..<300).contains(response.status) {
        let confirmed = try api.decode(ScaleDocument.self, from: response, of: patch).replicas
        guard confirmed == target else {
          throw ConnectorError.unreachable(
            "\(title) was to be set to \(target), and the API server answered with \(confirmed) replicas."
          )
        }
        return
      }
      if try isSettled(try await readScale(), target, decidedOn) { return }
      if response.status != 409 { throw api.refusal(patch, response) }
      if let pause { try await api.waitBeforeRetry(pause) }
    }
    throw ConnectorError.conflict(
      "\(title) changed each time before it could be written; it was left alone. The next invocation tries again."
    )
  }

  /// Whether the target is asked for already.
  private func isSettled(_ scale: ScaleDocument, _ target: Int, _ decidedOn: Int) throws -> Bool {
    if scale.replicas == target { return true }
    guard scale.replicas == decidedOn else {
      throw ConnectorError.conflict(
        "\(title) asks for \(scale.replicas) replicas by now, and the decision was made on \(decidedOn); it was left alone. The next invocation decides again."
      )
    }
    return false
  }

  private func body(
    _ target: Int, over decidedOn: Int, _ read: ScaleDocument?
  ) throws -> KubernetesCall.Body {
    if let read {
      return .mergePatch(
        try jsonBody(
          ScaleDocument(
            metadata: .init(resourceVersion: read.metadata.resourceVersion),
            spec: .init(replicas: target))))
    }
    return .jsonPatch(
      try jsonBody([
        PatchOperation("test", "/spec/replicas", .number(decidedOn)),
        PatchOperation("replace", "/spec/replicas", .number(target)),
      ]))
  }

  private func readScale() async throws -> ScaleDocument {
    let get = call(.get, nil)
    let response = try await api.send(get, accepting: [404])
    guard response.status != 404 else { throw ConnectorError.misconfigured(missing()) }
    return try api.decode(ScaleDocument.self, from: response, of: get)
  }
}

/// `autoscaling/v1` Scale, and the patch of one.
struct ScaleDocument: Codable {
  struct Metadata: Codable {
    var resourceVersion: String
  }
  struct Spec: Codable {
    var replicas: Int?
  }

  var metadata: Metadata
  var spec: Spec?

  /// A Scale leaves its number out when it is 0.
  var replicas: Int { spec?.replicas ?? 0 }
}
