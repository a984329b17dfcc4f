import Forecasting
import Invocation
import Planning
import Presentation

/// One decision told to the last number: what was seen, what was expected, the arithmetic, what
/// limited it, what was sent, and what the next decision saw happen.
public struct DecisionStory: Sendable {
  let decision: PastDecision
  let next: PastDocument?
  let newerTraffic: PastDocument?
  let times: TimeStyle

  /// Creates the story.
  ///
  /// - Parameters:
  ///   - next: the decision on the same deployment that came after it, if there is one.
  ///   - newerTraffic: the first decision after it that saw an interval which ended later.
  public init(
    _ decision: PastDecision, next: PastDocument?, newerTraffic: PastDocument? = nil,
    times: TimeStyle = .utc
  ) {
    self.times = times
    self.decision = decision
    self.next = next
    self.newerTraffic = newerTraffic
  }

  /// Whether `later` saw an interval which ended after the one that `decision` saw.
  public static func sawNewerTraffic(_ later: PastDocument, than decision: PastDecision) -> Bool {
    guard let end = (later.document.observed?.intervalEnd).flatMap(Instant.rfc3339)
    else { return false }
    return end > (decision.record.input.traffic.map { Double($0.newest.intervalEnd) } ?? .infinity)
  }

  /// The story, a paragraph a step.
  public var text: String {
    var sections = [answer, heading, observed, forecast, correction]
    for component in decision.document.components.keys.sorted() {
      sections += [
        throughput(component), load(component), result(component),
      ]
    }
    sections += [controls, sent, outcome, warnings]
    return sections.compactMap { $0 }.joined(separator: "\n\n")
  }

  private var input: DecisionInput { decision.record.input }
  private var made: Decision { decision.record.decision }

  /// What was decided and why, before everything that it rests on.
  private var answer: String {
    made.components.sorted { $0.key < $1.key }
      .flatMap { TextWrap.lines($0.value.explanation, rest: "  ") }.joined(separator: "\n")
  }

  private var heading: String {
    let targets = input.policy.targets
    return """
      Decision \(decision.id) on \(decision.document.deployment), \
      \(times.text(rfc3339: decision.document.time)): \
      \(decision.document.status.rawValue)
      Mode \(input.policy.mode.rawValue); targets TTFT \(number(targets.ttftMilliseconds)) ms, ITL \
      \(number(targets.itlMilliseconds)) ms; at least \(Numbers.count(input.policy.minimumReplicas, "replica")) \
      each, GPU budget \(input.policy.gpuBudget.map { String($0) } ?? "none")
      """
  }

  // MARK: Traffic

  private var observed: String? {
    guard let traffic = input.traffic, let policy = input.policy.throughput else { return nil }
    let interval =
      "\(policy.intervalSeconds) s until \(times.text(Double(traffic.newest.intervalEnd)))"
    switch traffic.newest {
    case .unknown(_, let reason):
      return "Observed (\(interval)): nothing is known. \(reason)"
    case .known(let seen):
      var lines = ["Observed (\(interval)):", "  requests          \(number(seen.requestCount))"]
      for (name, value, unit) in [
        ("ISL", seen.isl, "tokens"), ("OSL", seen.osl, "tokens"),
        ("TTFT", seen.ttftMilliseconds, "ms"), ("ITL", seen.itlMilliseconds, "ms"),
        ("request duration", seen.requestDurationSeconds, "s"),
      ] {
        lines.append("  \(padded(name, 17)) \(value.map { "\(number($0)) \(unit)" } ?? "unknown")")
      }
      lines += demand(seen)
      if let query = traffic.query {
        lines += [
          "  requests from     \(query)",
          "  means from        sum(increase(…_sum)) / sum(increase(…_count)) of each histogram, with the same selector",
        ]
      } else {
        lines.append("  as an earlier decision read it, which names the query")
      }
      return lines.joined(separator: "\n")
    }
  }

  /// What is known beyond completed requests and means.
  private func demand(_ seen: TrafficObservation) -> [String] {
    var lines: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value { lines.append("  \(padded(name, 17)) \(value)") }
    }
    add(
      "arrivals",
      seen.arrivals.map { arrivals in
        let dispersion = arrivals.indexOfDispersion.map {
          ", index of dispersion \(number($0))"
        }
        return "\(number(arrivals.count)) (\(arrivals.basis.rawValue))\(dispersion ?? "")"
      })
    add("in flight", seen.inFlightRequests.map { "\(number($0)) at the end" })
    add("queued", seen.queuedRequests.map { "\(number($0)) at the end" })
    for (name, histogram, unit) in [
      ("ISL spread", seen.spread?.isl, "tokens"), ("OSL spread", seen.spread?.osl, "tokens"),
    ] {
      guard let histogram, let variability = histogram.squaredCoefficientOfVariation,
        let high = histogram.quantile(0.95)
      else { continue }
      add(name, "variance/mean² \(number(variability)), 95 % up to \(number(high)) \(unit)")
    }
    add("TTFT met by", made.attainment?.ttftShare.map { "\(number($0 * 100)) % of first tokens" })
    add("ITL met by", made.attainment?.itlShare.map { "\(number($0 * 100)) % of tokens" })
    return lines
  }

  private var forecast: String? {
    guard let traffic = input.traffic else { return nil }
    guard let expected = traffic.forecast else {
      return "Forecast: there is nothing to forecast from yet."
    }
    let span = input.policy.throughput.map { " for the next \($0.intervalSeconds) s" } ?? ""
    let lines =
      [
        "Forecast\(span) (\(expected.predictor.rawValue)): \(number(expected.requestCount)) requests, ISL \(number(expected.isl)), OSL \(number(expected.osl))"
      ] + models(of: expected) + [plan(of: expected)].compactMap { $0 }
    return lines.joined(separator: "\n")
  }

  private func models(of forecast: TrafficForecast) -> [String] {
    guard let models = forecast.models else { return [] }
    return [("requests", models.requestCount), ("ISL", models.isl), ("OSL", models.osl)].map {
      name, model in
      let text = model.members.map(members) ?? model.choice ?? model.note ?? "no model"
      let aic = model.aic.map { ", AIC \(number($0))" } ?? ""
      return "  \(padded(name, 17)) \(text)\(aic)"
    }
  }

  /// The weighted models, the heaviest first.
  private func members(_ members: [ModelSummary.Member]) -> String {
    members.sorted { $0.weight > $1.weight }.map { member in
      let mae = member.mae.map { " (MAE \(number($0)))" } ?? ""
      return "\(member.name) \(number((1000 * member.weight).rounded() / 10)) %\(mae)"
    }.joined(separator: ", ")
  }

  private func plan(of forecast: TrafficForecast) -> String? {
    guard let plan = forecast.plan else { return nil }
    let quantile = plan.quantile.map { ", and its quantile \(number($0))" } ?? ""
    let coverage =
      plan.coverage.map { " (it covered \(number(100 * $0)) % of the past values)" } ?? ""
    return
      "  planned           for the largest of \(Numbers.count(plan.intervals, "interval"))\(quantile)\(coverage); the next interval alone: \(number(plan.nextRequestCount)) requests"
  }

  private var correction: String? {
    guard let policy = input.policy.throughput else { return nil }
    guard policy.usesCorrection else {
      return "Engines count as fast as profiled (correction is off)"
    }
    let factors = made.slowdown
    return
      "Engines count as: prefill \(SlowdownWords.text(factors.prefill)), decode \(SlowdownWords.text(factors.decode))"
  }

  private func throughput(_ component: Component) -> String? {
    guard input.policy.throughput != nil, let decided = made.components[component] else {
      return nil
    }
    let title = "\(component.rawValue), throughput: \(decided.reasons.throughput.rawValue)"
    guard let sizing = decided.sizing else { return title }
    if let expectation = sizing.expectation {
      return expected(component, title, sizing, expectation)
    }
    let length = component == .prefill ? "ISL" : "context ISL + OSL/2 ="
    let exact = sizing.exactReplicas.map(number) ?? "no number"
    var lines = [
      title,
      "  demand            \(number(sizing.demandTokensPerSecond)) tokens/s",
      "  capacity          \(number(sizing.throughputPerGPU)) tokens/s per GPU × \(Numbers.count(sizing.gpusPerReplica, "GPU")), at \(length) \(number(sizing.tokens))",
    ]
    if let concurrency = sizing.concurrency {
      lines.append("  at a concurrency of \(number(concurrency)) per replica")
    }
    lines.append(
      "  replicas          ⌈\(number(sizing.demandTokensPerSecond)) / (\(number(sizing.throughputPerGPU)) × \(sizing.gpusPerReplica))⌉ = ⌈\(exact)⌉, at least \(input.policy.minimum(of: component)) → \(sizing.replicas)"
    )
    if let latency = sizing.expectedLatencyMilliseconds {
      lines.append(
        "  \(padded("expected \(component == .prefill ? "TTFT" : "ITL")", 17)) \(number(latency)) ms at that many replicas"
      )
    }
    return lines.joined(separator: "\n")
  }

  private func expected(
    _ component: Component, _ title: String, _ sizing: ReplicaSizing,
    _ expectation: SizingExpectation
  ) -> String {
    let latency = component == .prefill ? "TTFT" : "ITL"
    func outlook(_ outlook: SizingExpectation.Outlook) -> String {
      let quantile =
        outlook.latencyMilliseconds.map {
          "\(number(expectation.quantile * 100)) % within \(number($0)) ms"
        } ?? "a queue that grows"
      return
        "\(padded("\(outlook.replicas) replicas", 16))  \(latency) met by \(number(outlook.attainment * 100)) %, load \(number(outlook.utilisation * 100)) %, \(quantile)"
    }
    let headroom =
      expectation.headroom.map {
        "\($0.phrase); meant to cover \(number($0.share * 100)) % of the requests"
      } ?? "none: the forecast itself decides"
    var lines = [
      title,
      "  headroom          \(headroom)",
      "  demand            \(number(expectation.requestsPerSecond)) requests/s, \(number(sizing.demandTokensPerSecond)) tokens/s, \(number(expectation.backlogRequests)) waiting beyond the usual",
      "  engines           \(SlowdownWords.text(sizing.slowdown))",
    ]
    switch expectation.arithmetic {
    case .queue(let queue):
      let wait = queue.waitMilliseconds.map { "\(number($0)) ms" } ?? "for ever"
      lines.append(
        "  queue             \(number(queue.delayProbability * 100)) % wait, \(number(expectation.quantile * 100)) % not longer than \(wait)"
      )
    case .mixed(let mixed):
      let mean = mixed.mean.map { number($0) } ?? "too many"
      let prompts = mixed.promptShare.map { number($0 * 100) } ?? "more than 98"
      lines.append(
        "  mixed steps       prompts take \(prompts) % of the time; \(mean) sequences per replica, at most \(number(mixed.limit))"
      )
    case .concurrency(let concurrency):
      let mean = concurrency.mean.map { number($0) } ?? "too many"
      let peak = concurrency.peak.map { number($0) } ?? "too many"
      lines.append(
        "  sequences         \(mean) per replica, up to \(peak); at most \(number(concurrency.limit))"
      )
    }
    lines.append("  \(outlook(expectation.outlook))")
    if let fewer = expectation.oneFewer { lines.append("  \(outlook(fewer))") }
    lines.append("  bound by          \(expectation.bound.rawValue)")
    return lines.joined(separator: "\n")
  }

  // MARK: Load

  private func load(_ component: Component) -> String? {
    guard input.policy.load != nil, let decided = made.components[component] else { return nil }
    let title = "\(component.rawValue), load: \(decided.reasons.load.rawValue)"
    guard let verdict = decided.verdict else {
      return input.workers?.failure.map { "\(title)\n  \($0)" } ?? title
    }
    let ready = decided.ready.map { String($0) } ?? "unknown"
    var lines = [title, "  workers seen      \(verdict.seen) (ready: \(ready))"]
    for side in verdict.sides { lines += self.side(side) }
    return lines.joined(separator: "\n")
  }

  private func side(_ side: LoadSide) -> [String] {
    let isTTFT = side.latency == .ttft
    let name = isTTFT ? "TTFT" : "ITL"
    let unit = isTTFT ? "prefill tokens" : "decode blocks"
    var lines = ["  \(name) over \(unit): \(regression(side.bound))"]
    if let threshold = side.threshold {
      lines.append(
        "    up above        \(number(threshold)) \(unit) on \(side.agreement == nil ? "every worker" : "average")\(isTTFT ? " (the bound less the mean ISL)" : "")"
      )
    }
    if let boundary = side.scaleDownBoundary {
      lines.append(
        "    down below      \(number(boundary)) \(unit) on \(side.agreement == nil ? "every worker" : "nine workers in ten")"
      )
    }
    if let agreement = side.agreement {
      lines.append(
        "    agreed by       \(agreement.agreeing) of \(agreement.samples) samples (\(agreement.needed) needed)"
      )
    }
    if let wanted = side.wanted {
      lines.append("    workers wanted  \(wanted), which bring the mean load to the limit")
    }
    for worker in side.loads {
      let load = worker.load.map { "\(number($0)) \(unit)" } ?? "load not shown"
      let latency = worker.latencyMilliseconds.map { "last \(name) \(number($0)) ms" }
      lines.append(
        "    worker \(worker.workerID): \([load, latency].compactMap { $0 }.joined(separator: ", "))"
      )
    }
    if let omitted = side.omittedLoads {
      lines.append("    … and \(omitted) more workers, of which the state keeps no more than that")
    }
    return lines
  }

  private func regression(_ bound: LoadBound) -> String {
    switch bound {
    case .insufficient(let observations, let needed):
      return "\(observations) of the \(needed) observations needed"
    case .line(let load, let slope, let intercept):
      return
        "latency = \(number(slope)) · load + \(number(intercept)) ms reaches the target at \(number(load))"
    case .largestWithinTarget(let load, let slope, _):
      return
        "slope \(number(slope)) says nothing; the largest load seen within the target is \(number(load))"
    case .unusable(let slope, _):
      return "slope \(number(slope)) says nothing, and no load seen was within the target"
    }
  }

  // MARK: Result

  private func result(_ component: Component) -> String? {
    guard let decided = made.components[component] else { return nil }
    func text(_ count: Int?) -> String { count.map { String($0) } ?? "–" }
    let trail = TrailText(trail: decided.trail ?? [], times: times).lines.map { "\n\($0)" }.joined()
    return """
      \(component.rawValue), result
        current \(text(decided.current)), ready \(text(decided.ready)), needed \
      \(text(decided.throughput)), load \(text(decided.load)), floor \(text(decided.floor)) → wanted \
      \(text(decided.desired)), \
      budget \(decided.reasons.budget.rawValue) → \(text(decided.final))\(trail)
      """
  }

  private var controls: String? {
    guard let controls = input.controls, !controls.isEmpty else { return nil }
    return "What people and the calendar had said:\n"
      + controls.map { "  " + ControlText($0, now: input.time, times: times).sentence }
      .joined(separator: "\n")
  }

  private var sent: String {
    let changes = made.changes
    switch decision.document.status {
    case .applied:
      let orders = made.phases.map { phase in
        phase.map { "\($0.rawValue) \(made.targets[$0].map { String($0) } ?? "–")" }
          .joined(separator: " and ")
      }
      return "Sent and confirmed: \(orders.joined(separator: ", then "))."
    case .failed: return "Not confirmed: \(decision.document.error ?? "no reason was saved")"
    case .dryRun:
      return
        "Nothing was sent (dry run); it would have changed \(changes.map(\.rawValue).joined(separator: " and "))."
    case .published:
      return
        "Published, not applied here; an autoscaler is to change \(changes.map(\.rawValue).joined(separator: " and "))."
    case .pending: return "Saved, not yet known to be applied."
    case .held, .unchanged: return "Nothing was sent."
    }
  }

  private var outcome: String? {
    guard let next else { return "No later decision has been made yet." }
    // What a hold did not know, a later decision's numbers would only blur.
    guard decision.document.status != .held else {
      return
        "The next is decision \(next.id), \(times.text(rfc3339: next.document.time)): \(next.document.status.rawValue)."
    }
    var lines = ["What decision \(next.id) saw, \(times.text(rfc3339: next.document.time)):"]
    for (name, component) in next.components {
      func text(_ count: Int?) -> String { count.map { String($0) } ?? "–" }
      lines.append(
        "  \(name.rawValue): \(text(component.current)) current, \(text(component.ready)) ready")
    }
    if let traffic = trafficThatCame { lines.append(traffic) }
    return lines.joined(separator: "\n")
  }

  /// The next interval beside what was expected of it.
  private var trafficThatCame: String? {
    guard let newerTraffic, let seen = newerTraffic.document.observed else { return nil }
    let expected =
      made.forecast.map { " (forecast: \(number($0.plan?.nextRequestCount ?? $0.requestCount)))" }
      ?? ""
    let latencies =
      "TTFT \(seen.ttftMilliseconds.map(number) ?? "–") ms, ITL \(seen.itlMilliseconds.map(number) ?? "–") ms"
    return
      "  traffic until \(times.text(rfc3339: seen.intervalEnd)): \(number(seen.requestCount)) requests\(expected), \(latencies)"
  }

  private var warnings: String? {
    made.warnings.isEmpty ? nil : WarningLines.lines(made.warnings).joined(separator: "\n")
  }

  private func number(_ value: Double) -> String {
    Numbers.short(value, value.magnitude >= 1000 ? 0 : value.magnitude >= 1 ? 3 : 6)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
