import Connectors
import Glibc
import HTTPTransport
import Invocation
import MetricSources
import Planning
import Settings
import StateStore

/// Looks at everything that a run with the same settings needs, and changes nothing.
package struct Validation: Sendable {
  /// The cluster and the deployment in it.
  struct Cluster: Sendable {
    let access: KubernetesAccess
    let api: KubernetesAPI
    let deployment: ClusterDeployment
  }

  /// The deployment as it is being read; every check that needs it waits for this.
  typealias Observation = Task<Result<DeploymentStatus, CommandFailure>, Never>

  let settings: RunSettings
  let client: any HTTPClient
  let clock: any PlannerClock
  private let exposed = ExposedCredentials()
  /// How the cluster is reached, or why it isn't; nil in the virtual environment.
  let cluster: Result<Cluster, CommandFailure>?

  package init(_ settings: RunSettings) {
    self.settings = settings
    let client = CurlHTTPClient(
      version: plannerVersion, deadlineSeconds: settings.deadlineSeconds,
      exposed: { [exposed] in _ = exposed.sentence(for: $0) })
    self.client = client
    clock = Wiring.clock(settings)
    guard settings.hasCluster else {
      cluster = nil
      return
    }
    do {
      let access = try KubernetesAccess.find(settings.kubernetes)
      let api = Wiring.kubernetesAPI(access, client, settings)
      cluster = .success(
        Cluster(
          access: access, api: api,
          deployment: try ClusterDeployment(api: api, settings: settings)))
    } catch {
      cluster = .failure(CommandFailure(error))
    }
  }

  /// Makes all checks, side by side where none needs another's answer.
  package func checks() async -> [Check] {
    let observation = Task { await observe() }
    async let connector = connectorCheck(observation)
    async let user = userCheck(observation)
    async let permissions = permissionChecks(observation)
    async let lease = leaseCheck()
    async let prometheus = prometheusCheck(observation)
    async let router = routerCheck(observation)
    async let ownMetrics = ownMetricsChecks()
    let local = [profileCheck(), warmUpCheck(), stateCheck(), calendarCheck()].compactMap { $0 }
    let account = [await user].compactMap { $0 }
    let remote = [await lease, await prometheus, await router].compactMap { $0 }
    let all =
      local + [await connector] + account + (await permissions) + remote + (await ownMetrics)
    return all + exposed.sentences.map { Check("credentials", .warning, $0) }
  }

  private func observe() async -> Result<DeploymentStatus, CommandFailure> {
    do {
      return .success(try await connector().observe(at: clock.now()))
    } catch {
      return .failure(CommandFailure(error))
    }
  }

  // MARK: Files

  private func prior(_ throughput: ThroughputSettings) -> String {
    let model = settings.modelName
    return throughput.enginePrior.map { "'\($0)'" }
      ?? "'\(EnginePrior.nearest(model: model).name)', the nearest to \(model.map { "'\($0)'" } ?? "a model that nobody named")"
  }

  private func profileCheck() -> Check? {
    guard let throughput = settings.throughput else { return nil }
    let name = "profile"
    do {
      guard let profile = try ProfileFiles(settings)?.profile else {
        return .of(
          name, "None: engines are learned from the traffic, beginning with \(prior(throughput)).",
          oddities: [])
      }
      if let fault = profile.unitFaults.first { throw CommandFailure(.unreadableInput, fault) }
      let targets = settings.targets
      let targetFaults = profile.targetFaults(
        ttftMilliseconds: targets.ttftMilliseconds, itlMilliseconds: targets.itlMilliseconds)
      if let fault = targetFaults.first { throw CommandFailure(.configuration, fault) }
      let oddities =
        profile.warnings.isEmpty
        ? []
        : [
          "\(profile.warnings.count) points of it look odd; 'sla-planner profile \(throughput.profileDirectory)' names them."
        ]
      return .of(name, "'\(throughput.profileDirectory)' was read.", oddities: oddities)
    } catch {
      return Check(name, CommandFailure(error))
    }
  }

  private func warmUpCheck() -> Check? {
    guard let trace = WarmUpTrace(settings) else { return nil }
    let name = "warm-up trace"
    do {
      let content = try trace.read()
      return .of(
        name,
        "'\(trace.path)' holds \(content.intervals.count) whole intervals of \(trace.intervalSeconds) s with \(content.requests) requests.",
        oddities: [content.skipped.warning].compactMap { $0 })
    } catch {
      return Check(name, CommandFailure(error))
    }
  }

  private func stateCheck() -> Check {
    let name = "state file"
    do {
      return Check(name, .ok, try stateFinding())
    } catch {
      return Check(name, CommandFailure(error))
    }
  }

  private func stateFinding() throws -> String {
    let path = settings.state.path
    guard access(path, F_OK) == 0 else { return try absentStateFinding() }
    let deployment = settings.deployment(
      clusterNamespace: (try? cluster?.get())??.access.namespace)
    let store = SQLiteStateStore(
      StateFileSettings(settings.state), deployment: deployment, isReadOnly: true)
    try store.requireWritable()
    let stored = try store.look(
      now: SystemClock().now(), leaseSeconds: settings.leaseSeconds)
    try store.verify()
    do {
      _ = try PlannerState(stored ?? StoredState())
    } catch let error as UnreadableState {
      throw StateError.unreadablePart(
        path: path, part: error.part.rawValue, reason: error.reason)
    }
    return
      "'\(path)' is whole, can be written, and nobody is at work on '\(deployment)'."
  }

  /// The first run makes the file, and its folder.
  private func absentStateFinding() throws -> String {
    let path = settings.state.path
    let folder = Self.folder(of: path)
    let writable = access(folder, F_OK) == 0 ? folder : Self.folder(of: folder)
    guard access(writable, W_OK | X_OK) == 0 else {
      throw StateError.unusable(
        path: path,
        reason:
          "It does not exist, and the folder '\(writable)' does not let it be made (\(String(cString: strerror(errno)))). Mount a volume there that this user may write to, or name another file with --state."
      )
    }
    return "'\(path)' does not exist yet; the first run makes it."
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
