import Planning

/// How load-based scaling is set up.
public struct LoadSettings: SettingsSection {
  package static let title = "Load-based scaling"

  /// Whether it is on.
  var isEnabled: Bool
  /// The router's metrics pages, separated by commas; nil where the deployment tells (only in kubernetes).
  public var routerMetricsURL: String?
  /// Seconds over which the samples of one run are spread, above 0.
  public var intervalSeconds: Double
  /// Observations that a regression looks back on, at least 1.
  public var learningWindow: Int
  /// How readily a worker is removed, 0 (never) to 100.
  public var scalingDownSensitivityPercent: Double
  /// Samples of one run, at least 1.
  public var metricSamples: Int
  /// Observations below which no decision rests on a regression, 1…`learningWindow`.
  public var minObservations: Int
  /// Samples of one run that must agree on a change where replicas are sized by the targets; nil
  /// for the majority.
  public var agreeingSamples: Int?
  /// What is followed in place of latency targets; nil for these.
  public var target: OptimizationTarget?
  /// Seconds for which a new worker is counted but not learned from, at least 0.
  public var warmUpSeconds: Double

  package init(_ options: inout OptionReader) throws(SettingsError) {
    isEnabled = try options.boolean(
      .init(
        "enable-loadbased-scaling", .boolean, default: "false",
        aliases: [
          .flag("disable-loadbased-scaling", isInverted: true), .file("enable_load_scaling"),
        ],
        help: "Scale by the load of each worker; off unless enabled."))
    routerMetricsURL = try options.optionalText(
      .init(
        "loadbased-router-metrics-url", .addresses, unit: "URL,…",
        aliases: [.file("load_router_metrics_url")],
        help: "The router's metrics page, one for each frontend; found by itself in kubernetes."))
    intervalSeconds = try options.number(
      .init(
        "loadbased-adjustment-interval", .positive(through: 31_536_000), default: "5",
        unit: "seconds",
        aliases: [.file("load_adjustment_interval"), .file("load_adjustment_interval_seconds")],
        help: "Time over which the samples of one run are spread."))
    learningWindow = try options.integer(
      .init(
        "loadbased-learning-window", .integer(1...1_000_000), default: "50", unit: "observations",
        aliases: [.file("load_learning_window")],
        help: "Observations that the regressions look back on."))
    scalingDownSensitivityPercent = try options.number(
      .init(
        "loadbased-scaling-down-sensitivity", .number(0...100), default: "80", unit: "percent",
        aliases: [.file("load_scaling_down_sensitivity")],
        help: """
          How readily a worker is removed: 0 never, 100 as soon as the others can take its load.
          """))
    metricSamples = try options.integer(
      .init(
        "loadbased-metric-samples", .integer(1...10_000), default: "10", unit: "samples",
        aliases: [.file("load_metric_samples")],
        help: "Samples of the router's page in one run; 1 takes it without waiting."))
    minObservations = try options.integer(
      .init(
        "loadbased-min-observations", .integer(1...1_000_000), default: "5", unit: "observations",
        aliases: [.file("load_min_observations")],
        help: "Observations below which no decision rests on a regression."))
    agreeingSamples = try options.optionalInteger(
      .init(
        "loadbased-agreeing-samples", .integer(1...10_000), unit: "samples",
        help: "Sizing sla: samples of one run that must agree on a change; the majority by default."
      ))
    target = try Self.target(&options)
    warmUpSeconds = try options.number(
      .init(
        "loadbased-warm-up", .number(0...31_536_000), default: "0", unit: "seconds",
        help: "Age below which a worker is counted but not learned from."))
  }

  private static func target(
    _ options: inout OptionReader
  ) throws(SettingsError) -> OptimizationTarget? {
    let name: TargetName = try options.choice(
      .init(
        "optimization-target", .choice(of: TargetName.self), default: "sla", unit: "target",
        help: """
          What load-based scaling follows: sla (ttft and itl), throughput or latency (fixed thresholds \
          on queue and KV cache), or load (thresholds of your own).
          """))
    func tokens(_ option: String, _ help: String) throws(SettingsError) -> Double? {
      try options.optionalNumber(
        .init(option, .number(0...1e12), unit: "tokens", help: help))
    }
    func percent(_ option: String, _ help: String) throws(SettingsError) -> Double? {
      try options.optionalNumber(.init(option, .number(0...100), unit: "percent", help: help))
    }
    let own = LoadThresholds(
      prefillUpTokens: try tokens(
        "prefill-scale-up-queue-tokens",
        "Target load: prompt tokens of a worker from which one is added."),
      prefillDownTokens: try tokens(
        "prefill-scale-down-queue-tokens",
        "Target load: prompt tokens of every worker below which one goes."),
      decodeUpPercent: try percent(
        "decode-scale-up-kv-rate", "Target load: KV usage of a worker above which one is added."),
      decodeDownPercent: try percent(
        "decode-scale-down-kv-rate",
        "Target load: KV usage of every worker below which one goes."))
    return switch name {
    case .sla: nil
    case .throughput: .throughput
    case .latency: .latency
    case .load: .load(own)
    }
  }
}

/// What load-based scaling follows.
enum TargetName: String, Sendable, CaseIterable {
  case sla
  case throughput
  case latency
  case load
}
