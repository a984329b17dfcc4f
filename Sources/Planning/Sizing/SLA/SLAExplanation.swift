import Presentation

/// Says in words why `--sizing sla` asks for a number of replicas.
struct SLAExplanation {
  let component: Component
  let sizing: ReplicaSizing
  let detail: SizingExpectation
  let targets: LatencyTargets

  init(
    _ component: Component, _ sizing: ReplicaSizing, _ detail: SizingExpectation,
    _ targets: LatencyTargets
  ) {
    self.component = component
    self.sizing = sizing
    self.detail = detail
    self.targets = targets
  }

  /// What is needed and what comes of it, without a full stop.
  var phrase: String {
    let rest = detail.bound == .minimum ? reason : oneFewer ?? reason
    return [need, rest].compactMap { $0 }.joined(separator: "; ")
  }

  /// What was counted in besides requests and lengths; nil where that is nothing.
  var circumstances: String? {
    let headroom = detail.headroom.flatMap { $0.factor >= 1.005 ? $0.phrase : nil }
    let backlog =
      detail.backlogRequests >= 1
      ? "a backlog of \(number(detail.backlogRequests, 0)) is worked off" : nil
    let slowdown =
      (sizing.slowdown - 1).magnitude >= 0.01
      ? "engines count as \(number(sizing.slowdown, 2)) times as slow as profiled" : nil
    let all = [headroom, backlog, slowdown].compactMap { $0 }
    return all.isEmpty ? nil : all.joined(separator: "; ")
  }

  private var need: String {
    let outlook = detail.outlook
    let requests = "\(number(detail.requestsPerSecond, 1)) requests/s"
    let replicas = Numbers.count(outlook.replicas, "replica")
    if let mixed = detail.mixed {
      return
        "\(requests) need \(replicas) with \(mixed.mean.map { number($0, 1) } ?? "too many") sequences each, \(Numbers.percent(mixed.ttftAttainment)) of the first tokens within \(number(targets.ttftMilliseconds, 1)) ms and \(Numbers.percent(mixed.itlAttainment)) of the requests within an ITL of \(number(targets.itlMilliseconds, 1)) ms"
    }
    switch component {
    case .prefill:
      return
        "\(requests) of \(number(sizing.tokens, 0)) prompt tokens need \(replicas), with which \(Numbers.percent(outlook.attainment)) of the first tokens come within \(target)"
    case .decode:
      let limit = detail.concurrency.map { number($0.limit, 1) } ?? "no"
      let peak = detail.concurrency?.peak.map { "up to \(number($0, 1))" } ?? "too many"
      let bound = detail.concurrency?.isKVBound == true ? "by KV cache" : "by ITL ≤ \(target)"
      return
        "\(requests) need \(replicas) with \(peak) sequences each, where \(limit) are allowed \(bound)"
    }
  }

  private var oneFewer: String? {
    guard let fewer = detail.oneFewer else { return nil }
    return "\(fewer.replicas) would keep \(Numbers.percent(fewer.attainment))"
  }

  private var reason: String? {
    switch detail.bound {
    case .latency, .kvCache: nil
    case .minimum: "the minimum is \(sizing.replicas)"
    case .idleEngine: "more replicas could not help the rest"
    }
  }

  private var target: String {
    let value =
      component == .prefill ? targets.ttftMilliseconds : targets.itlMilliseconds
    return "\(number(value, 1)) ms"
  }

  private func number(_ value: Double, _ digits: Int) -> String {
    Phrase.number(value, digits: digits)
  }
}
