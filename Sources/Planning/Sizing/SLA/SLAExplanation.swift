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

  /// The phrase, without a full stop.
  var phrase: String {
    [demand, "so \(expected)", oneFewer, reason].compactMap { $0 }.joined(separator: "; ")
  }

  private var demand: String {
    let backlog =
      detail.backlogRequests >= 1
      ? " (with a backlog of \(number(detail.backlogRequests, 0)))" : ""
    let calibrated =
      (sizing.slowdown - 1).magnitude >= 0.01
      ? " on engines that count as \(number(sizing.slowdown, 2)) times as slow as profiled" : ""
    let requests = "\(number(detail.requestsPerSecond, 1)) requests/s\(headroom)\(backlog)"
    switch component {
    case .prefill:
      return
        "\(requests) of \(number(sizing.tokens, 0)) prompt tokens keep \(number(sizing.exactReplicas ?? 0, 1)) replicas busy\(calibrated)"
    case .decode:
      let limit = detail.concurrency.map { number($0.limit, 1) } ?? "no"
      let why =
        detail.concurrency?.isKVBound == true ? "the KV cache holds" : "ITL ≤ \(target) allows"
      return
        "\(requests) are \(number(sizing.demandTokensPerSecond, 0)) output tokens/s, and a replica may have \(limit) sequences, which \(why)\(calibrated)"
    }
  }

  private var headroom: String {
    guard let headroom = detail.headroom, headroom.factor >= 1.005 else { return "" }
    return " (\(headroom.phrase))"
  }

  private var expected: String {
    let outlook = detail.outlook
    let share = Numbers.percent(outlook.attainment)
    switch component {
    case .prefill:
      return
        "with \(outlook.replicas), busy \(Numbers.percent(outlook.utilisation)) of the time, \(share) of the first tokens come within \(target)"
    case .decode:
      let mean = detail.concurrency?.mean.map { number($0, 1) } ?? "too many"
      let peak = detail.concurrency?.peak.map { number($0, 1) } ?? "too many"
      return
        "\(outlook.replicas) have \(mean) each on average and up to \(peak) for \(Numbers.percent(detail.quantile)) of the requests"
    }
  }

  private var oneFewer: String? {
    guard let fewer = detail.oneFewer else { return nil }
    return
      "\(fewer.replicas) would keep \(Numbers.percent(fewer.attainment)) within the target"
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
