/// What is logged on stderr, and how.
public struct LogSettings: SettingsSection {
  package static let title = "Log"

  /// The least severity that is logged.
  public var level: LogLevel
  /// How the log is written.
  public var format: OutputFormat

  package init(_ options: inout OptionReader) throws(SettingsError) {
    level = try options.choice(
      .init(
        "log-level", .choice(of: LogLevel.self), default: "info", unit: "level",
        help: """
          Least severity logged on stderr: trace, debug, info, notice, warning, error, critical.
          """))
    format = try options.choice(
      .init(
        "log-format", .choice(of: OutputFormat.self), default: "text", unit: "format",
        help: "How the log is written: text or json (one object a line)."))
  }
}
