import Invocation
import Planning

extension KubernetesConnector {
  /// A component whose replicas are to change.
  struct Change: Sendable {
    var kind: Component
    var component: GraphComponent
    var target: Int
  }

  /// Writes the replicas that differ, all components side by side.
  ///
  /// Components without an adapter are changed by one patch, wholly or not at all. Where one
  /// component has to shrink before another may grow, the caller sends two orders on the same
  /// status, the first without the growing one.
  ///
  /// - Throws: ``ConnectorError`` when nothing was changed; when only some components could be
  ///   changed, the outcome tells which.
  public func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    if lastObservation == nil { _ = try await observe(at: order.time) }
    guard let observation = lastObservation else { return ScalingOutcome(applied: []) }
    let changes = try changes(of: order, on: observation)
    guard !changes.isEmpty else { return ScalingOutcome(applied: []) }
    // What was observed ends here, whatever comes of it.
    lastObservation = nil

    var outcome = try await write(changes, to: observation.deployment)
      .outcome(of: changes.map(\.kind))
    let made = changes.filter { outcome.applied.contains($0.kind) }
    if let warning = await record(made, of: observation.deployment, order) {
      outcome.warnings.append(warning)
    }
    if settings.annotates,
      let warning = await annotate(made, of: observation.deployment, order)
    {
      outcome.warnings.append(warning)
    }
    return outcome
  }

  /// Makes sure that every change of an order may be written, before the first one is: half a decision
  /// is worth less than none. Asks only where there are several writes.
  ///
  /// - Throws: ``ConnectorError/permissionDenied(_:)``.
  public func checkRights(for order: ScalingOrder) async throws {
    guard let observation = lastObservation else { return }
    let changes = try changes(of: order, on: observation)
    let adapters = changes.filter { $0.component.hasScalingAdapter }
    guard adapters.count > 1 || !adapters.isEmpty && adapters.count < changes.count else { return }
    let calls =
      adapters.map {
        scaleCall(.patch, adapterName(of: $0.component), discovery?.adapterVersion ?? "")
      }
      + (adapters.count < changes.count
        ? [deploymentCall(.patch, observation.deployment.version)] : [])
    try await api.requireRights(for: calls)
  }

  /// The components to change, after checking that the order rests on what was observed.
  private func changes(
    of order: ScalingOrder, on observation: Observation
  ) throws -> [Change] {
    var changes: [Change] = []
    for (kind, component) in observation.components.sorted(by: { $0.key < $1.key }) {
      guard let target = order.targets[kind], target != component.replicas else { continue }
      guard order.decidedOn.components[kind]?.replicas == component.replicas else {
        throw ConnectorError.countChanged(component.name)
      }
      guard (0...Int(Int32.max)).contains(target) else {
        throw ConnectorError.misconfigured(
          "\(target) replicas of '\(component.name)' can't be asked for.")
      }
      changes.append(Change(kind: kind, component: component, target: target))
    }
    return changes
  }

  private func write(_ changes: [Change], to deployment: GraphDeployment) async -> WriteResults {
    let direct = changes.filter { !$0.component.hasScalingAdapter }
    var writes: [([Component], @Sendable () async throws -> Void)] = []
    for change in changes where change.component.hasScalingAdapter {
      writes.append(([change.kind], { try await self.scale(change) }))
    }
    if !direct.isEmpty {
      writes.append((direct.map(\.kind), { try await self.patch(deployment, direct) }))
    }
    return await WriteResults(writes)
  }
}
