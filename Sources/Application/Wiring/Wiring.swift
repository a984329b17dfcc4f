import Connectors
import EngineProfiles
import Forecasting
import Glibc
import HTTPTransport
import Invocation
import Logging
import MetricSources
import OwnMetrics
import Planning
import Settings
import StateStore

/// Builds the parts of an invocation from the settings: the one place that knows which
/// implementation stands behind each port.
package struct Wiring {
  package let invocationSettings: InvocationSettings
  package let profile: EngineProfile?
  package let ports: InvocationPorts
  /// The deployment in the cluster; nil in the virtual environment.
  let cluster: ClusterDeployment?
  /// The deployment's Lease; nil where none is taken.
  let lease: ClusterLease?
  /// What the run is recorded into; nil without `--record`.
  package let recording: RunRecording?
  /// Counts and publishes the planner's own metrics; nil when they go nowhere.
  let metrics: MetricsLedger?
  private let client: any HTTPClient
  private let store: SQLiteStateStore

  package init(_ input: RunInput, logger: Logger) throws {
    let settings = input.settings
    let files = try ProfileFiles(settings)
    profile = files?.profile

    let access = try Self.clusterAccess(settings, replay: input.replay)
    let clock = Self.clock(settings)
    let deployment = settings.deployment(clusterNamespace: access?.namespace)
    store = SQLiteStateStore(StateFileSettings(settings.state), deployment: deployment)
    let client = try Self.client(settings, replay: input.replay, logger)
    let recording = try settings.recordDirectory.map { try RunRecording($0, wrapping: client) }
    self.recording = recording
    self.client = recording?.client ?? client
    let invocation = InvocationSettings(
      settings, deployment: deployment, calendar: try PlanningCalendar(settings.calendar))
    invocationSettings = invocation

    let api = access.map { [client = self.client] in
      Self.kubernetesAPI($0, client, settings)
    }
    cluster = try api.map { try ClusterDeployment(api: $0, settings: settings) }
    let connector: any Connector
    if let cluster {
      connector = cluster
    } else {
      connector = try Self.virtualConnector(settings, self.client, store, clock)
    }
    metrics = Self.metrics(settings, invocation, logger)
    lease = api.flatMap { Self.lease(settings, invocation, $0) }
    ports = InvocationPorts(
      store: store,
      traffic: try Self.trafficSource(
        settings, self.client, clusterNamespace: access?.namespace),
      workers: try Self.workerSource(
        settings, self.client, clock, clusterNamespace: access?.namespace), connector: connector,
      lease: lease, counter: metrics,
      clock: clock, wallClock: { SystemClock().now() },
      leaseTaken: { [store] in
        try recording?.begin(
          settings: settings, now: clock.now(), cluster: access.map(RecordedCluster.init),
          profileFiles: files?.read ?? [], store: store)
      }, warmUp: Self.warmUp(settings, logger), stepDone: CrashPoint.stepDone)
  }

  /// Closes the state file, so that it lies there as one whole file, and the metrics' port.
  package func close() {
    try? store.close()
    metrics?.stop()
  }

  /// Gives the requests of the next round a deadline of their own.
  func beginRound() { (client as? RoundHTTPClient)?.beginRound() }

  /// The time that the decision is made as of.
  static func clock(_ settings: RunSettings) -> any PlannerClock {
    if let now = settings.now { return FixedClock(now) }
    return settings.recordDirectory == nil ? SystemClock() : RecordingClock()
  }

  private static func client(
    _ settings: RunSettings, replay: RecordingFolder?, _ logger: Logger
  ) throws -> any HTTPClient {
    if let replay { return try ReplayingHTTPClient(directory: replay.path) }
    return RoundHTTPClient(deadlineSeconds: settings.deadlineSeconds, logger: logger)
  }

  // MARK: Kubernetes

  /// How the cluster is reached, or how the recorded run reached it; nil in the virtual
  /// environment.
  private static func clusterAccess(
    _ settings: RunSettings, replay: RecordingFolder?
  ) throws -> KubernetesAccess? {
    guard settings.hasCluster else { return nil }
    guard let replay else { return try KubernetesAccess.find(settings.kubernetes) }
    guard let cluster = try replay.readManifest().cluster else {
      throw CommandFailure(
        .unreadableInput,
        "The recording '\(replay.path)' was not made in the kubernetes environment; replay it with --environment virtual."
      )
    }
    return cluster.access
  }

  /// A session with the API server; a replay doesn't wait between two tries.
  static func kubernetesAPI(
    _ access: KubernetesAccess, _ client: any HTTPClient, _ settings: RunSettings
  ) -> KubernetesAPI {
    guard settings.replayDirectory == nil else {
      return KubernetesAPI(access: access, client: client, pause: { _ in })
    }
    // Half a minute is plenty, and the run has to answer before its own time is up.
    return KubernetesAPI(
      access: access, client: client, pluginSecondsAtMost: min(30, settings.deadlineSeconds),
      patienceSeconds: min(8, settings.deadlineSeconds / 4),
      lateClient: {
        CurlHTTPClient(version: plannerVersion, deadlineSeconds: Watchdog.releaseSeconds)
      })
  }

  /// The Lease of the deployment; nil for runs that change nothing in the cluster.
  private static func lease(
    _ settings: RunSettings, _ invocation: InvocationSettings, _ api: KubernetesAPI
  ) -> ClusterLease? {
    guard !settings.writesNothing, settings.replayDirectory == nil,
      let name = settings.leaseName
    else { return nil }
    return ClusterLease(
      api: api, name: name, holder: invocation.owner, seconds: invocation.leaseSeconds,
      renewalSeconds: settings.repeatSeconds == nil
        ? nil
        : ClusterLease.renewalSeconds(
          lease: invocation.leaseSeconds, deadline: settings.deadlineSeconds))
  }

  // MARK: Sources

  static func trafficSource(
    _ settings: RunSettings, _ client: any HTTPClient, clusterNamespace: String?
  ) throws -> (any TrafficSource)? {
    guard let throughput = settings.throughput else { return nil }
    // What a recording holds is of another time than the machine's.
    let wallClock: (@Sendable () -> Double)? =
      settings.replayDirectory == nil ? { @Sendable in SystemClock().now() } : nil
    let prometheus = try prometheusSettings(settings, throughput)
    if let engine = settings.engine {
      return try EngineTrafficSource(
        client: client, engine: engine, scope: settings.engineScope(clusterNamespace),
        settings: prometheus, wallClock: wallClock)
    }
    return try PrometheusTrafficSource(
      client: client, settings: prometheus, wallClock: wallClock)
  }

  private static func prometheusSettings(
    _ settings: RunSettings, _ throughput: ThroughputSettings?
  ) throws -> MetricSources.PrometheusSettings {
    MetricSources.PrometheusSettings(
      endpoint: settings.prometheus.endpoint, access: try HTTPAccess(settings.prometheus.access),
      queryParameters: settings.prometheus.access.queryParameters.compactMap {
        .init(urlField: $0)
      },
      dynamoNamespace: settings.dynamoNamespace,
      source: throughput?.source != .router ? .frontend : .router,
      isDisaggregated: settings.mode != .agg,
      wantsArrivals: settings.sizing.traits.countsArrivals)
  }

  /// Reads the warm-up trace, and keeps it with what is recorded.
  private static func warmUp(
    _ settings: RunSettings, _ logger: Logger
  ) -> (@Sendable () throws -> [RecordedTraffic])? {
    guard let trace = WarmUpTrace(settings) else { return nil }
    let recording = settings.recordDirectory.map(RecordingFolder.init)
    return {
      let content = try trace.read()
      if let warning = content.skipped.warning { logger.warning("\(warning)") }
      try recording?.keep(warmUpTrace: trace.path)
      return content.intervals
    }
  }

  static func workerSource(
    _ settings: RunSettings, _ client: any HTTPClient, _ clock: any PlannerClock,
    clusterNamespace: String?
  ) throws -> (any WorkerSource)? {
    guard settings.load != nil else { return nil }
    if let engine = settings.engine {
      return try EngineWorkerSource(
        client: client, engine: engine, scope: settings.engineScope(clusterNamespace),
        mode: settings.mode, settings: try prometheusSettings(settings, settings.throughput),
        now: { clock.now() })
    }
    return RouterPageSource(
      client: client, dynamoNamespace: settings.dynamoNamespace,
      access: try HTTPAccess(settings.routerAccess), now: { clock.now() },
      sleep: { try await clock.sleep(seconds: $0) })
  }

  // MARK: The virtual environment

  private static func virtualConnector(
    _ settings: RunSettings, _ client: any HTTPClient, _ store: SQLiteStateStore,
    _ clock: any PlannerClock
  ) throws -> VirtualConnector {
    VirtualConnector(
      store: try scalingStore(
        settings.etcd, namespace: settings.dynamoNamespace, client, store, clock),
      mode: settings.mode,
      maximumWaitSeconds: settings.etcd.maximumWaitSeconds,
      datesUndatedDecisions: !settings.isDryRun)
  }

  /// etcd, or the state file in its place.
  package static func scalingStore(
    _ etcd: Settings.EtcdSettings, namespace: String, _ client: any HTTPClient,
    _ store: SQLiteStateStore, _ clock: any PlannerClock
  ) throws -> any VirtualScalingStore {
    guard !etcd.endpoints.isEmpty else {
      return store.embeddedScalingStore(namespace: namespace, clock: { clock.now() })
    }
    return EtcdScalingStore(
      settings: try Connectors.EtcdSettings(
        endpoints: etcd.endpoints, user: etcd.access.user,
        password: try etcd.access.readPassword() ?? "",
        access: try HTTPAccess(etcd.access, sendsUser: false)),
      dynamoNamespace: namespace, client: client)
  }
}
