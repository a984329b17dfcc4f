import Invocation
import Planning

extension ScaleConnector {
  private struct Change {
    var component: Component
    var workload: Workload
    var target: Int
  }

  /// Writes the replicas that differ, the targets side by side.
  ///
  /// - Throws: ``ConnectorError`` when nothing was changed; when only some targets could be, the
  ///   outcome tells which.
  public func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    if lastObservation == nil { _ = try await observe(at: order.time) }
    let changes = try changes(of: order)
    guard !changes.isEmpty else { return ScalingOutcome(applied: []) }
    // Somebody may have made an autoscaler since.
    _ = try await checkedOwners(of: lastObservation ?? [:])
    // What was observed ends here, whatever comes of it.
    lastObservation = nil
    let results = await WriteResults(
      changes.map { change in ([change.component], { try await self.write(change) }) })
    var outcome = try results.outcome(of: changes.map(\.component))
    for change in changes where outcome.applied.contains(change.component) {
      if let warning = await record(change, order) { outcome.warnings.append(warning) }
    }
    return outcome
  }

  /// Makes sure that every change of an order may be written, before the first one is.
  ///
  /// - Throws: ``ConnectorError/permissionDenied(_:)``.
  public func checkRights(for order: ScalingOrder) async throws {
    guard lastObservation != nil else { return }
    let changes = try changes(of: order)
    guard changes.count > 1 else { return }
    try await api.requireRights(
      for: changes.map {
        call(.patch, $0.workload.kind, $0.workload.target, subresource: "scale")
      })
  }

  private func changes(of order: ScalingOrder) throws -> [Change] {
    var changes: [Change] = []
    for (component, workload) in (lastObservation ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let target = order.targets[component], target != workload.replicas else { continue }
      guard order.decidedOn.components[component]?.replicas == workload.replicas else {
        throw ConnectorError.countChanged(workload.target.name)
      }
      guard (0...Int(Int32.max)).contains(target) else {
        throw ConnectorError.misconfigured(
          "\(target) replicas of '\(workload.target.name)' can't be asked for.")
      }
      changes.append(Change(component: component, workload: workload, target: target))
    }
    return changes
  }

  private func write(_ change: Change) async throws {
    let workload = change.workload
    try await ScaleWriter(
      api: api, title: workload.title,
      patch: { [self] in
        call(
          .patch, workload.kind, workload.target, subresource: "scale",
          query: "?fieldManager=sla-planner", body: $0)
      },
      read: { [self] in
        let now = try await read(workload.target)
        // One of the same name that was made anew is another one.
        guard now.uid == workload.uid else {
          throw ConnectorError.conflict(
            "\(workload.title) was deleted and made anew after the decision was made; it was left alone. The next invocation decides again."
          )
        }
        guard !now.isWrittenByAutoscaler || workload.isWrittenByAutoscaler else {
          throw ConnectorError.conflict(
            "An autoscaler has scaled \(workload.title) since the decision was made; it was left alone. The next invocation says which."
          )
        }
        return now.basis
      }
    ).write(change.target, over: workload.basis)
  }

  // MARK: Events

  private func record(_ change: Change, _ order: ScalingOrder) async -> String? {
    let workload = change.workload
    let message = order.message(
      of: [(change.component, workload.target.name, workload.replicas, change.target)])
    do {
      try await api.record(
        KubernetesEvent(
          on: reference(to: workload), at: order.time, change.component.rawValue,
          message: message, instance: settings.instance))
      return nil
    } catch {
      return "The change was made, but no Event could be recorded for it: \(error)"
    }
  }

  /// Records trouble as a Warning on the targets, each kind of it once (``KubernetesEvent``).
  public func report(_ trouble: DeploymentTrouble) async {
    for (_, workload) in lastSeen.sorted(by: { $0.key < $1.key }) {
      let event = KubernetesEvent(
        on: reference(to: workload), trouble, instance: settings.instance)
      guard recordedTrouble.insert("\(workload.kind.kind)/\(event.metadata.name)").inserted else {
        continue
      }
      try? await api.record(event)
    }
  }

  private func reference(to workload: Workload) -> KubernetesEvent.Reference {
    KubernetesEvent.Reference(
      apiVersion: workload.kind.apiVersion, kind: workload.kind.kind, name: workload.target.name,
      namespace: api.access.namespace, uid: workload.uid,
      resourceVersion: workload.resourceVersion)
  }

  // MARK: Rights

  /// The permissions that a run on these targets needs.
  public func requiredPermissions(lease: String?, isDryRun: Bool) async -> [KubernetesPermission] {
    ScaleRights(
      namespace: api.access.namespace,
      targets: settings.targets.sorted { $0.key < $1.key }.compactMap { _, target in
        discovery?.kinds[target.kind].map { ($0, target.name) }
      },
      autoscalers: (discovery?.autoscalers ?? [:]).sorted { $0.key < $1.key }.map(\.value),
      claimTemplates: Set(lastSeen.values.flatMap(\.claimTemplates)).sorted(),
      lease: lease, isDryRun: isDryRun
    ).permissions
  }
}
