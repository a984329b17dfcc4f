/// How fast counts may change, and what becomes of holds.
public struct DampingSettings: SettingsSection {
  package static let title = "Damping and holds"

  /// Seconds whose highest recommendation counts before anything shrinks; nil for the sizing's
  /// default.
  public var scaleDownStabilizationSeconds: Double?
  /// The most replicas that a component gains in one run, at least 1; nil for no limit.
  public var maximumScaleUpStep: Int?
  /// The most replicas that a component loses in one run, at least 1; nil for no limit.
  public var maximumScaleDownStep: Int?
  /// Seconds after which a hold gives way to the fallback; 0 for never.
  public var holdLimitSeconds: Double
  /// Replicas of prefill and decode to go to then; empty for the current ones.
  public var holdFallback: [Int]
  /// Windows of time in which counts or the budget are bounded.
  public var calendar: [CalendarEntry]

  package init(_ options: inout OptionReader) throws(SettingsError) {
    scaleDownStabilizationSeconds = try options.optionalNumber(
      .init(
        "scale-down-stabilization", .number(0...31_536_000), unit: "seconds",
        help: """
          Shrink to no less than the highest recommendation of this time (default: with --sizing \
          sla the start-up time + 60, 300 until it is known; else 0). With --sizing sla and no \
          load-based scaling, not by less than a tenth either, unless this is 0.
          """))
    maximumScaleUpStep = try options.optionalInteger(
      .init(
        "max-scale-up-step", .integer(1...1_000_000), unit: "replicas",
        help: "Most replicas that a kind of worker gains in one run (default: no limit)."))
    maximumScaleDownStep = try options.optionalInteger(
      .init(
        "max-scale-down-step", .integer(1...1_000_000), unit: "replicas",
        help: "Most replicas that a kind of worker loses in one run (default: no limit)."))
    holdLimitSeconds = try options.number(
      .init(
        "hold-limit", .number(0...31_536_000), default: "0", unit: "seconds",
        help: "Time after which a hold gives way to --hold-fallback; 0 for never."))
    holdFallback = try options.counts(
      .init(
        "hold-fallback", .replicaCounts, default: "current", unit: "current|PREFILL,DECODE",
        help: "Replicas to go to after --hold-limit; never fewer than there are."))
    calendar = try options.list(
      .init(
        "calendar", .windows, unit: "window",
        help: """
          Bounds of counts or of the GPU budget at set times, as name=office;cron=0 8 * * \
          1-5;for=10h;time-zone=Europe/Berlin;decode=4..12; in a file a list of tables with these \
          fields (prefill, decode, max-gpu-budget, reason). Repeat for several.
          """)
    ).compactMap { try? CalendarEntry($0) }
  }
}
