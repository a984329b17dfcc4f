extension PlannerOption {
  package static let state = PlannerOption(
    "state", .text, default: "state/planner.sqlite", unit: "file",
    help: "The state file; several deployments can share one.")

  package static let stateJournal = PlannerOption(
    "state-journal", .choice(StateSettings.Journal.allCases.map(\.rawValue)),
    default: "automatic", unit: "kind",
    help: "SQLite's journal: wal (local disks), delete (network volumes) or automatic.")

  package static let stateRecover = PlannerOption(
    "state-recover", .boolean, default: "false",
    help: "Set a damaged state file aside and start afresh.")

  package static let stateLease = PlannerOption(
    "state-lease", .positive(through: 604_800), unit: "seconds",
    help: """
      Time after which another run may take over from one that died (default: the deadline + 30).
      """)

  package static let stateRetentionDays = PlannerOption(
    "state-retention-days", .integer(1...36_500), default: "30", unit: "days",
    help: "Age at which decisions are deleted.")

  package static let stateObservationRetentionDays = PlannerOption(
    "state-observation-retention-days", .integer(1...36_500), default: "400", unit: "days",
    help: "Age at which traffic observations are deleted.")
}
