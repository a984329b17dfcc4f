import HTTPTransport
import Invocation
import Planning

/// Scales workloads that have a `scale` subresource: Deployments, StatefulSets, LeaderWorkerSets,
/// PodCliques, custom kinds (docs/reference/scale.md).
///
/// It reads each target once per ``observe(at:)`` and writes its number through the subresource, over the
/// version that was decided on. A target that an autoscaler or another controller owns is refused:
/// two that write one number undo each other's work.
public actor ScaleConnector: ClusterConnector {
  /// What the connector has to be told.
  public struct Settings: Sendable {
    /// The target of each component.
    public var targets: [Component: ScaleTarget]
    /// Whether nothing is to be written: an owner is a warning then.
    public var isDryRun: Bool
    /// How long a discovery is good for, in seconds.
    public var discoveryLifetimeSeconds: Double
    /// Names this planner in the events it records (its pod's name).
    public var instance: String

    /// Creates the settings.
    public init(
      targets: [Component: ScaleTarget], isDryRun: Bool = false,
      discoveryLifetimeSeconds: Double = 3600, instance: String = "sla-planner"
    ) {
      self.targets = targets
      self.isDryRun = isDryRun
      self.discoveryLifetimeSeconds = discoveryLifetimeSeconds
      self.instance = instance
    }
  }

  let api: KubernetesAPI
  let settings: Settings
  private(set) var discovery: ScaleDiscovery?
  /// The targets as they were read, until something is written.
  var lastObservation: [Component: Workload]?
  /// The same, whatever became of it.
  var lastSeen: [Component: Workload] = [:]
  /// Names of the Events of trouble that were recorded.
  var recordedTrouble: Set<String> = []
  private var claimedGPUs: [String: Int] = [:]

  /// Creates a connector; nothing is sent yet.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)`` when two components name one target.
  public init(api: KubernetesAPI, settings: Settings) throws {
    guard Set(settings.targets.values).count == settings.targets.count else {
      throw ConnectorError.misconfigured(
        "Prefill and decode name the same target; two components can't share a number of replicas.")
    }
    self.api = api
    self.settings = settings
  }

  /// What it wants to find again in the next invocation.
  public var state: String? {
    get async { discovery.flatMap { try? JSONText.encode($0) } }
  }

  /// Takes up what an earlier invocation has found; what another version has kept in another form is
  /// found out anew.
  public func resume(_ state: String) async {
    discovery = try? JSONText.decode(ScaleDiscovery.self, from: state)
  }

  /// Reads the targets.
  public func observe(at time: Double) async throws -> DeploymentStatus {
    lastObservation = nil
    try await discover(at: time)
    let workloads = try await read()
    lastSeen = workloads
    try check(workloads)
    var warnings = api.access.warnings
    if discovery?.isUnowned != true || workloads.values.contains(where: \.isWrittenByAutoscaler) {
      let found = try await checkedOwners(of: workloads)
      discovery?.isUnowned = found.isEmpty
      warnings += found
    }
    lastObservation = workloads
    return status(of: workloads, warnings)
  }

  private func status(
    of workloads: [Component: Workload], _ warnings: [String]
  ) -> DeploymentStatus {
    var status = DeploymentStatus(components: [:], readiness: workloads.readiness)
    status.warnings = warnings
    for (component, workload) in workloads.sorted(by: { $0.key < $1.key }) {
      var (gpus, uncounted) = workload.gpusPerReplica
      if gpus == nil || !uncounted.isEmpty {
        status.warnings.append(Self.warning(workload, gpus, uncounted))
        if gpus == nil, uncounted.isEmpty, !workload.pods.isEmpty { gpus = 1 }
      }
      let progress = workload.progress
      status.components[component] = ComponentStatus(
        replicas: workload.replicas, ready: progress.ready, failing: progress.failing,
        isStable: progress.isStable(workload.replicas), gpusPerReplica: gpus)
    }
    let names = Set(workloads.values.compactMap(\.modelName).map { $0.lowercased() })
    if names.count == 1 {
      status.modelName =
        workloads.sorted { $0.key < $1.key }.lazy.compactMap(\.value.modelName).first
    } else if names.count > 1 {
      status.warnings.append(
        "The targets serve different models (\(names.sorted().joined(separator: ", "))). Correct them, or say with --model-name which of them counts."
      )
    }
    return status
  }

  private static func warning(_ workload: Workload, _ gpus: Int?, _ uncounted: [String]) -> String {
    if !uncounted.isEmpty {
      return
        "\(workload.title) asks for \(uncounted.joined(separator: ", ")), which tells no number of whole GPUs."
    }
    return workload.pods.isEmpty
      ? "\(workload.title) has no pod template where one is looked for, so its GPUs are not known."
      : "\(workload.title) asks for no GPU; a replica counts as 1 towards --max-gpu-budget."
  }

  // MARK: Reading

  private var words: [String] { Set(settings.targets.values.map(\.kind)).sorted() }

  private func discover(at time: Double) async throws {
    let isValid = discovery?.isValid(
      for: api.access.server, words, at: time, lifetimeSeconds: settings.discoveryLifetimeSeconds)
    if isValid != true { discovery = try await ScaleDiscovery.discover(words, api, at: time) }
  }

  private func read() async throws -> [Component: Workload] {
    var workloads: [Component: Workload] = [:]
    for (component, target) in settings.targets.sorted(by: { $0.key < $1.key }) {
      workloads[component] = try await read(target)
    }
    return workloads
  }

  func read(_ target: ScaleTarget) async throws -> Workload {
    guard let kind = discovery?.kinds[target.kind] else {
      throw ConnectorError.unreachable("The kind of '\(target)' is unknown.")
    }
    let call = call(.get, kind, target)
    let response = try await api.send(call, accepting: [404])
    guard response.status != 404 else { throw await missing(target, kind) }
    let object = try api.decode(JSONTree.self, from: response, of: call)
    var workload = Workload(target: target, kind: kind, object: object)
    if workload.shape == .other {
      workload.scale = try await api.send(
        self.call(.get, kind, target, subresource: "scale"), answering: ScaleDocument.self)
    }
    workload.claimedGPUs = try await countClaims(of: workload)
    return workload
  }

  /// Reads the claim templates that are not known yet; one that can't be read stays uncounted.
  private func countClaims(of workload: Workload) async throws -> [String: Int] {
    guard let version = discovery?.claimVersion else { return [:] }
    for name in workload.claimTemplates.sorted() where claimedGPUs[name] == nil {
      var call = KubernetesCall(
        .get, .claimTemplates(version), namespace: api.access.namespace, name: name)
      call.isBestEffort = true
      let response = try await api.send(call, accepting: [403, 404])
      guard response.status == 200 else { continue }
      claimedGPUs[name] = ClaimedDevices.gpus(
        of: try api.decode(JSONTree.self, from: response, of: call))
    }
    return claimedGPUs
  }

  nonisolated func call(
    _ verb: KubernetesCall.Verb, _ kind: ScalableKind, _ target: ScaleTarget,
    subresource: String? = nil, query: String = "", body: KubernetesCall.Body? = nil
  ) -> KubernetesCall {
    KubernetesCall(
      verb, kind.resource, namespace: api.access.namespace, name: target.name,
      subresource: subresource, query: query, body: body)
  }

  private func missing(_ target: ScaleTarget, _ kind: ScalableKind) async -> ConnectorError {
    let namespace = api.access.namespace
    var call = KubernetesCall(.list, kind.resource, namespace: namespace, query: "?limit=100")
    call.isBestEffort = true
    let missing = "There is no \(kind.kind) '\(target.name)' in namespace '\(namespace)'"
    guard let list = try? await api.send(call, answering: JSONTree.self) else {
      return .misconfigured(
        missing + ", and those that exist could not be listed. Correct '\(target)'.")
    }
    let names = (list["items"]?.elements ?? []).compactMap { $0["metadata.name"]?.text }
      .map { "'\($0)'" }.sorted().joined(separator: ", ")
    return .misconfigured(
      missing
        + "; \(names.isEmpty ? "there is none at all" : "there are: \(names)"). Correct '\(target)', or the namespace (POD_NAMESPACE)."
    )
  }

  // MARK: Refusals

  /// More than any cluster holds: a typing error, or a controller gone wild.
  private static let absurdReplicas = 1_000_000

  private func check(_ workloads: [Component: Workload]) throws {
    for (_, workload) in workloads.sorted(by: { $0.key < $1.key }) {
      guard (0...Self.absurdReplicas).contains(workload.replicas) else {
        throw ConnectorError.misconfigured(
          "\(workload.title) has \(workload.replicas) replicas, which can't be right. Nothing is decided on that; correct it."
        )
      }
      if let owner = workload.owner {
        throw ConnectorError.misconfigured(
          "\(workload.title) is managed by the \(owner), which would undo what is written to it. Scale that one"
            + (owner.hasPrefix("DynamoGraphDeployment")
              ? " (--environment kubernetes)." : ", if it has a scale, or take the owner away."))
      }
    }
    let selectors = workloads.values.compactMap(\.selector)
    if selectors.count > 1, Set(selectors).count < selectors.count {
      throw ConnectorError.misconfigured(
        "Two targets select the same pods ('\(selectors[0])'), so that nobody can tell whose they are. Give each one labels of its own."
      )
    }
  }

  /// Throws when an autoscaler owns a target; in a dry run that is a warning.
  func checkedOwners(of workloads: [Component: Workload]) async throws -> [String] {
    let owners = try await autoscalers()
    var found: [String] = []
    for (_, workload) in workloads.sorted(by: { $0.key < $1.key }) {
      for owner in owners where owner.isOf(workload) {
        found.append(
          "\(workload.title) is scaled by the \(owner.title) already, and two that write one number undo each other's work. Delete that one first, or take its target away."
        )
      }
    }
    guard let first = found.first, !settings.isDryRun else { return found }
    throw ConnectorError.misconfigured(first)
  }

  private struct Autoscaler {
    var title: String
    var group: String
    var kind: String
    var name: String

    func isOf(_ workload: Workload) -> Bool {
      name == workload.target.name && kind == workload.kind.kind && group == workload.kind.group
    }
  }

  /// All autoscalers of the namespace.
  private func autoscalers() async throws -> [Autoscaler] {
    var found: [Autoscaler] = []
    for (_, kind) in (discovery?.autoscalers ?? [:]).sorted(by: { $0.key < $1.key }) {
      let call = KubernetesCall(.list, kind.resource, namespace: api.access.namespace)
      let response = try await api.send(call, accepting: [404])
      guard response.status == 200 else { continue }
      let list = try api.decode(JSONTree.self, from: response, of: call)
      for item in list["items"]?.elements ?? [] {
        guard let reference = item["spec.scaleTargetRef"], let name = reference["name"]?.text else {
          continue
        }
        // A ScaledObject that says nothing means a Deployment.
        let version = reference["apiVersion"]?.text ?? "apps/v1"
        found.append(
          Autoscaler(
            title: "\(kind.kind) '\(item["metadata.name"]?.text ?? "")'",
            group: version.contains("/") ? String(version.prefix { $0 != "/" }) : "",
            kind: reference["kind"]?.text ?? "Deployment", name: name))
      }
    }
    return found
  }
}
