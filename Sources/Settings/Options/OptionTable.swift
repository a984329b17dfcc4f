/// Options that belong together on the help screen.
public struct OptionSection: Sendable {
  /// The title of the section.
  public let title: String
  /// The options in the order in which they are listed.
  public let options: [PlannerOption]

  init(_ title: String, _ options: [PlannerOption]) {
    self.title = title
    self.options = options
  }
}

/// The one table of the options of `run`.
public enum OptionTable {
  /// What is scaled, and to which targets.
  public static let common = OptionSection(
    "Common",
    [
      .namespace, .deployment, .environment, .backend, .mode, .modelName, .ttft, .itl,
      .maxGPUBudget, .minEndpoint, .prefillEngineGPUs, .decodeEngineGPUs, .noOperation,
    ])
  /// Throughput-based scaling and its predictors.
  public static let throughput = OptionSection(
    "Throughput-based scaling",
    [
      .enableThroughputScaling, .adjustmentInterval, .profileResultsDirectory, .loadPredictor,
      .loadPredictorLog1p, .prophetWindowSize, .kalmanQLevel, .kalmanQTrend, .kalmanR,
      .kalmanMinPoints, .loadPredictorWarmupTrace, .forecastQuantile, .startupDelay,
      .noCorrection, .throughputMetricsSource, .catchUpIntervals, .settle,
    ])
  /// How throughput becomes replicas.
  public static let sizing = OptionSection(
    "Sizing", [.sizing, .slaQuantile, .backlogDrainSeconds])
  /// Load-based scaling.
  public static let load = OptionSection(
    "Load-based scaling",
    [
      .enableLoadbasedScaling, .loadbasedRouterMetricsURL, .loadbasedAdjustmentInterval,
      .loadbasedLearningWindow, .loadbasedScalingDownSensitivity, .loadbasedMetricSamples,
      .loadbasedMinObservations, .loadbasedAgreeingSamples, .loadbasedWarmUp,
    ])
  /// How fast counts may change, and what becomes of holds.
  public static let damping = OptionSection(
    "Damping and holds",
    [.scaleDownStabilization, .maxScaleUpStep, .maxScaleDownStep, .holdLimit, .holdFallback])
  /// The state file.
  public static let state = OptionSection(
    "State",
    [
      .state, .stateJournal, .stateRecover, .stateLease, .stateRetentionDays,
      .stateObservationRetentionDays,
    ])
  /// Prometheus and the router's page.
  public static let sources = OptionSection(
    "Metrics sources",
    [.prometheusEndpoint, .prometheusHeader, .prometheusQueryParameter]
      + AccessOptions.prometheus.all + AccessOptions.router.all)
  /// etcd and Kubernetes.
  public static let connectors = OptionSection(
    "Connectors",
    [.etcdEndpoints, .scalingMaxWaitTime] + AccessOptions.etcd.all + [
      .kubeconfig, .kubernetesLease, .podNamespace, .podName, .serviceAccountDirectory,
    ])
  /// The run itself and what it prints.
  public static let output = OptionSection(
    "Run and output",
    [
      .config, .now, .deadline, .repeatFor, .output, .detailedExitCode, .logLevel, .logFormat,
      .metricsPort, .metricsTextfile, .pushgatewayURL, .record, .replay,
    ])

  /// Every section, in the order of the help screen.
  public static let sections: [OptionSection] = [
    common, throughput, sizing, load, damping, state, sources, connectors, output,
  ]

  /// Every option, in the order of the help screen.
  public static let options: [PlannerOption] = sections.flatMap(\.options)
}
