extension PlannerOption {
  package static let enableLoadbasedScaling = PlannerOption(
    "enable-loadbased-scaling", .boolean, default: "false",
    aliases: [
      .flag("disable-loadbased-scaling", isInverted: true), .file("enable_load_scaling"),
    ],
    help: "Scale by the load of each worker; off unless enabled.")

  package static let loadbasedRouterMetricsURL = PlannerOption(
    "loadbased-router-metrics-url", .address, unit: "URL",
    aliases: [.file("load_router_metrics_url")],
    help: "The router's metrics page; found by itself in kubernetes.")

  package static let loadbasedAdjustmentInterval = PlannerOption(
    "loadbased-adjustment-interval", .positive(through: 31_536_000), default: "5", unit: "seconds",
    aliases: [.file("load_adjustment_interval"), .file("load_adjustment_interval_seconds")],
    help: "Time over which the samples of one run are spread.")

  package static let loadbasedLearningWindow = PlannerOption(
    "loadbased-learning-window", .integer(1...1_000_000), default: "50", unit: "observations",
    aliases: [.file("load_learning_window")],
    help: "Observations that the regressions look back on.")

  package static let loadbasedScalingDownSensitivity = PlannerOption(
    "loadbased-scaling-down-sensitivity", .number(0...100), default: "80", unit: "percent",
    aliases: [.file("load_scaling_down_sensitivity")],
    help: "How readily a worker is removed: 0 never, 100 as soon as the others can take its load.")

  package static let loadbasedMetricSamples = PlannerOption(
    "loadbased-metric-samples", .integer(1...10_000), default: "10", unit: "samples",
    aliases: [.file("load_metric_samples")],
    help: "Samples of the router's page in one run; 1 takes it without waiting.")

  package static let loadbasedMinObservations = PlannerOption(
    "loadbased-min-observations", .integer(1...1_000_000), default: "5", unit: "observations",
    aliases: [.file("load_min_observations")],
    help: "Observations below which no decision rests on a regression.")

  package static let loadbasedAgreeingSamples = PlannerOption(
    "loadbased-agreeing-samples", .integer(1...10_000), unit: "samples",
    help: "Sizing sla: samples of one run that must agree on a change; the majority by default.")

  package static let loadbasedWarmUp = PlannerOption(
    "loadbased-warm-up", .number(0...31_536_000), default: "0", unit: "seconds",
    help: "Age below which a worker is counted but not learned from.")
}
