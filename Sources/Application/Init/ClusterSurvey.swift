import Connectors
import Glibc
import HTTPTransport
import Invocation
import Planning
import Settings

/// What a cluster says of a deployment before anybody has configured a planner for it.
package struct ClusterSurvey: Sendable {
  /// The settings that fit what was found.
  package var settings: RunSettings
  /// The options that were found rather than given, with how, a clause each.
  package var found: [String: String]
  /// The deployment's Kubernetes namespace.
  package var namespace: String
  /// The deployment as it is.
  package var status: DeploymentStatus
  /// Everything that a role must allow.
  package var permissions: [KubernetesPermission]

  /// Asks the cluster, with the flags that were given; changes nothing.
  ///
  /// A mode that nobody named is the one whose workers there are; load alone decides where there is
  /// no profile.
  ///
  /// - Throws: ``CommandFailure``, ``ConnectorError`` and what settings say.
  package init(_ flags: [String: String]) async throws {
    let modes: [DeploymentMode] =
      flags["mode"] == nil ? [.disagg, .agg] : [.init(rawValue: flags["mode"] ?? "") ?? .disagg]
    var failure: (any Error)?
    for mode in modes {
      do {
        self = try await Self.survey(flags, mode: mode)
        return
      } catch ConnectorError.misconfigured(let message) {
        // What is wrong with the first guess is what is wrong, if the others do no better.
        failure = failure ?? ConnectorError.misconfigured(message)
      }
    }
    throw failure ?? CommandFailure(.fault, "No mode was tried.")
  }

  private init(
    settings: RunSettings, found: [String: String], namespace: String, status: DeploymentStatus,
    permissions: [KubernetesPermission]
  ) {
    self.settings = settings
    self.found = found
    self.namespace = namespace
    self.status = status
    self.permissions = permissions
  }

  private static func survey(
    _ given: [String: String], mode: DeploymentMode
  ) async throws -> ClusterSurvey {
    var flags = given
    var found: [String: String] = [:]
    func find(_ name: String, _ value: String, _ how: String) {
      guard flags[name] == nil else { return }
      flags[name] = value
      found[name] = how
    }
    find("mode", mode.rawValue, "the workers that the deployment has")
    let folder = flags["profile-results-dir"] ?? "profiling_results"
    let hasProfile = mode != .agg && access(folder, R_OK) == 0
    let why =
      mode == .agg
      ? "profiles tell prefill and decode apart"
      : hasProfile ? "'\(folder)' holds a profile" : "there is no profile in '\(folder)'"
    find("enable-throughput-scaling", "\(hasProfile)", why)
    find("enable-loadbased-scaling", "\(!hasProfile)", why)
    let first = try RunInput(flags).settings
    guard first.hasCluster else {
      throw CommandFailure(
        .usage, "'init' asks a cluster; --environment virtual needs a --config file and no overlay."
      )
    }
    let access = try KubernetesAccess.find(first.kubernetes)
    let api = Wiring.kubernetesAPI(
      access,
      CurlHTTPClient(version: plannerVersion, deadlineSeconds: first.deadlineSeconds), first)
    // A budget is suggested below, and must not stand in the way of looking.
    flags["max-gpu-budget"] = given["max-gpu-budget"] ?? "-1"
    let deployment = try ClusterDeployment(api: api, settings: try RunInput(flags).settings)
    let status = try await deployment.observe(at: SystemClock().now())

    let gpus = status.components.values.reduce(0) {
      $0 + ($1.replicas ?? 1) * ($1.gpusPerReplica ?? 1)
    }
    flags["max-gpu-budget"] = given["max-gpu-budget"]
    find(
      "max-gpu-budget", "\(max(8, 2 * gpus))", "twice the \(gpus) GPUs that it holds, at least 8")
    if let name = first.deploymentName, first.dynamoNamespace == "dynamo" {
      find("namespace", "\(access.namespace)-\(name)", "what the operator calls it")
    }
    if let model = status.modelName { find("model-name", model, "the deployment serves it") }
    return ClusterSurvey(
      settings: try RunInput(flags).settings, found: found, namespace: access.namespace,
      status: status, permissions: await deployment.requiredPermissions())
  }
}
