import Planning

/// Everything that one `run` was told, as one checked value.
///
/// ```swift
/// let (settings, warnings) = try RunSettings.resolve(
///   flags: ["ttft": "300", "environment": "virtual"], environment: [:], file: nil)
/// ```
public struct RunSettings: Sendable, Equatable {
  /// What is scaled.
  public var mode: DeploymentMode
  /// Where the replicas live.
  public var environment: DeploymentEnvironment
  /// The engine of the workers.
  public var backend: Backend
  /// The Dynamo namespace whose traffic and workers count.
  public var dynamoNamespace: String
  /// Name of the DynamoGraphDeployment; never nil in kubernetes.
  public var deploymentName: String?
  /// The model whose traffic counts; nil for the deployment's, or the only one there is.
  public var modelName: String?
  /// The latency targets.
  public var targets: LatencyTargets
  /// The fewest replicas of each component, at least 1.
  public var minEndpoint: Int
  /// The most GPUs that all scaled components may hold together; nil for no limit.
  public var maxGPUBudget: Int?
  /// GPUs of one replica as the flags say, at least 1, with 1 for what they don't say. In
  /// kubernetes what the deployment says goes first.
  public var gpusPerReplica: [Component: Int]
  /// The components whose GPUs were given, not assumed.
  public var componentsWithGivenGPUs: Set<Component>
  /// Whether nothing is to be changed.
  public var isDryRun: Bool
  /// Throughput-based scaling; nil when it is off.
  public var throughput: ThroughputSettings?
  /// Load-based scaling; nil when it is off.
  public var load: LoadSettings?
  /// How fast counts may change.
  public var damping: Damping
  /// Whether the stabilisation follows from the start-up time that is learned: nobody named either.
  public var stabilizesByStartUp: Bool
  /// What to do when a hold lasts too long.
  public var hold: HoldPolicy
  /// Where Prometheus is.
  public var prometheus: PrometheusSettings
  /// How to authenticate to the router's page.
  public var routerAccess: ServerAccess
  /// The etcd of the virtual environment.
  public var etcd: EtcdSettings
  /// The cluster of the kubernetes environment.
  public var kubernetes: KubernetesSettings
  /// The state file.
  public var state: StateSettings
  /// Unix seconds that count as now; nil for the clock's.
  public var now: Double?
  /// Seconds that the whole run, or each of its rounds, may take, above 0.
  public var deadlineSeconds: Double
  /// Seconds over which the run is repeated, at least the load interval; nil for a single round.
  public var repeatSeconds: Double?
  /// How the decision is printed.
  public var output: OutputFormat
  /// Whether a change is told by exit code 2.
  public var usesDetailedExitCode: Bool
  /// The least severity that is logged.
  public var logLevel: LogLevel
  /// How the log is written.
  public var logFormat: OutputFormat
  /// Where the planner's own metrics go.
  public var ownMetrics: OwnMetricsSettings
  /// Folder that every answer is saved in; nil for no recording.
  public var recordDirectory: String?
  /// Folder with the recording to run on; nil for the real world.
  public var replayDirectory: String?
  /// The value of every option that has one, sorted by name, and where it came from.
  public var entries: [SettingEntry]

  /// Whether the run may wait for time to pass between its samples: not when it decides as of
  /// another time or on a recording.
  public var waitsBetweenSamples: Bool { now == nil && replayDirectory == nil }

  init(_ values: SettingsValues) throws(SettingsError) {
    let isLoadbasedOn = try values.boolean(.enableLoadbasedScaling)
    mode = try values.choice(.mode)
    environment = try values.choice(.environment)
    backend = try values.choice(.backend)
    dynamoNamespace = try values.text(.namespace)
    deploymentName = values.optionalText(.deployment)
    modelName = values.optionalText(.modelName)
    targets = LatencyTargets(
      ttftMilliseconds: try values.number(.ttft), itlMilliseconds: try values.number(.itl))
    minEndpoint = try values.integer(.minEndpoint)
    let budget = try values.integer(.maxGPUBudget)
    maxGPUBudget = budget < 0 ? nil : budget
    let gpus = Self.givenGPUs(values)
    gpusPerReplica = [.prefill: gpus[.prefill] ?? 1, .decode: gpus[.decode] ?? 1]
    componentsWithGivenGPUs = Set(gpus.keys)
    isDryRun = try values.boolean(.noOperation)
    throughput =
      try values.boolean(.enableThroughputScaling)
      ? ThroughputSettings(values, isLoadbasedOn: isLoadbasedOn) : nil
    load = isLoadbasedOn ? try LoadSettings(values) : nil
    let sizing = throughput?.sizing.traits
    let startUp = throughput?.predictor.startupDelaySeconds ?? 0
    let stabilization =
      values.optionalNumber(.scaleDownStabilization)
      ?? sizing.map { Self.stabilization($0, startUp: startUp) } ?? 0
    stabilizesByStartUp =
      values.optionalNumber(.scaleDownStabilization) == nil && sizing?.stepSeconds != nil
      && startUp == 0
    damping = Damping(
      scaleDownStabilizationSeconds: stabilization,
      smallestScaleDownShare: !isLoadbasedOn && stabilization > 0
        ? sizing?.smallestScaleDownShare : nil,
      maximumScaleUpStep: values.optionalInteger(.maxScaleUpStep),
      maximumScaleDownStep: values.optionalInteger(.maxScaleDownStep))
    hold = HoldPolicy(
      limitSeconds: try values.number(.holdLimit),
      fallback: Self.fallback(try values.counts(.holdFallback), mode))
    prometheus = try PrometheusSettings(values)
    routerAccess = try ServerAccess(values, .router)
    etcd = try EtcdSettings(values)
    kubernetes = KubernetesSettings(values)
    deadlineSeconds = try values.number(.deadline)
    repeatSeconds = values.optionalNumber(.repeatFor)
    state = try StateSettings(values, deadlineSeconds: deadlineSeconds)
    now = values.optionalNumber(.now)
    output = try values.choice(.output)
    usesDetailedExitCode = try values.boolean(.detailedExitCode)
    logLevel = try values.choice(.logLevel)
    logFormat = try values.choice(.logFormat)
    ownMetrics = try OwnMetricsSettings(values)
    recordDirectory = values.optionalText(.record)
    replayDirectory = values.optionalText(.replay)
    entries = SettingEntry.all(values)
  }

  private static func givenGPUs(_ values: SettingsValues) -> [Component: Int] {
    var gpus: [Component: Int] = [:]
    gpus[.prefill] = values.optionalInteger(.prefillEngineGPUs)
    gpus[.decode] = values.optionalInteger(.decodeEngineGPUs)
    return gpus
  }

  /// The fallback for what the mode scales; empty stands for the current counts.
  private static func fallback(_ counts: [Int], _ mode: DeploymentMode) -> [Component: Int] {
    guard counts.count == 2 else { return [:] }
    return [.prefill: counts[0], .decode: counts[1]].filter { mode.components.contains($0.key) }
  }
}

extension RunSettings {
  /// Stabilisation where nobody named one: what goes now could be back after a start-up, and a
  /// minute more for what wavers; the rule's own where the start-up time is unknown.
  fileprivate static func stabilization(_ traits: SizingTraits, startUp: Int) -> Double {
    traits.stepSeconds != nil && startUp > 0 ? Double(startUp + 60) : traits.stabilizationSeconds
  }
}
