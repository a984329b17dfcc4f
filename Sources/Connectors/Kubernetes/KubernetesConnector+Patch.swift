import HTTPTransport
import Invocation

extension KubernetesConnector {
  /// Changes the replicas in the deployment's own spec, all of them in one patch.
  ///
  /// The patch holds only for the spec that was observed: it tests the generation, and in v1beta1 the
  /// components' names. The object's version would be no precondition to use: it changes with the
  /// status too, and at 65 foreign status writes a second 14 of 20 such patches never came through.
  /// After a refusal the deployment is read again, and only a changed spec is a conflict.
  func patch(_ observed: GraphDeployment, _ changes: [Change]) async throws {
    var current = observed
    for pause in ScaleWriter.pausesAfterConflict.map(Optional.some) + [nil] {
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
    var operations: [PatchOperation] = []
    if let generation = deployment.generation {
      operations.append(PatchOperation("test", "/metadata/generation", .number(generation)))
    }
    for change in changes {
      guard deployment.version != "v1alpha1" else {
        let path = "/spec/services/\(PatchOperation.step(change.component.name))/replicas"
        operations.append(PatchOperation("add", path, .number(change.target)))
        continue
      }
      let path = "/spec/components/\(change.component.index ?? 0)"
      operations.append(PatchOperation("test", path + "/name", .text(change.component.name)))
      operations.append(PatchOperation("add", path + "/replicas", .number(change.target)))
    }
    return .jsonPatch(try jsonBody(operations))
  }
}
