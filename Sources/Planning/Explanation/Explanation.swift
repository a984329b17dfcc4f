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

  /// At most two sentences: what happens and the rule that decided it, then what else there is to
  /// say. The operands are `explain`'s affair.
  var sentence: String {
    // A reason that comes from outside may be a sentence of its own.
    let parts = ordered.map(Phrase.withoutFullStop)
    let first = "\(headline): \(parts.first ?? "nothing to do")."
    return parts.count < 2 ? first : "\(first) \(Phrase.capitalised(parts[1]))."
  }

  /// What there is to say, the rule that decided first.
  private var ordered: [String] {
    let needs = isByLoad ? [load, throughput] : [throughput, load]
    let all = decision.isHeld ? holds + [limits] + needs : [limits] + needs
    var parts: [String] = []
    for part in (all + [inFlight, circumstances]).compactMap({ $0 }) where !parts.contains(part) {
      parts.append(part)
    }
    return parts
  }

  /// What is missing or in the way of a component that is held.
  private var holds: [String?] {
    let missing: [ThroughputReason] = [.trafficUnknown, .lengthsUnknown, .scalingInProgress]
    let unseen: [LoadReason] = [.workersUnknown, .floorUnknown, .workerCountMismatch, .noWorkers]
    return [
      missing.contains(decision.reasons.throughput) ? throughput : nil,
      unseen.contains(decision.reasons.load) ? load : nil,
    ]
  }

  /// Whether the count is what the load asks for rather than what the forecast needs.
  private var isByLoad: Bool {
    guard let load = decision.load, load == decision.desired else { return false }
    return [.scaleUp, .scaleDown, .overload].contains(decision.reasons.load)
      && decision.throughput != decision.desired
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
      decision.sizing.map { SizingExplanation(component, $0, input).phrase }
    }
  }

  /// What the sizing counted in besides the traffic.
  private var circumstances: String? {
    decision.sizing.flatMap { SizingExplanation(component, $0, input).circumstances }
  }

  private var inFlight: String? {
    guard let inProgress = input.deployment.readiness.waitReason, policy.load == nil,
      decision.reasons.throughput != .scalingInProgress
    else { return nil }
    let backlog =
      (decision.desired ?? 0) < (decision.throughput ?? 0)
      ? ", and what waits has until a worker ordered now is ready" : ""
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
      if input.policy.load?.target != nil { return thresholds }
      let sides = decision.verdict?.sides ?? []
      let decisive = sides.first { $0.reason == decision.reasons.load } ?? sides.first
      return decisive.map { LoadExplanation(side: $0, input: input).phrase }
    }
  }

  private var thresholds: String {
    switch decision.reasons.load {
    case .scaleUp: "a worker is above the threshold of queue or KV cache"
    case .scaleDown: "every worker is below the lower threshold of queue or KV cache"
    case .insufficientData:
      "the workers state no context length or KV cache size to compare with, or show no load"
    default: "no threshold of queue or KV cache is crossed"
    }
  }

  private var limits: String? {
    var phrases: [String] = []
    if let floor = decision.floor, let desired = decision.desired,
      input.policy.load != nil, floor == desired, (decision.load ?? 0) < floor
    {
      phrases.append("the throughput floor is \(floor)")
    }
    let control = controlled
    if let control {
      let isMoved = decision.desired.map { $0 != decision.final } ?? false
      let wanted = decision.desired.flatMap { isMoved ? "\($0) wanted, " : nil } ?? ""
      phrases.append("\(wanted)\(control)")
    }
    if decision.reasons.budget == .limited, let desired = decision.desired, control == nil {
      phrases.append(
        "\(desired) wanted, cut to the budget of \(Numbers.count(input.policy.gpuBudget ?? 0, "GPU"))"
      )
    } else if decision.reasons.budget == .limited {
      phrases.append("cut to the budget of \(Numbers.count(input.policy.gpuBudget ?? 0, "GPU"))")
    } else if let desired = decision.desired, let final = decision.final, desired != final,
      control == nil
    {
      phrases.append("\(desired) wanted, \(damped)")
    }
    return phrases.isEmpty ? nil : phrases.joined(separator: "; ")
  }

  /// What a person or the calendar said that counts; nil where it changes nothing.
  private var controlled: String? {
    guard let adjustment = decision.trail?.last(where: { $0.reason.isControl }),
      let end = ControlRange(component, base: decision.asked ?? decision.current, input)
        .end(for: adjustment)
    else { return nil }
    return end.control.phrase(at: input.time, bound: end.count)
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
    case .backlog: return "damped: nothing shrinks while requests wait"
    case .startAbandoned:
      return "workers that were asked for don't come (start-abandoned)"
    case .smallLoss: return "damped: too small a loss to be worth a change"
    default: return "damped: one decision changes no more"
    }
  }
}
