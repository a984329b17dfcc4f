import Connectors
import HTTPTransport
import Settings

extension RunSettings {
  /// The permissions that a run on the targets needs. Kinds that everybody knows need no cluster; of
  /// others it is asked, with the access of whoever asks.
  package func scalePermissions(namespace: String) async throws -> [KubernetesPermission] {
    let targets = self.workloads.names.sorted { $0.key < $1.key }
      .compactMap { ScaleTarget($0.value) }
    let known = targets.compactMap { target in
      ScalableKind.known(target.kind).map { (kind: $0, name: target.name) }
    }
    if known.count == targets.count {
      return ScaleRights(
        namespace: namespace, targets: known, autoscalers: ScalableKind.autoscalers,
        lease: leaseName, isDryRun: self.isDryRun
      ).permissions
    }
    let client = CurlHTTPClient(version: plannerVersion, deadlineSeconds: self.deadlineSeconds)
    let api = Wiring.kubernetesAPI(try .find(self.kubernetes), client, self)
    let deployment = try ClusterDeployment(api: api, settings: self)
    _ = try await deployment.observe(at: SystemClock().now())
    return await deployment.requiredPermissions()
  }
}
