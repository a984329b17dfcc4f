import Connectors
import EngineProfiles
import Glibc
import HTTPTransport
import Invocation
import Logging
import MetricSources
import Planning
import Settings
import StateStore

/// Builds the parts of an invocation from the settings: the one place that knows which
/// implementation stands behind each port.
struct Wiring {
  let invocationSettings: InvocationSettings
  let profile: EngineProfile?
  let ports: InvocationPorts

  init(_ input: RunInput, logger: Logger) throws {
    let settings = input.settings
    let files = try settings.throughput.map {
      try ProfileFiles(directory: $0.profileDirectory, mode: settings.mode)
    }
    profile = files?.profile

    let clock: any PlannerClock =
      settings.now.map { FixedClock($0) as any PlannerClock } ?? SystemClock()
    let store = SQLiteStateStore(StateFileSettings(settings.state), deployment: settings.deployment)
    if let directory = settings.recordDirectory {
      try RecordingFolder(directory).begin(
        settings: settings, now: clock.now(), profileFiles: files?.read ?? [], store: store)
    }
    let client = try Self.client(settings, replay: input.replay)
    ports = InvocationPorts(
      store: store, traffic: try Self.trafficSource(settings, client),
      workers: try Self.workerSource(settings, client, clock),
      connector: try Self.connector(settings, client, store, clock), clock: clock,
      stepDone: CrashPoint.stepDone)
    invocationSettings = InvocationSettings(settings)
  }

  private static func client(
    _ settings: RunSettings, replay: RecordingFolder?
  ) throws -> any HTTPClient {
    if let replay { return try ReplayingHTTPClient(directory: replay.path) }
    let client = CurlHTTPClient(
      version: plannerVersion, deadlineSeconds: settings.deadlineSeconds)
    guard let directory = settings.recordDirectory else { return client }
    return try RecordingHTTPClient(wrapping: client, directory: directory)
  }

  private static func trafficSource(
    _ settings: RunSettings, _ client: any HTTPClient
  ) throws -> (any TrafficSource)? {
    guard let throughput = settings.throughput else { return nil }
    return try PrometheusTrafficSource(
      client: client,
      settings: MetricSources.PrometheusSettings(
        endpoint: settings.prometheus.endpoint, access: try HTTPAccess(settings.prometheus.access),
        dynamoNamespace: settings.dynamoNamespace,
        source: throughput.source == .frontend ? .frontend : .router,
        isDisaggregated: settings.mode != .agg))
  }

  private static func workerSource(
    _ settings: RunSettings, _ client: any HTTPClient, _ clock: any PlannerClock
  ) throws -> (any WorkerSource)? {
    guard settings.load != nil else { return nil }
    return RouterPageSource(
      client: client, dynamoNamespace: settings.dynamoNamespace,
      access: try HTTPAccess(settings.routerAccess), now: { clock.now() },
      sleep: { try await clock.sleep(seconds: $0) })
  }

  private static func connector(
    _ settings: RunSettings, _ client: any HTTPClient, _ store: SQLiteStateStore,
    _ clock: any PlannerClock
  ) throws -> any Connector {
    guard settings.environment == .virtual else {
      throw CommandFailure(
        .configuration,
        "--environment kubernetes is not there yet; use --environment virtual, with ETCD_ENDPOINTS or embedded."
      )
    }
    return VirtualConnector(
      store: try scalingStore(settings, client, store, clock), mode: settings.mode,
      maximumWaitSeconds: settings.etcd.maximumWaitSeconds,
      datesUndatedDecisions: !settings.isDryRun)
  }

  /// etcd, or the state file in its place.
  static func scalingStore(
    _ settings: RunSettings, _ client: any HTTPClient, _ store: SQLiteStateStore,
    _ clock: any PlannerClock
  ) throws -> any VirtualScalingStore {
    guard !settings.etcd.endpoints.isEmpty else {
      return store.embeddedScalingStore(
        namespace: settings.dynamoNamespace, clock: { clock.now() })
    }
    let access = settings.etcd.access
    return EtcdScalingStore(
      settings: try Connectors.EtcdSettings(
        endpoints: settings.etcd.endpoints, user: access.user,
        password: try access.readPassword() ?? "",
        access: try HTTPAccess(access, sendsUser: false)),
      dynamoNamespace: settings.dynamoNamespace, client: client)
  }
}
