import Connectors
import Invocation
import Planning
import Settings

/// The deployment in the cluster, held against what the run was told: GPUs must be known and fit
/// the budget, and of two changes the one that makes room is made first.
actor ClusterDeployment: Connector {
  private let settings: RunSettings
  private let connector: any ClusterConnector
  /// Why the last order could not be carried out at all; nil when it could.
  private(set) var refusal: ConnectorError?

  /// Creates it; nothing is sent yet.
  init(api: KubernetesAPI, settings: RunSettings) throws {
    self.settings = settings
    connector =
      settings.environment == .scale
      ? try ScaleConnector(api: api, settings: .init(settings))
      : try KubernetesConnector(api: api, settings: .init(settings))
  }

  var state: String? { get async { await connector.state } }

  func resume(_ state: String) async { await connector.resume(state) }

  func observe(at time: Double) async throws -> DeploymentStatus {
    var status = try await connector.observe(at: time)
    status.warnings += try checkedGPUs(status)
    return status
  }

  /// Everything that a role must allow for the deployment that was observed last.
  func requiredPermissions() async -> [KubernetesPermission] {
    await connector.requiredPermissions(
      lease: settings.leaseName, isDryRun: settings.writesNothing)
  }

  func report(_ trouble: DeploymentTrouble) async { await connector.report(trouble) }

  // MARK: GPUs

  /// Makes sure that the GPUs of a replica are known and the budget holds the minimum.
  ///
  /// - Returns: what a person should know: flags that the deployment contradicts.
  private func checkedGPUs(_ status: DeploymentStatus) throws -> [String] {
    var stated: [Component: Int] = [:]
    var warnings: [String] = []
    for component in settings.mode.components {
      let isGiven = settings.componentsWithGivenGPUs.contains(component)
      let option = "--\(component.rawValue)-engine-num-gpu"
      guard let gpus = status.components[component]?.gpusPerReplica else {
        if isGiven { continue }
        throw ConnectorError.misconfigured(
          "The deployment does not state how many GPUs a \(component.rawValue) replica has, so the budget can't be kept. State them in the component's resources, or give \(option)."
        )
      }
      stated[component] = gpus
      if isGiven, let given = settings.gpusPerReplica[component], given != gpus {
        warnings.append(
          "\(option) is \(given), but the deployment states \(gpus) GPUs for a \(component.rawValue) replica, which is what counts. Leave the option out."
        )
      }
    }
    do throws(SettingsError) {
      try settings.checkBudget(gpusPerReplica: stated)
    } catch {
      throw ConnectorError.misconfigured(error.description)
    }
    return warnings
  }

  // MARK: Scaling

  /// Carries out the order phase by phase; a phase that fails ends it.
  func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    refusal = nil
    do {
      return try await applyPhases(of: order)
    } catch let error as ConnectorError {
      refusal = error
      throw error
    }
  }

  private func applyPhases(of order: ScalingOrder) async throws -> ScalingOutcome {
    var outcome = ScalingOutcome(applied: [])
    try await connector.checkRights(for: order)
    for phase in order.phases {
      guard outcome.failed.isEmpty else {
        for component in phase {
          outcome.failed[component] = "It was not tried, because the other one had to come first."
        }
        continue
      }
      var part = order
      part.targets = order.targets.filter { phase.contains($0.key) }
      part.phases = [phase]
      do {
        let done = try await connector.apply(part)
        outcome.applied += done.applied
        outcome.failed.merge(done.failed) { _, new in new }
        outcome.warnings += done.warnings
      } catch let error as ConnectorError where !outcome.applied.isEmpty {
        for component in phase { outcome.failed[component] = error.description }
      }
    }
    return outcome
  }
}

extension KubernetesConnector.Settings {
  fileprivate init(_ settings: RunSettings) {
    self.init(
      deploymentName: settings.deploymentName ?? "", mode: settings.mode,
      backend: settings.backend.rawValue,
      instance: settings.kubernetes.podName ?? "sla-planner",
      readsFrontends: settings.load != nil, annotates: settings.kubernetes.annotates)
  }
}

extension ScaleConnector.Settings {
  fileprivate init(_ settings: RunSettings) {
    self.init(
      targets: settings.workloads.names.compactMapValues(ScaleTarget.init),
      isDryRun: settings.isDryRun, instance: settings.kubernetes.podName ?? "sla-planner")
  }
}
