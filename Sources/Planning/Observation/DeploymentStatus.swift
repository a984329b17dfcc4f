/// What the connector knows of one component.
public struct ComponentStatus: Codable, Sendable, Equatable {
  /// Replicas that the deployment asks for (its spec); nil when nobody has asked for any number.
  public var replicas: Int?
  /// Replicas that are ready; nil when the connector can't tell.
  public var ready: Int?
  /// Replicas of which the other side says that they don't start (a Kubernetes Deployment past its
  /// progress deadline); nil when it says nothing.
  public var failing: Int?
  /// Whether spec, updated and ready replicas agree and no rollout is under way.
  public var isStable: Bool
  /// GPUs of one replica as the deployment states them; nil when it doesn't.
  public var gpusPerReplica: Int?

  /// Creates a status.
  public init(
    replicas: Int?, ready: Int?, failing: Int? = nil, isStable: Bool = true,
    gpusPerReplica: Int? = nil
  ) {
    self.replicas = replicas
    self.ready = ready
    self.failing = failing
    self.isStable = isStable
    self.gpusPerReplica = gpusPerReplica
  }
}

/// What the connector saw of the deployment, once per invocation.
public struct DeploymentStatus: Sendable, Equatable {
  /// The components that exist.
  public var components: [Component: ComponentStatus]
  /// Whether the deployment may be scaled now (rollout, decision not yet acknowledged, not ready).
  public var readiness: Readiness
  /// The served model's name as the deployment states it.
  public var modelName: String?
  /// Where the router's metrics page is, if the connector can tell.
  public var routerMetricsURL: String?
  /// How many frontends there are when each one's router counts only the load that it placed itself;
  /// nil when one page tells all.
  public var frontends: Int?
  /// What a person should know of what was found.
  public var warnings: [String]

  /// Creates a status.
  public init(
    components: [Component: ComponentStatus], readiness: Readiness = .ready,
    modelName: String? = nil, routerMetricsURL: String? = nil, frontends: Int? = nil,
    warnings: [String] = []
  ) {
    self.components = components
    self.readiness = readiness
    self.modelName = modelName
    self.routerMetricsURL = routerMetricsURL
    self.frontends = frontends
    self.warnings = warnings
  }
}
