import HTTPTransport
import Planning

extension KubernetesConnector {
  /// The port on which a frontend serves, metrics among the rest.
  private static let frontendPort = 8000

  private struct PodList: Decodable {
    struct Pod: Decodable {
      struct Metadata: Decodable {
        var deletionTimestamp: String?
      }
      struct Status: Decodable {
        struct Condition: Decodable {
          var type: String
          var status: String
        }
        var podIP: String?
        var conditions: [Condition]?
      }
      var metadata: Metadata
      var status: Status?

      /// Where it can be reached; nil while it doesn't serve.
      var address: String? {
        guard metadata.deletionTimestamp == nil, let address = status?.podIP, !address.isEmpty,
          status?.conditions?.contains(where: { $0.type == "Ready" && $0.status == "True" }) == true
        else { return nil }
        return address.contains(":") ? "[\(address)]" : address
      }
    }
    var items: [Pod]
  }

  /// Puts each ready frontend's page in the place of their Service's, which shows now this one's,
  /// now that one's; says why where it can't.
  func addFrontends(to status: inout DeploymentStatus) async {
    let selector =
      "nvidia.com%2Fdynamo-graph-deployment-name%3D\(settings.deploymentName)"
      + "%2Cnvidia.com%2Fdynamo-component-type%3Dfrontend"
    let call = KubernetesCall(
      .list, .pods, namespace: api.access.namespace, query: "?labelSelector=\(selector)")
    do {
      let addresses = try await api.send(call, answering: PodList.self).items
        .compactMap(\.address).sorted()
      guard !addresses.isEmpty else { return }
      status.routerMetricsURL =
        addresses.map { "http://\($0):\(Self.frontendPort)/metrics" }.joined(separator: ",")
      status.frontends = addresses.count
    } catch {
      status.warnings.append(
        "'\(settings.deploymentName)' has \(status.frontends ?? 0) frontends, and their pods could not be "
          + "listed, so that their pages can't be read one by one: \(error)")
    }
  }
}
