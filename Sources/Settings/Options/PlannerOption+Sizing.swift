extension PlannerOption {
  package static let sizing = PlannerOption(
    "sizing", .choice(SizingName.allCases.map(\.rawValue)), default: "sla", unit: "rule",
    help:
      "How traffic becomes replicas: sla (the targets are held) or capacity (engines always busy).")

  package static let slaQuantile = PlannerOption(
    "sla-quantile", .number(0.5...0.9999), default: "0.95", unit: "share",
    help: "Sizing sla: share of the requests that shall meet the targets.")

  package static let backlogDrainSeconds = PlannerOption(
    "backlog-drain-seconds", .duration(through: 86_400), default: "60", unit: "seconds",
    help: "Sizing sla: time in which work that waits is to be worked off.")
}
