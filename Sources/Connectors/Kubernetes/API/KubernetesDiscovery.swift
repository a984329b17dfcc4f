import Invocation

/// Which versions of the Dynamo resources a cluster serves, kept between invocations.
public struct KubernetesDiscovery: Codable, Sendable, Equatable {
  /// The API server it was learned from.
  public var server: String
  /// The newest known version that serves DynamoGraphDeployments: `v1beta1` or `v1alpha1`.
  public var deploymentVersion: String
  /// The version that serves the scaling adapters' scale; nil when the cluster has none.
  public var adapterVersion: String?
  /// When it was learned, Unix seconds.
  public var discoveredAt: Double

  /// Creates a discovery.
  public init(
    server: String, deploymentVersion: String, adapterVersion: String?, discoveredAt: Double
  ) {
    self.server = server
    self.deploymentVersion = deploymentVersion
    self.adapterVersion = adapterVersion
    self.discoveredAt = discoveredAt
  }

  /// The versions this planner knows, best first.
  static let knownVersions = ["v1beta1", "v1alpha1"]

  /// Whether it still counts for `server` at `time`.
  func isValid(for server: String, at time: Double, lifetimeSeconds: Double) -> Bool {
    self.server == server && Self.knownVersions.contains(deploymentVersion)
      && (0..<lifetimeSeconds).contains(time - discoveredAt)
  }

  /// Asks the API server, one request per version until both resources are found.
  ///
  /// The group alone proves nothing: NVIDIA's GPU operator uses the same one.
  static func discover(_ api: KubernetesAPI, at time: Double) async throws -> KubernetesDiscovery {
    var deploymentVersion: String?
    var adapterVersion: String?
    for version in knownVersions {
      let call = KubernetesCall(.get, path: KubernetesResource.deployments(version).root)
      let response = try await api.send(call, accepting: [404])
      guard response.status != 404 else { continue }
      let names = Set(
        try api.decode(ResourceList.self, from: response, of: call).resources.map(\.name))
      if deploymentVersion == nil, names.contains(KubernetesResource.deployments("").plural) {
        deploymentVersion = version
      }
      if adapterVersion == nil, names.contains(KubernetesResource.adapters("").plural + "/scale") {
        adapterVersion = version
      }
      if deploymentVersion != nil, adapterVersion != nil { break }
    }
    guard let deploymentVersion else {
      throw ConnectorError.misconfigured(
        "The cluster at \(api.access.server) has no DynamoGraphDeployments (API group nvidia.com, \(knownVersions.joined(separator: " or "))). Install the Dynamo operator, or choose another cluster."
      )
    }
    return KubernetesDiscovery(
      server: api.access.server, deploymentVersion: deploymentVersion,
      adapterVersion: adapterVersion, discoveredAt: time)
  }

  private struct ResourceList: Decodable {
    struct Resource: Decodable {
      var name: String
    }
    var resources: [Resource]
  }
}
