import Invocation

extension KubernetesConnector {
  /// Records a change as an Event on the deployment; returns a warning when that fails, because
  /// the change itself is done.
  func record(
    _ changes: [Change], of deployment: GraphDeployment, _ order: ScalingOrder
  ) async -> String? {
    let message = order.message(
      of: changes.map { ($0.kind, $0.component.name, $0.component.replicas, $0.target) })
    let event = KubernetesEvent(
      on: reference(to: deployment), at: order.time,
      changes.map(\.kind.rawValue).joined(separator: "-"), message: message,
      instance: settings.instance)
    do {
      try await api.record(event)
      return nil
    } catch {
      return "The change was made, but no Event could be recorded for it: \(error)"
    }
  }

  /// Writes what was changed, when and why into an annotation of the deployment, where `kubectl
  /// describe` and `kubectl get -o custom-columns` show it; returns a warning when that fails.
  func annotate(
    _ changes: [Change], of deployment: GraphDeployment, _ order: ScalingOrder
  ) async -> String? {
    let message = order.message(
      of: changes.map { ($0.kind, $0.component.name, $0.component.replicas, $0.target) })
    let number = order.decision.map { " decision \($0):" } ?? ""
    let text = "\(KubernetesTime.seconds(order.time))\(number) \(message)"
    let patch = AnnotationPatch(metadata: .init(annotations: [Self.annotation: text]))
    do {
      _ = try await api.send(
        deploymentCall(.patch, deployment.version, body: .mergePatch(try jsonBody(patch))))
      return nil
    } catch {
      return
        "The change was made, but the deployment could not be annotated: \(error) Grant it, or leave --annotate out."
    }
  }

  /// The annotation that holds the last change.
  static let annotation = "sla-planner/last-decision"

  /// Records trouble as a Warning on the deployment, each kind of it once (``KubernetesEvent``).
  public func report(_ trouble: DeploymentTrouble) async {
    guard let deployment = lastSeen else { return }
    let event = KubernetesEvent(
      on: reference(to: deployment), trouble, instance: settings.instance)
    guard recordedTrouble.insert(event.metadata.name).inserted else { return }
    try? await api.record(event)
  }

  private func reference(to deployment: GraphDeployment) -> KubernetesEvent.Reference {
    KubernetesEvent.Reference(
      apiVersion: "nvidia.com/\(deployment.version)", kind: "DynamoGraphDeployment",
      name: deployment.name, namespace: api.access.namespace, uid: deployment.uid,
      resourceVersion: deployment.resourceVersion)
  }
}

/// A merge patch of a deployment's annotations (RFC 7396).
private struct AnnotationPatch: Encodable {
  struct Metadata: Encodable {
    var annotations: [String: String]
  }

  var metadata: Metadata
}
