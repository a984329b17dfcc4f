import Connectors
import Invocation
import Planning
import Presentation
import StateStore

/// What replica counts are read from and written to.
extension Validation {
  func connector() throws -> any Connector {
    if let cluster { return try cluster.get().deployment }
    return VirtualConnector(
      store: try virtualStore(), mode: settings.mode,
      maximumWaitSeconds: settings.etcd.maximumWaitSeconds, datesUndatedDecisions: false)
  }

  private func virtualStore() throws -> any VirtualScalingStore {
    let state = SQLiteStateStore(
      StateFileSettings(settings.state), deployment: settings.deployment)
    return try Wiring.scalingStore(
      settings.etcd, namespace: settings.dynamoNamespace, client, state, clock)
  }

  /// Whether the deployment can be read and is what the settings say.
  func connectorCheck(_ observation: Observation) async -> Check {
    let name =
      cluster != nil
      ? "deployment" : settings.etcd.endpoints.isEmpty ? "virtual connector" : "etcd"
    return await .of(name) {
      let status = try await observation.value.get()
      let counts = status.components.sorted { $0.key < $1.key }.map(Self.sentence)
      let place =
        if let access = (try cluster?.get())?.access {
          "'\(settings.deployment(clusterNamespace: access.namespace))' at \(access.server)"
        } else {
          "'\(settings.dynamoNamespace)'"
            + (settings.etcd.endpoints.isEmpty ? " in the state file" : "")
        }
      return .of(
        name, "\(place): \(counts.joined(separator: ", ")).",
        oddities: [status.readiness.waitReason.map { $0 + " A run would hold now." }].compactMap {
          $0
        }
          + status.warnings)
    }
  }

  private static func sentence(_ component: Component, _ status: ComponentStatus) -> String {
    let gpus = status.gpusPerReplica.map { " of \($0) GPU\($0 == 1 ? "" : "s")" } ?? ""
    return "\(component.rawValue) \(status.replicas.map { "\($0)" } ?? "not set yet")\(gpus)"
  }

  /// Whom the cluster takes the planner for; nil where it isn't asked or doesn't tell.
  func userCheck(_ observation: Observation) async -> Check? {
    // Who can't read the deployment because the cluster is away would hear it twice.
    guard case .success(let cluster)? = cluster, case .success = await observation.value,
      let user = try? await KubernetesUser.name(seenBy: cluster.api)
    else { return nil }
    let oddities =
      KubernetesUser.isUnchecked(user)
      ? [
        "The Dynamo operator's webhook lets accounts called '\(KubernetesUser.uncheckedAccount)' write what belongs to a scaling adapter; use another one, as k8s/base/serviceaccount.yaml does."
      ] : []
    return .of("account", "The cluster knows this planner as '\(user)'.", oddities: oddities)
  }

  /// Whether a role allows what the planner does, one check for each permission.
  func permissionChecks(_ observation: Observation) async -> [Check] {
    guard case .success(let cluster)? = cluster else { return [] }
    // The deployment tells which adapters there are.
    _ = await observation.value
    let permissions = await cluster.deployment.requiredPermissions()
    return await withTaskGroup(of: (Int, Check).self) { group in
      for (index, permission) in permissions.enumerated() {
        group.addTask { (index, await Self.check(permission, cluster.api)) }
      }
      var checks: [(Int, Check)] = []
      for await check in group { checks.append(check) }
      return checks.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static func check(
    _ permission: KubernetesPermission, _ api: KubernetesAPI
  ) async -> Check {
    let name = "permission"
    return await .of(name) {
      if try await permission.isGranted(by: api) { return Check(name, .ok, "\(permission)") }
      guard permission.isEssential else {
        return Check(name, .warning, permission.remedy + " (a run works without it)")
      }
      throw CommandFailure(.permissionDenied, permission.remedy)
    }
  }

  /// Whether the Lease is there and free; nil where none is taken.
  func leaseCheck() async -> Check? {
    guard case .success(let cluster)? = cluster, !settings.writesNothing,
      let lease = settings.leaseName
    else { return nil }
    let name = "lease"
    return await .of(name) {
      let other = try await KubernetesLease(
        api: cluster.api, name: lease, holder: "validate",
        durationSeconds: Int(min(max(settings.leaseSeconds, 1), 1e9))
      ).otherHolder(at: SystemClock().now())
      guard let other else { return Check(name, .ok, "The Lease '\(lease)' is free.") }
      throw CommandFailure(
        .leased,
        "The Lease '\(lease)' is held by \(other.name) until \(rfc3339(other.end)). Wait, or stop the other planner."
      )
    }
  }
}
