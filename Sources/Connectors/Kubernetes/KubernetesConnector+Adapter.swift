import Invocation

extension KubernetesConnector {
  /// Scales a component through its adapter.
  ///
  /// The adapter is read first: only if it still asks for the number that the decision was made
  /// on is it patched, and only in the version that was read. An adapter's version changes with
  /// its status too, so a conflict means to look again, not that somebody else scaled.
  func scale(_ change: Change) async throws {
    let adapter = adapterName(of: change.component)
    guard Self.isName(adapter) else {
      throw ConnectorError.misconfigured(
        "'\(change.component.name)' can't have a scaling adapter: '\(adapter)' is no Kubernetes name. Rename the component."
      )
    }
    guard let version = discovery?.adapterVersion else {
      throw ConnectorError.misconfigured(
        "'\(change.component.name)' is scaled by an adapter, but the cluster serves no DynamoGraphDeploymentScalingAdapters. Update the Dynamo operator's CRDs."
      )
    }
    for pause in Self.pausesAfterConflict.map(Optional.some) + [nil] {
      let scale = try await readScale(adapter, version, change.component)
      // Already asked for: an earlier attempt whose answer was lost, or somebody who agrees.
      if scale.replicas == change.target { return }
      guard scale.replicas == change.component.replicas else {
        throw ConnectorError.conflict(
          "The scaling adapter '\(adapter)' asks for \(scale.replicas) replicas by now, and the decision was made on \(change.component.replicas); it was left alone. The next invocation decides again."
        )
      }
      let patch = ScaleDocument(
        metadata: .init(resourceVersion: scale.metadata.resourceVersion),
        spec: .init(replicas: change.target))
      let call = scaleCall(.patch, adapter, version, body: .mergePatch(try jsonBody(patch)))
      let response = try await api.send(call, accepting: [409])
      if response.status != 409 {
        let confirmed = try api.decode(ScaleDocument.self, from: response, of: call).replicas
        guard confirmed == change.target else {
          throw ConnectorError.unreachable(
            "The API server answered the scaling of '\(adapter)' to \(change.target) with \(confirmed) replicas."
          )
        }
        return
      }
      if let pause { try await api.waitBeforeRetry(pause) }
    }
    throw ConnectorError.conflict(
      "The scaling adapter '\(adapter)' changed each time before it could be written; it was left alone. The next invocation tries again."
    )
  }

  private func readScale(
    _ adapter: String, _ version: String, _ component: GraphComponent
  ) async throws -> ScaleDocument {
    let call = scaleCall(.get, adapter, version)
    let response = try await api.send(call, accepting: [404])
    guard response.status != 404 else {
      throw ConnectorError.misconfigured(
        "The scaling adapter '\(adapter)' does not exist although '\(component.name)' has one turned on. Check that the Dynamo operator is running; until it creates the adapter nothing can scale this component."
      )
    }
    return try api.decode(ScaleDocument.self, from: response, of: call)
  }

  private func scaleCall(
    _ verb: KubernetesCall.Verb, _ adapter: String, _ version: String,
    body: KubernetesCall.Body? = nil
  ) -> KubernetesCall {
    KubernetesCall(
      verb, .adapters(version), namespace: api.access.namespace, name: adapter,
      subresource: "scale", body: body)
  }
}

/// `autoscaling/v1` Scale, and the patch of one.
private struct ScaleDocument: Codable {
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
