/// The run itself and what it prints.
public struct OutputSettings: SettingsSection {
  package static let title = "Run and output"

  /// Unix seconds that count as now; nil for the clock's.
  public var now: Double?
  /// Seconds that the whole run, or each of its rounds, may take, above 0.
  public var deadlineSeconds: Double
  /// Seconds over which the run is repeated, infinite for a run without end; nil for a single round.
  public var repeatSeconds: Double?
  /// Seconds from the beginning of one round to the next, above 0; nil where nobody said so.
  public var givenRoundSeconds: Double?
  /// How the decision is printed.
  public var output: OutputFormat
  /// Whether a change is told by exit code 2.
  public var usesDetailedExitCode: Bool
  /// Seconds of holding from which a run ends with exit code 3; nil for never.
  public var failingHoldSeconds: Double?
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

  package init(_ options: inout OptionReader) throws(SettingsError) {
    _ = try options.optionalText(Self.configuration)
    now = try options.optionalNumber(Self.moment)
    deadlineSeconds = try options.number(
      .init(
        "deadline", .positive(through: 86_400), default: "50", unit: "seconds",
        help: "Time that the run may take; with --repeat-for, each round of it."))
    repeatSeconds = try options.optionalNumber(
      .init(
        "repeat-for", .repetition(through: 86_400), unit: "seconds|forever",
        help: """
          Run again every --repeat-every until this time is used up, each round under a --deadline \
          of its own; forever ends with SIGTERM.
          """))
    givenRoundSeconds = try options.optionalNumber(
      .init(
        "repeat-every", .duration(through: 86_400), unit: "seconds",
        help: """
          Time from one round to the next (default: --loadbased-adjustment-interval; without \
          load-based scaling 60, or --adjustment-interval where that is shorter).
          """))
    output = try options.choice(
      .init(
        "output", .choice(of: OutputFormat.self), default: "text", unit: "format",
        help: "How the decision is printed: text or json."))
    usesDetailedExitCode = try options.boolean(
      .init(
        "detailed-exitcode", .boolean, default: "false",
        help: "Exit with 2 when there was a change, or in a dry run would be one."))
    failingHoldSeconds = try options.optionalNumber(
      .init(
        "fail-on-hold", .number(0...31_536_000), unit: "seconds",
        help: "Exit with 3 when decisions have been held for so long (default: never)."))
    let log = try LogSettings(&options)
    logLevel = log.level
    logFormat = log.format
    ownMetrics = try OwnMetricsSettings(&options)
    recordDirectory = try options.optionalText(
      .init(
        "record", .text, unit: "folder", isRecorded: false,
        help: "Save every answer that the run got, without secrets."))
    replayDirectory = try options.optionalText(
      .init(
        "replay", .text, unit: "folder", isRecorded: false,
        help: "Run on such a recording, with no network at all."))
  }

  package static func check(_ options: OptionReader) throws(SettingsError) {
    try AccessRules.check(options, [.pushgateway])
  }

  /// The time that counts as now.
  package static let moment = PlannerOption(
    "now", .instant, unit: "time",
    help: """
      Decide as of this time (RFC 3339 or Unix seconds), without waiting between samples.
      """)

  /// The configuration file. A recording holds what it said.
  package static let configuration = PlannerOption(
    "config", .text, unit: "file", isRecorded: false,
    help: "YAML or JSON file with the same names; also takes a PlannerConfig of Dynamo.")
}
