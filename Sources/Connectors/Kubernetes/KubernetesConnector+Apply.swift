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

    let results = await write(changes, to: observation.deployment)
    var outcome = ScalingOutcome(applied: [])
    for change in changes {
      switch results[change.kind] {
      case .success?: outcome.applied.append(change.kind)
      case .failure(let error)?: outcome.failed[change.kind] = error.description
      case nil: outcome.failed[change.kind] = "It was not tried."
      }
    }
    guard !outcome.applied.isEmpty else {
      throw Self.worst(of: changes.compactMap { results[$0.kind] })
    }
    if let warning = await record(
      changes.filter { outcome.applied.contains($0.kind) }, of: observation.deployment, order)
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
        throw ConnectorError.conflict(
          "'\(component.name)' no longer has the number of replicas that the decision was made on; nothing was changed. The next invocation decides again."
        )
      }
      guard (0...Int(Int32.max)).contains(target) else {
        throw ConnectorError.misconfigured(
          "\(target) replicas of '\(component.name)' can't be asked for.")
      }
      changes.append(Change(kind: kind, component: component, target: target))
    }
    return changes
  }

  private func write(
    _ changes: [Change], to deployment: GraphDeployment
  ) async -> [Component: Result<Void, ConnectorError>] {
    let direct = changes.filter { !$0.component.hasScalingAdapter }
    return await withTaskGroup(of: ([Component], Result<Void, ConnectorError>).self) { group in
      for change in changes where change.component.hasScalingAdapter {
        group.addTask {
          ([change.kind], await Self.result { try await self.scale(change) })
        }
      }
      if !direct.isEmpty {
        group.addTask {
          (direct.map(\.kind), await Self.result { try await self.patch(deployment, direct) })
        }
      }
      var results: [Component: Result<Void, ConnectorError>] = [:]
      for await (kinds, result) in group {
        for kind in kinds { results[kind] = result }
      }
      return results
    }
  }

  private static func result(
    _ work: @Sendable () async throws -> Void
  ) async -> Result<Void, ConnectorError> {
    do {
      try await work()
      return .success(())
    } catch let error as ConnectorError {
      return .failure(error)
    } catch {
      return .failure(.unreachable("\(error)"))
    }
  }

  /// The error to report when nothing was changed: what the user can mend comes first.
  private static func worst(of results: [Result<Void, ConnectorError>]) -> ConnectorError {
    let errors = results.compactMap { result -> ConnectorError? in
      if case .failure(let error) = result { error } else { nil }
    }
    func rank(_ error: ConnectorError) -> Int {
      switch error {
      case .permissionDenied: 0
      case .misconfigured: 1
      case .unreachable: 2
      case .conflict: 3
      }
    }
    return errors.min { rank($0) < rank($1) } ?? .unreachable("Nothing was tried.")
  }
}
