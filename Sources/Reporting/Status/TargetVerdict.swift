import Invocation
import Planning
import Presentation

/// One latency held against its target.
public struct TargetVerdict: Encodable, Sendable, Equatable {
  /// `TTFT` or `ITL`.
  public var name: String
  /// The target, milliseconds.
  public var targetMilliseconds: Double
  /// The mean of the newest interval, milliseconds; nil when unknown.
  public var observedMilliseconds: Double?
  /// Share of the requests or tokens within the target; nil when unknown.
  public var share: Double?
  /// Share that is asked for; nil where the mean counts.
  public var askedShare: Double?

  enum CodingKeys: String, CodingKey {
    case name, share, met
    case targetMilliseconds = "target_ms"
    case observedMilliseconds = "observed_ms"
    case askedShare = "asked_share"
  }

  /// Whether the target is met; nil when nobody knows.
  public var isMet: Bool? {
    if let share, let askedShare { return share >= askedShare }
    return observedMilliseconds.map { $0 <= targetMilliseconds }
  }

  /// `TTFT 550 ms, target 500: missed`.
  public var text: String {
    let target = Numbers.short(targetMilliseconds, 1)
    let seen = observedMilliseconds.map { "\(Numbers.short($0, 1)) ms" } ?? "unknown"
    let verdict = isMet.map { $0 ? "met" : "missed" } ?? "nobody knows"
    guard let share, let askedShare else { return "\(name) \(seen), target \(target): \(verdict)" }
    return
      "\(name) \(seen) on average, \(Numbers.percent(share)) within \(target) of \(Numbers.percent(askedShare)) asked: \(verdict)"
  }

  /// Both latencies of a decision, TTFT first.
  public static func all(of decision: PastDecision) -> [TargetVerdict] {
    let targets = decision.record.input.policy.targets
    let seen = decision.document.observed
    let asked = decision.record.input.policy.throughput?.sizing.askedShare
    return [
      TargetVerdict(
        name: "TTFT", targetMilliseconds: targets.ttftMilliseconds,
        observedMilliseconds: seen?.ttftMilliseconds, share: seen?.ttftShare, askedShare: asked),
      TargetVerdict(
        name: "ITL", targetMilliseconds: targets.itlMilliseconds,
        observedMilliseconds: seen?.itlMilliseconds, share: seen?.itlShare, askedShare: asked),
    ]
  }

  /// Writes the verdict with what it is made of.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(targetMilliseconds, forKey: .targetMilliseconds)
    try container.encode(observedMilliseconds, forKey: .observedMilliseconds)
    try container.encode(share, forKey: .share)
    try container.encode(askedShare, forKey: .askedShare)
    try container.encode(isMet, forKey: .met)
  }
}

extension SizingRule {
  /// The share of the requests that shall meet the targets; nil under a rule that goes by means.
  fileprivate var askedShare: Double? {
    if case .sla(let policy) = self { policy.quantile } else { nil }
  }
}
