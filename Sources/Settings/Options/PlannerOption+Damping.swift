extension PlannerOption {
  package static let scaleDownStabilization = PlannerOption(
    "scale-down-stabilization", .number(0...31_536_000), unit: "seconds",
    help:
      """
      Shrink to no less than the highest recommendation of this time (default: with --sizing sla \
      the start-up time + 60, 300 until it is known; else 0). With --sizing sla and no load-based \
      scaling, not by less than a tenth either, unless this is 0.
      """
  )

  package static let maxScaleUpStep = PlannerOption(
    "max-scale-up-step", .integer(1...1_000_000), unit: "replicas",
    help: "Most replicas that a kind of worker gains in one run (default: no limit).")

  package static let maxScaleDownStep = PlannerOption(
    "max-scale-down-step", .integer(1...1_000_000), unit: "replicas",
    help: "Most replicas that a kind of worker loses in one run (default: no limit).")

  package static let holdLimit = PlannerOption(
    "hold-limit", .number(0...31_536_000), default: "0", unit: "seconds",
    help: "Time after which a hold gives way to --hold-fallback; 0 for never.")

  package static let holdFallback = PlannerOption(
    "hold-fallback", .replicaCounts, default: "current", unit: "current|PREFILL,DECODE",
    help: "Replicas to go to after --hold-limit; never fewer than there are.")
}
