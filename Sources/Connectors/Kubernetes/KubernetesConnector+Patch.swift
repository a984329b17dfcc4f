import HTTPTransport
import Invocation

extension KubernetesConnector {
  /// Changes the replicas in the deployment's own spec, all of them in one patch.
  ///
  /// The patch holds only for the spec that was observed: a v1beta1 JSON patch tests its
  /// generation and the components' names, a v1alpha1 merge patch carries the object's version.
  /// That version changes with the status too, so after a refusal the deployment is read again, and
  /// only a changed spec is a conflict.
  func patch(_ observed: GraphDeployment, _ changes: [Change]) async throws {
    var current = observed
    for pause in Self.pausesAfterConflict.map(Optional.some) + [nil] {
      let call = deploymentCall(.patch, current.version, body: try body(current, changes))
      let response = try await api.send(call, accepting: [409, 422])
      if response.status != 409 && response.status != 422 {
        let written = try api.deployment(in: response, of: call, version: current.version)
        guard Self.holds(changes, in: written) else {
          throw ConnectorError.unreachable(
            "The API server accepted the change of '\(current.name)' but answered with other numbers of replicas."
          )
        }
        return
      }
      let get = deploymentCall(.get, current.version)
      let latest = try api.deployment(
        in: try await api.send(get), of: get, version: current.version)
      if Self.holds(changes, in: latest) { return }
      guard latest.generation == observed.generation else {
        throw ConnectorError.conflict(
          "The spec of '\(observed.name)' was changed by somebody else after the decision was made; it was left alone. The next invocation decides again."
        )
      }
      if response.status == 422 { throw api.refusal(call, response) }
      current = latest
      if let pause { try await api.waitBeforeRetry(pause) }
    }
    throw ConnectorError.conflict(
      "'\(observed.name)' changed each time before it could be written; it was left alone. The next invocation tries again."
    )
  }

  private static func holds(_ changes: [Change], in deployment: GraphDeployment) -> Bool {
    changes.allSatisfy { change in
      deployment.components.contains {
        $0.name == change.component.name && $0.statedReplicas == change.target
      }
    }
  }

  private func body(
    _ deployment: GraphDeployment, _ changes: [Change]
  ) throws -> KubernetesCall.Body {
    if deployment.version == "v1alpha1" {
      let services = Dictionary(
        uniqueKeysWithValues: changes.map {
          ($0.component.name, AlphaPatch.Service(replicas: $0.target))
        })
      return .mergePatch(
        try jsonBody(
          AlphaPatch(
            metadata: .init(resourceVersion: deployment.resourceVersion),
            spec: .init(services: services))))
    }
    var operations: [PatchOperation] = []
    if let generation = deployment.generation {
      operations.append(PatchOperation("test", "/metadata/generation", .number(generation)))
    }
    for change in changes {
      let path = "/spec/components/\(change.component.index ?? 0)"
      operations.append(PatchOperation("test", path + "/name", .text(change.component.name)))
      operations.append(PatchOperation("add", path + "/replicas", .number(change.target)))
    }
    return .jsonPatch(try jsonBody(operations))
  }
}

/// A merge patch of a v1alpha1 deployment (RFC 7396).
private struct AlphaPatch: Encodable {
  struct Metadata: Encodable {
    var resourceVersion: String
  }
  struct Spec: Encodable {
    var services: [String: Service]
  }
  struct Service: Encodable {
    var replicas: Int
  }

  var metadata: Metadata
  var spec: Spec
}

/// One operation of a JSON patch (RFC 6902).
private struct PatchOperation: Encodable {
  enum Value: Encodable {
    case text(String)
    case number(Int)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  var op: String
  var path: String
  var value: Value

  init(_ op: String, _ path: String, _ value: Value) {
    self.op = op
    self.path = path
    self.value = value
  }
}
