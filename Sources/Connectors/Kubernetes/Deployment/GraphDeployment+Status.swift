import Planning

extension GraphDeployment {
  /// What the planner needs to know of the deployment.
  ///
  /// - Parameter scaled: the component of each kind that the mode scales.
  func status(of scaled: [Component: GraphComponent], mode: DeploymentMode) -> DeploymentStatus {
    var status = DeploymentStatus(components: [:])
    for (kind, component) in scaled.sorted(by: { $0.key < $1.key }) {
      let gpus = gpusPerReplica(of: component)
      status.components[kind] = ComponentStatus(
        replicas: component.replicas, ready: component.readyReplicas,
        isStable: isStatusCurrent && component.isStable, gpusPerReplica: gpus)
      if gpus == nil {
        status.warnings.append(
          "The component '\(component.name)' of '\(name)' states no number of GPUs (\(gpuFieldName)"
            + (component.uncountedDevices.isEmpty
              ? "" : "; it asks for \(component.uncountedDevices.joined(separator: ", "))") + ")."
        )
      }
    }
    if let reason = reasonToWait(for: scaled) {
      status.readiness = isOnlyStarting(scaled) ? .startingWorkers(reason) : .busy(reason)
    }
    let model = ServedModel.name(of: workers(scaled), deployment: self)
    status.modelName = model.name
    if let warning = model.warning { status.warnings.append(warning) }

    let frontends = components.filter { $0.role == .frontend }
    if let frontend = frontends.first {
      status.routerMetricsURL = "http://\(name)-\(frontend.name.lowercased()):8000/metrics"
      if !frontend.sharesLoadWithReplicas {
        let count = max(frontend.replicas, frontend.readyReplicas ?? 0)
        status.frontends = count > 1 ? count : nil
      }
    }
    if frontends.count > 1 {
      status.warnings.append(
        "'\(name)' has several frontends (\(frontends.map(\.name).joined(separator: ", "))); the router's metrics are read from the first. Name another with --loadbased-router-metrics-url."
      )
    }
    if mode == .agg, let prefill = components.first(where: { $0.role == .prefill }) {
      status.warnings.append(
        "'\(name)' has prefill workers ('\(prefill.name)') that mode agg leaves alone; --mode disagg scales both."
      )
    }
    return status
  }

  /// GPUs of one replica: the operator's own count where it is about this spec, else the spec's.
  private func gpusPerReplica(of component: GraphComponent) -> Int? {
    let counted = [component.status?.gpusPerReplica, component.status?.gpusPerEngine]
    if isStatusCurrent, let count = counted.lazy.compactMap({ $0 }).first(where: { $0 > 0 }) {
      return count
    }
    return component.statedGPUs
  }

  private var gpuFieldName: String {
    version == "v1alpha1" ? "resources.limits.gpu" : "resources.limits of the container 'main'"
  }

  /// The workers that the model's name is read from: the scaled ones and others of the same kind.
  private func workers(_ scaled: [Component: GraphComponent]) -> [GraphComponent] {
    components.filter { component in
      component.role == .prefill || component.role == .decode
        || scaled.values.contains { $0.name == component.name }
    }
  }

  /// Whether all that is missing is that replicas which the newest spec asks for, and which exist,
  /// become ready: nothing that more of them could disturb.
  private func isOnlyStarting(_ scaled: [Component: GraphComponent]) -> Bool {
    guard !isBeingDeleted, isStatusCurrent, rollout == nil,
      scaled.values.allSatisfy(\.isPassedOn)
    else { return false }
    let areUpdated = scaled.values.allSatisfy { component in
      component.status?.updatedReplicas == component.replicas
        && (component.readyReplicas ?? .max) <= component.replicas
    }
    return areUpdated && scaled.values.contains { ($0.readyReplicas ?? .max) < $0.replicas }
  }

  /// A rolling update or restart of the whole deployment that goes on; nil when there is none.
  private var rollout: String? {
    if let phase = rollingUpdatePhase, ["Pending", "InProgress"].contains(phase) {
      return "A rolling update of '\(name)' is under way (\(phase))."
    }
    if let phase = restartPhase, ["Pending", "Restarting"].contains(phase) {
      return "A restart of '\(name)' is under way (\(phase))."
    }
    return nil
  }

  /// Why the deployment must not be scaled now; nil when it may be.
  private func reasonToWait(for scaled: [Component: GraphComponent]) -> String? {
    if isBeingDeleted { return "'\(name)' is being deleted." }
    if !isStatusCurrent { return "The operator has not taken up the newest spec of '\(name)' yet." }
    if let rollout { return rollout }
    for (_, component) in scaled.sorted(by: { $0.key < $1.key }) where !component.isPassedOn {
      return
        "The scaling adapter of '\(component.name)' asks for \(component.replicas) replicas, and the operator has not passed that on to '\(name)' yet (\(component.statedReplicas ?? 1))."
    }
    guard let ready else { return "'\(name)' does not report yet whether it is ready." }
    guard ready.status == "True" else {
      let why = [ready.reason, ready.message].compactMap { $0 }.filter { !$0.isEmpty }
      return "'\(name)' is not ready" + (why.isEmpty ? "." : " (\(why.joined(separator: ": "))).")
    }
    for (_, component) in scaled.sorted(by: { $0.key < $1.key }) where !component.isStable {
      let ready = component.readyReplicas.map(String.init) ?? "an unknown number of"
      return
        "'\(component.name)' is still scaling or rolling out: \(component.replicas) replicas asked for, \(component.status?.updatedReplicas ?? 0) updated, \(ready) ready."
    }
    return nil
  }
}
