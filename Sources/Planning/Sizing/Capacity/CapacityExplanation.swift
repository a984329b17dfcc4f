/// Says in words why demand over capacity asks for a number of replicas.
struct CapacityExplanation {
  let component: Component
  let sizing: ReplicaSizing
  let input: DecisionInput

  init(_ component: Component, _ sizing: ReplicaSizing, _ input: DecisionInput) {
    self.component = component
    self.sizing = sizing
    self.input = input
  }

  /// The phrase, without a full stop.
  var phrase: String {
    guard let exact = sizing.exactReplicas else {
      return
        "the profile is of no use at \(number(sizing.tokens, 0)) tokens, so the minimum counts"
    }
    let forecast = input.traffic?.forecast
    let requests = number(forecast?.requestCount ?? 0, 1)
    let length = number((component == .prefill ? forecast?.isl : forecast?.osl) ?? 0, 1)
    let interval = input.policy.throughput?.intervalSeconds ?? 0
    let demand = number(sizing.demandTokensPerSecond, 1)
    let perReplica = sizing.throughputPerGPU * Double(sizing.gpusPerReplica)
    let minimum = sizing.replicas > roundedUp(exact) ? " (minimum \(sizing.replicas))" : ""
    return
      "\(requests) requests × \(length) \(component == .prefill ? "prompt" : "output") tokens in \(interval) s are \(demand) tokens/s\(corrected); one replica does \(number(perReplica, 1)) at \(place), so ⌈\(number(exact, 3))⌉ = \(roundedUp(exact))\(minimum)"
  }

  private var place: String {
    if component == .prefill { return "ISL \(number(sizing.tokens, 0))" }
    let itl = input.policy.targets.itlMilliseconds / sizing.slowdown
    return "context \(number(sizing.tokens, 0)), ITL ≤ \(number(itl, 1)) ms"
  }

  private var corrected: String {
    component == .prefill && sizing.slowdown < 1
      ? " after the correction of \(number(sizing.slowdown, 3))" : ""
  }

  private func roundedUp(_ exact: Double) -> Int {
    Int(min(exact.rounded(.up), Double(ReplicaSizing.largestCount)))
  }

  private func number(_ value: Double, _ digits: Int) -> String {
    Phrase.number(value, digits: digits)
  }
}
