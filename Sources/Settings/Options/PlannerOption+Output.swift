extension PlannerOption {
  package static let config = PlannerOption(
    "config", .text, unit: "file",
    help: "YAML or JSON file with the same names; also takes a PlannerConfig of Dynamo.")

  package static let now = PlannerOption(
    "now", .instant, unit: "time",
    help: "Decide as of this time (RFC 3339 or Unix seconds), without waiting between samples.")

  package static let deadline = PlannerOption(
    "deadline", .positive(through: 86_400), default: "50", unit: "seconds",
    help: "Time that the run may take; with --repeat-for, each round of it.")

  package static let repeatFor = PlannerOption(
    "repeat-for", .duration(through: 86_400), unit: "seconds",
    help: """
      Run again every --loadbased-adjustment-interval until this time is used up, each round under \
      a --deadline of its own.
      """)

  package static let output = PlannerOption(
    "output", .choice(OutputFormat.allCases.map(\.rawValue)), default: "text", unit: "format",
    help: "How the decision is printed: text or json.")

  package static let detailedExitCode = PlannerOption(
    "detailed-exitcode", .boolean, default: "false",
    help: "Exit with 2 when there was a change, or in a dry run would be one.")

  package static let logLevel = PlannerOption(
    "log-level", .choice(LogLevel.allCases.map(\.rawValue)), default: "info", unit: "level",
    help: "Least severity logged on stderr: trace, debug, info, notice, warning, error, critical.")

  package static let logFormat = PlannerOption(
    "log-format", .choice(OutputFormat.allCases.map(\.rawValue)), default: "text", unit: "format",
    help: "How the log is written: text or json (one object a line).")

  package static let metricsPort = PlannerOption(
    "metrics-port", .integer(0...65_535), default: "0", unit: "port",
    flag: PlannerOption.FlagStyle.none, aliases: [.file("metric_reporting_prometheus_port")],
    environment: ["PLANNER_PROMETHEUS_PORT"], help: "Port of the planner's own metrics; 0 for none."
  )

  package static let metricsTextfile = PlannerOption(
    "metrics-textfile", .metricsFile, unit: "file",
    help: "Write the planner's own metrics there, for the textfile collector of a node exporter.")

  package static let pushgatewayURL = PlannerOption(
    "pushgateway-url", .address, unit: "URL",
    help: "Push the planner's own metrics to this Prometheus push gateway.")

  package static let record = PlannerOption(
    "record", .text, unit: "folder", help: "Save every answer that the run got, without secrets.")

  package static let replay = PlannerOption(
    "replay", .text, unit: "folder", help: "Run on such a recording, with no network at all.")
}
