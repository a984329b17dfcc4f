import Presentation

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
    case .scalingInProgress: input.deployment.readiness.waitReason ?? "scaling is in progress"
    case .trafficUnknown: "\(unknownTraffic)\(keptFloor)"
    case .noTrafficYet: "no request has been seen yet, so there is nothing to size for"
    case .lengthsUnknown:
      "there are requests, but nothing is known of their lengths, so there is nothing to size with"
    case .holdFallback:
      "decisions have been held longer than --hold-limit, so --hold-fallback counts"
    case .scaleUp, .scaleDown, .noChange:
      [decision.sizing.map { SizingExplanation(component, $0, input).phrase }, inFlight]
        .compactMap { $0 }.joined(separator: "; ")
    }
  }

  private var inFlight: String? {
    guard let inProgress = input.deployment.readiness.waitReason, policy.load == nil else {
      return nil
    }
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

  private var load: String? {
    switch decision.reasons.load {
    case .disabled, .scalingInProgress:
      return decision.reasons.throughput == .scalingInProgress
        ? nil : decision.reasons.load == .disabled ? nil : input.deployment.readiness.waitReason
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
        "\(desired) wanted, cut to the budget of \(Numbers.count(input.policy.gpuBudget ?? 0, "GPU"))"
      )
    } else if let desired = decision.desired, let final = decision.final, desired != final {
      phrases.append("\(desired) wanted, \(damped)")
    }
    return phrases.isEmpty ? nil : phrases.joined(separator: "; ")
  }

  /// What keeps the count from changing as fast as is wanted, and until when.
  private var damped: String {
    guard let damping = decision.damping else { return "damped" }
    switch damping.reason {
    case .stabilized:
      let window = Phrase.number(
        input.policy.damping.scaleDownStabilizationSeconds, digits: 0)
      let left = damping.until.map {
        ", for \(Durations.short(seconds: max(0, $0 - input.time))) more"
      }
      return "damped: the last \(window) s asked for more\(left ?? "")"
    case .smallLoss: return "damped: too small a loss to be worth a change"
    default: return "damped: one decision changes no more"
    }
  }
}
