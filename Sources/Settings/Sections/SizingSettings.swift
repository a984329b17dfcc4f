import Planning

/// How throughput becomes replicas.
public struct SizingSettings: SettingsSection {
  package static let title = "Sizing"

  /// The rule, with what it needs.
  public var rule: SizingRule

  package init(_ options: inout OptionReader) throws(SettingsError) {
    let name: SizingName = try options.choice(
      .init(
        "sizing", .choice(of: SizingName.self), default: "sla", unit: "rule",
        help: """
          How traffic becomes replicas: sla (the targets are held) or capacity (engines always busy).
          """))
    let policy = SLASizingPolicy(
      quantile: try options.number(
        .init(
          "sla-quantile", .number(0.5...0.9999), default: "0.95", unit: "share",
          help: "Sizing sla: share of the requests that shall meet the targets.")),
      backlogDrainSeconds: try options.number(
        .init(
          "backlog-drain-seconds", .duration(through: 86_400), default: "60", unit: "seconds",
          help: "Sizing sla: time in which work that waits is to be worked off.")))
    rule =
      switch name {
      case .capacity: .capacity
      case .sla: .sla(policy)
      }
  }
}
