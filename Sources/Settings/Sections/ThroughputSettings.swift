import Forecasting
import Planning

/// How throughput-based scaling is set up.
public struct ThroughputSettings: SettingsSection {
  package static let title = "Throughput-based scaling"

  /// Whether it is on.
  var isEnabled: Bool
  /// Length of an adjustment interval in whole seconds, at least 1.
  public var intervalSeconds: Int
  /// Folder with the engine's profiling data.
  public var profileDirectory: String
  /// The shipped engine that learning begins with, in place of a profile; nil for the profile, or
  /// where there is none for the nearest.
  public var enginePrior: String?
  /// The most replicas by which throughput changes a component in one decision; nil for any number.
  public var maximumStep: Int?
  /// The predictors of requests, ISL and OSL.
  public var predictor: PredictorSettings
  /// File with recorded requests that new predictors learn from; nil for none.
  public var warmUpTrace: String?
  /// Whether observed latencies shall correct the profiled ones.
  public var wantsCorrection: Bool
  /// Whose metrics count traffic.
  public var source: TrafficMetricsSource
  /// Most intervals that are read afterwards when no run saw them, at least 0.
  public var catchUpIntervals: Int
  /// Seconds after its end that an interval counts as ended, at least 0.
  public var settleSeconds: Double

  package init(_ options: inout OptionReader) throws(SettingsError) {
    isEnabled = try options.boolean(
      .init(
        "enable-throughput-scaling", .boolean, default: "true",
        aliases: [.flag("disable-throughput-scaling", isInverted: true)],
        help: "Scale by forecast traffic and profiled capacity; on unless disabled."
      ))
    intervalSeconds = try options.integer(.interval(default: "180"))
    profileDirectory = try options.text(
      .init(
        "profile-results-dir", .text, default: "profiling_results", unit: "folder",
        help: "Folder with the engine's profiling data."))
    enginePrior = try options.optionalText(
      .init(
        "engine-prior", .choice(EnginePrior.shipped.map(\.name)), unit: "engine",
        help: """
          Learn what engines do from the traffic, beginning with this measured one, and read no profile \
          (default without a profile: the one whose model is nearest in size).
          """))
    maximumStep = try options.optionalInteger(
      .init(
        "max-throughput-scaling-replicas", .integer(1...100_000), unit: "replicas",
        help: "Most replicas by which throughput changes a component in one decision."))
    let forecast = try PredictorOptions(&options, hasTrace: true)
    predictor = forecast.predictor
    predictor.intervalSeconds = intervalSeconds
    warmUpTrace = forecast.warmUpTrace
    wantsCorrection = try !options.boolean(
      .init(
        "no-correction", .boolean, default: "false",
        help: """
          Trust the profile as it is; with --sizing capacity always so when load-based scaling is on.
          """))
    source = try options.choice(
      .init(
        "throughput-metrics-source", .choice(of: TrafficMetricsSource.self), default: "frontend",
        unit: "source", help: "Whose metrics count traffic: frontend or router."))
    catchUpIntervals = try options.integer(
      .init(
        "catch-up-intervals", .integer(0...10_000), default: "500", unit: "intervals",
        help: "Most intervals that are read afterwards when no run saw them."))
    settleSeconds = try options.number(
      .init(
        "settle", .number(0...86_400), default: "0", unit: "seconds",
        help: """
          An interval counts as ended only so much later, where samples always come late; at 0 the \
          newest complete one counts while they do.
          """))
  }
}
