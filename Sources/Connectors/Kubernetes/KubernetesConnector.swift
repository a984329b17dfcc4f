import HTTPTransport
import Invocation
import Planning

/// Scales the components of one DynamoGraphDeployment (docs/reference/kubernetes-api.md).
///
/// It reads the deployment, and what its scaling adapters ask for, once per ``observe(at:)`` and writes
/// only differences: through the
/// scaling adapter of a component that has one, else by a patch of the deployment itself. The spec
/// decides which, never a failed attempt: where an adapter is on, the operator's webhook denies
/// direct edits, and a missing adapter is an error to be seen.
public actor KubernetesConnector: ClusterConnector {
  /// What the connector has to be told.
  public struct Settings: Sendable {
    /// The DynamoGraphDeployment's name (`DYN_PARENT_DGD_K8S_NAME`).
    public var deploymentName: String
    /// Tells which components are scaled.
    public var mode: DeploymentMode
    /// `vllm`, `sglang`, `trtllm` or `mocker`: for deployments whose components state no role.
    public var backend: String
    /// How long a discovery is good for, in seconds.
    public var discoveryLifetimeSeconds: Double
    /// Names this planner in the events it records (its pod's name).
    public var instance: String
    /// Whether the router's pages are read: of several frontends each one's.
    public var readsFrontends: Bool
    /// Whether the last change is written into an annotation of the deployment.
    public var annotates: Bool

    /// Creates the settings.
    public init(
      deploymentName: String, mode: DeploymentMode, backend: String,
      discoveryLifetimeSeconds: Double = 3600, instance: String = "sla-planner",
      readsFrontends: Bool = false, annotates: Bool = false
    ) {
      self.annotates = annotates
      self.deploymentName = deploymentName
      self.mode = mode
      self.backend = backend
      self.discoveryLifetimeSeconds = discoveryLifetimeSeconds
      self.instance = instance
      self.readsFrontends = readsFrontends
    }
  }

  /// The deployment as it was read, with the component of each scaled kind.
  struct Observation: Sendable {
    var deployment: GraphDeployment
    var components: [Component: GraphComponent]
    /// Whether several frontends were looked for.
    var hasSeveralFrontends = false
  }

  let api: KubernetesAPI
  let settings: Settings
  /// What the cluster serves; for the caller to keep until the next invocation.
  public private(set) var discovery: KubernetesDiscovery?
  var lastObservation: Observation?
  /// The deployment as it was read last, whatever was made of it since.
  var lastSeen: GraphDeployment?
  /// Names of the Events of trouble that were recorded.
  var recordedTrouble: Set<String> = []

  /// Creates a connector; nothing is sent yet.
  ///
  /// - Parameter discovery: what ``discovery`` was at the end of an earlier invocation.
  /// - Throws: ``ConnectorError/misconfigured(_:)`` for names that can't be Kubernetes names.
  public init(
    api: KubernetesAPI, settings: Settings, discovery: KubernetesDiscovery? = nil
  ) throws {
    for (name, what) in [
      (settings.deploymentName, "DynamoGraphDeployment (DYN_PARENT_DGD_K8S_NAME)"),
      (api.access.namespace, "namespace"),
    ] where !Self.isName(name) {
      throw ConnectorError.misconfigured(
        "'\(name)' can't be the name of a \(what): Kubernetes names consist of lower-case letters, digits, '-' and '.'."
      )
    }
    self.api = api
    self.settings = settings
    self.discovery = discovery
  }

  /// What it wants to find again in the next invocation.
  public var state: String? {
    get async { discovery.flatMap { try? JSONText.encode($0) } }
  }

  /// Takes up what an earlier invocation has found; what another version has kept in another form is
  /// found out anew.
  public func resume(_ state: String) async {
    discovery = (try? JSONText.decode(KubernetesDiscovery.self, from: state)) ?? discovery
  }

  /// Reads the deployment; of several frontends also where each one's page is.
  public func observe(at time: Double) async throws -> DeploymentStatus {
    lastObservation = nil
    let deployment = try await readDeployment(at: time)
    lastSeen = deployment
    var components: [Component: GraphComponent] = [:]
    for kind in settings.mode.components {
      components[kind] = try deployment.component(
        for: kind, mode: settings.mode, backend: settings.backend)
    }
    let adapters = try await readAdapters(of: components.values.map(\.self))
    components = components.mapValues { component in
      var component = component
      if component.hasScalingAdapter {
        component.adapterReplicas = adapters[adapterName(of: component)]
      }
      return component
    }
    try checkCounts(components)
    var status = deployment.status(of: components, mode: settings.mode)
    status.warnings.insert(contentsOf: api.access.warnings, at: 0)
    if settings.readsFrontends, status.frontends != nil { await addFrontends(to: &status) }
    lastObservation = Observation(
      deployment: deployment, components: components,
      hasSeveralFrontends: settings.readsFrontends && status.frontends != nil)
    return status
  }

  /// More than any cluster holds: a typing error, or a controller gone wild.
  private static let absurdReplicas = 1_000_000

  private nonisolated func checkCounts(_ components: [Component: GraphComponent]) throws {
    for (_, component) in components.sorted(by: { $0.key < $1.key }) {
      let counts = [
        component.statedReplicas, component.adapterReplicas, component.readyReplicas,
      ].compactMap { $0 }
      guard let absurd = counts.first(where: { !(0...Self.absurdReplicas).contains($0) }) else {
        continue
      }
      throw ConnectorError.misconfigured(
        "The component '\(component.name)' of the DynamoGraphDeployment '\(settings.deploymentName)' has \(absurd) replicas, which can't be right. Nothing is decided on that; correct the deployment."
      )
    }
  }

  /// The permissions that this connector needs for the deployment that it observed last.
  ///
  /// - Parameters:
  ///   - lease: the name of the Lease, if one is used.
  ///   - isDryRun: whether nothing will be written.
  public func requiredPermissions(lease: String?, isDryRun: Bool) -> [KubernetesPermission] {
    let components = lastObservation?.components.sorted { $0.key < $1.key }.map(\.value) ?? []
    return KubernetesPermission.required(
      namespace: api.access.namespace, deployment: settings.deploymentName,
      adapters: components.filter(\.hasScalingAdapter).map(adapterName),
      patchesDeployment: settings.annotates || components.contains { !$0.hasScalingAdapter },
      lease: lease,
      listsPods: lastObservation?.hasSeveralFrontends ?? false, isDryRun: isDryRun)
  }

  /// The name that the operator gives the adapter of a component.
  nonisolated func adapterName(of component: GraphComponent) -> String {
    "\(settings.deploymentName)-\(component.name.lowercased())"
  }

  private func readDeployment(at time: Double) async throws -> GraphDeployment {
    var isFresh = false
    if discovery?.isValid(
      for: api.access.server, at: time, lifetimeSeconds: settings.discoveryLifetimeSeconds) != true
    {
      discovery = try await KubernetesDiscovery.discover(api, at: time)
      isFresh = true
    }
    while true {
      guard let version = discovery?.deploymentVersion else {
        throw ConnectorError.unreachable("The cluster's API versions are unknown.")
      }
      let call = deploymentCall(.get, version)
      let response = try await api.send(call, accepting: [404])
      guard response.status == 404 else {
        return try api.deployment(in: response, of: call, version: version)
      }
      // The server's 404 for an object names it; one for a version it no longer serves does not.
      if isFresh || KubernetesRefusal(response)?.details?.name == settings.deploymentName {
        throw await notFound(version)
      }
      discovery = try await KubernetesDiscovery.discover(api, at: time)
      isFresh = true
    }
  }

  func deploymentCall(
    _ verb: KubernetesCall.Verb, _ version: String, body: KubernetesCall.Body? = nil
  ) -> KubernetesCall {
    KubernetesCall(
      verb, .deployments(version), namespace: api.access.namespace, name: settings.deploymentName,
      body: body)
  }

  private func notFound(_ version: String) async -> ConnectorError {
    struct List: Decodable {
      struct Item: Decodable {
        struct Metadata: Decodable {
          var name: String
        }
        var metadata: Metadata
      }
      var items: [Item]
    }
    let namespace = api.access.namespace
    let call = KubernetesCall(
      .list, .deployments(version), namespace: namespace, query: "?limit=100")
    let missing =
      "There is no DynamoGraphDeployment '\(settings.deploymentName)' in namespace '\(namespace)'"
    guard let list = try? await api.send(call, answering: List.self) else {
      return .misconfigured(
        missing + ", and those that exist could not be listed. Correct DYN_PARENT_DGD_K8S_NAME.")
    }
    let names = list.items.map { "'\($0.metadata.name)'" }.sorted().joined(separator: ", ")
    return .misconfigured(
      missing
        + "; \(names.isEmpty ? "there is none at all" : "there are: \(names)"). Correct DYN_PARENT_DGD_K8S_NAME, or the namespace (POD_NAMESPACE)."
    )
  }

  /// Whether `text` may stand in a path: a DNS subdomain name.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 253 && !text.hasPrefix(".") && !text.contains("..")
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
      }
  }
}
