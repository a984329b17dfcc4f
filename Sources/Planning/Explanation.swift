/// Says in words why a component was decided as it was, with the numbers of the arithmetic.
struct Explanation {
  let component: Component
  let decision: ComponentDecision
  let input: DecisionInput

  init(_ component: Component, _ decision: ComponentDecision, _ input: DecisionInput) {
    self.component = component
    self.decision = decision
    self.input = input
  }

  /// One sentence: what happens, then why, then what limited it.
  var sentence: String {
    // A reason that comes from outside may be a sentence of its own.
    let reasons = [throughput, load, limits].compactMap { $0 }.map(Phrase.withoutFullStop)
    return "\(headline): \(reasons.isEmpty ? "nothing to do" : reasons.joined(separator: "; "))."
  }

  private var headline: String {
    let name = component.rawValue
    let from = decision.asked ?? decision.current
    guard let final = decision.final else { return "\(name) is left alone" }
    guard let from else { return "\(name) is set to \(final)" }
    if final == from { return "\(name) \(decision.isHeld ? "is held at" : "stays at") \(final)" }
    return "\(name) \(from) → \(final)"
  }

  private var throughput: String? {
    switch decision.reasons.throughput {
    case .disabled: nil
    case .scalingInProgress: input.deployment.inProgress ?? "scaling is in progress"
    case .trafficUnknown: "\(unknownTraffic)\(keptFloor)"
    case .noTrafficYet: "no request has been seen yet, so there is nothing to size for"
    case .lengthsUnknown:
      "there are requests, but nothing is known of their lengths, so there is nothing to size with"
    case .holdFallback:
      "decisions have been held longer than --hold-limit, so --hold-fallback counts"
    case .scaleUp, .scaleDown, .noChange:
      [decision.sizing.map(arithmetic), inFlight]
        .compactMap { $0 }.joined(separator: "; ")
    }
  }

  private var inFlight: String? {
    guard let inProgress = input.deployment.inProgress, policy.load == nil else { return nil }
    let backlog =
      (decision.desired ?? 0) < (decision.throughput ?? 0)
      ? ", and what waits is left to the workers that are starting" : ""
    return "\(Phrase.withoutFullStop(inProgress))\(backlog)"
  }
  private var policy: PlanningPolicy { input.policy }

  private var unknownTraffic: String {
    guard case .unknown(_, let reason) = input.traffic?.newest else {
      return "the traffic is unknown"
    }
    return "the traffic is unknown (\(Phrase.withoutFullStop(reason)))"
  }

  private var keptFloor: String {
    decision.floor.map { ", the last floor of \($0) stays" } ?? ""
  }

  private func arithmetic(_ sizing: ReplicaSizing) -> String {
    if let detail = sizing.sla {
      return SLAExplanation(component, sizing, detail, input.policy.targets).phrase
    }
    guard let exact = sizing.exactReplicas else {
      return "the profile is of no use at \(tokens(sizing.tokens)), so the minimum counts"
    }
    let forecast = input.traffic?.forecast
    let requests = Phrase.number(forecast?.requestCount ?? 0, digits: 1)
    let length = Phrase.number(
      (component == .prefill ? forecast?.isl : forecast?.osl) ?? 0, digits: 1)
    let interval = input.policy.throughput?.intervalSeconds ?? 0
    let demand = Phrase.number(sizing.demandTokensPerSecond, digits: 1)
    let perReplica = sizing.throughputPerGPU * Double(sizing.gpusPerReplica)
    let where_ =
      component == .prefill
      ? "ISL \(Phrase.number(sizing.tokens, digits: 0))"
      : "context \(Phrase.number(sizing.tokens, digits: 0)), ITL ≤ \(Phrase.number(input.policy.targets.itlMilliseconds / sizing.correction, digits: 1)) ms"
    let minimum = sizing.replicas > roundedUp(exact) ? " (minimum \(sizing.replicas))" : ""
    return
      "\(requests) requests × \(length) \(component == .prefill ? "prompt" : "output") tokens in \(interval) s are \(demand) tokens/s\(corrected(sizing)); one replica does \(Phrase.number(perReplica, digits: 1)) at \(where_), so ⌈\(Phrase.number(exact, digits: 3))⌉ = \(roundedUp(exact))\(minimum)"
  }

  private func roundedUp(_ exact: Double) -> Int {
    Int(min(exact.rounded(.up), Double(ReplicaSizing.largestCount)))
  }

  private func corrected(_ sizing: ReplicaSizing) -> String {
    component == .prefill && sizing.correction < 1
      ? " after the correction of \(Phrase.number(sizing.correction, digits: 3))" : ""
  }

  private var load: String? {
    switch decision.reasons.load {
    case .disabled, .scalingInProgress:
      return decision.reasons.throughput == .scalingInProgress
        ? nil : decision.reasons.load == .disabled ? nil : input.deployment.inProgress
    case .workersUnknown:
      let failure = input.workers?.failure ?? "no sample was taken"
      return "the workers' load is unknown (\(Phrase.withoutFullStop(failure)))"
    case .floorUnknown:
      return "a scale-down is withheld while the traffic, and so the floor, is unknown"
    case .noWorkers:
      return "the router shows no \(component.rawValue) worker to judge by"
    case .workerCountMismatch:
      let ready = decision.ready.map(String.init) ?? "an unknown number of"
      return
        "the router shows \(decision.verdict?.seen ?? 0) workers where \(ready) are ready, so nothing shrinks"
    case .insufficientData, .regressionUnusable, .targetUnreachable, .overload, .scaleUp,
      .scaleDown, .noChange:
      let sides = decision.verdict?.sides.map { LoadExplanation(side: $0, input: input).phrase }
      return sides.map { $0.joined(separator: ", ") }
    }
  }

  private var limits: String? {
    var phrases: [String] = []
    if let floor = decision.floor, let desired = decision.desired,
      input.policy.load != nil, floor == desired, (decision.load ?? 0) < floor
    {
      phrases.append("the throughput floor is \(floor)")
    }
    if decision.reasons.budget == .limited, let desired = decision.desired {
      phrases.append(
        "\(desired) wanted, cut to the budget of \(Phrase.count(input.policy.gpuBudget ?? 0, "GPU"))"
      )
    } else if let desired = decision.desired, let final = decision.final, desired != final {
      phrases.append("\(desired) wanted, damped")
    }
    return phrases.isEmpty ? nil : phrases.joined(separator: "; ")
  }

  private func tokens(_ value: Double) -> String { "\(Phrase.number(value, digits: 0)) tokens" }
}

/// Says in words what one latency says of the workers.
struct LoadExplanation {
  let side: LoadSide
  let input: DecisionInput

  /// The phrase, without a full stop.
  var phrase: String {
    let name = side.latency == .ttft ? "TTFT" : "ITL"
    let unit = side.latency == .ttft ? "active prefill tokens" : "active decode blocks"
    switch side.reason {
    case .insufficientData:
      guard case .insufficient(let have, let need) = side.bound else { return "\(name): no data" }
      return "\(name): \(have) of the \(need) observations needed"
    case .regressionUnusable:
      return
        "\(name): load does not drive latency in what was seen, and nothing was within the target of \(target)"
    case .targetUnreachable:
      return "\(name): the target of \(target) can't be met even by an idle worker"
    case .overload:
      return
        "\(name): every worker misses the target of \(target) while busier than usual, and no load seen would meet it (\(loads))"
    case .scaleUp where side.wanted != nil:
      return
        "\(name): \(agreement) show more than \(threshold) \(unit) a worker (\(loads)); \(side.wanted ?? 0) workers would carry no more"
    case .scaleUp:
      return "\(name): every worker carries more than \(threshold) \(unit) (\(loads))"
    case .scaleDown where side.agreement != nil:
      return
        "\(name): \(agreement) show nine workers in ten below \(number(side.scaleDownBoundary)) \(unit), what one worker less could take (\(loads))"
    case .scaleDown:
      return
        "\(name): every worker carries less than \(number(side.scaleDownBoundary)) \(unit), what one worker less could take (\(loads))"
    default:
      return "\(name): the target of \(target) is reached at \(threshold) \(unit) (\(loads))"
    }
  }

  private var target: String {
    let targets = input.policy.targets
    let value = side.latency == .ttft ? targets.ttftMilliseconds : targets.itlMilliseconds
    return "\(Phrase.number(value, digits: 1)) ms"
  }

  private var threshold: String { number(side.threshold) }
  private func number(_ value: Double?) -> String {
    value.map { Phrase.number($0, digits: 0) } ?? "an unknown number of"
  }

  private var agreement: String {
    side.agreement.map { "\($0.agreeing) of \($0.samples) samples" } ?? "the samples"
  }

  private var loads: String {
    let known = side.loads.compactMap(\.load)
    guard let least = known.min(), let most = known.max() else { return "no load shown" }
    return least == most
      ? "now \(number(least))" : "now \(number(least))…\(number(most))"
  }
}
