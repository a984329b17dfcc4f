import Invocation
import Planning
import Presentation

/// What a recorded decision and the one made again come to.
public struct AuditOutcome: Sendable, Equatable {
  /// Unix seconds of the decision.
  var time: Double
  /// GPUs after the recorded decision; nil when unknown.
  var gpusWere: Int?
  /// GPUs after the other one; nil when unknown.
  var gpusAre: Int?
  /// What was expected of each component, then and now; only where both are known.
  var shares: [Component: (was: ExpectedShare, now: ExpectedShare)]

  init?(was: DecisionDocument, now: DecisionDocument) {
    guard let time = Instant.rfc3339(was.time) else { return nil }
    self.time = time
    gpusWere = was.gpus.after
    gpusAre = now.gpus.after
    shares = now.components.reduce(into: [:]) { shares, entry in
      guard let then = was.components[entry.key].flatMap(ExpectedShare.init),
        let today = ExpectedShare(entry.value)
      else { return }
      shares[entry.key] = (then, today)
    }
  }

  /// Whether two outcomes are those of the same moment and counts.
  public static func == (left: AuditOutcome, right: AuditOutcome) -> Bool {
    left.time == right.time && left.gpusWere == right.gpusWere && left.gpusAre == right.gpusAre
      && left.shares.keys == right.shares.keys
  }
}

/// What an audit's decisions come to together.
struct AuditTotals {
  /// The longest time between two decisions that counts, seconds: nobody has seen what a deployment
  /// held while its planner was off for longer.
  private static let longestGap = 3600.0

  /// GPU-hours of the recorded counts and of the others, until the next decision each.
  private(set) var gpuHours: (was: Double, now: Double) = (0, 0)
  /// Hours that they cover.
  private(set) var hours = 0.0
  /// Mean shares within the target, each decision weighed alike; an open end counts as its bound.
  private(set) var shares: [Component: (was: Double, now: Double, isBound: Bool)] = [:]

  init(_ outcomes: [AuditOutcome]) {
    let sorted = outcomes.sorted { $0.time < $1.time }
    for (outcome, next) in zip(sorted, sorted.dropFirst()) {
      guard let were = outcome.gpusWere, let are = outcome.gpusAre else { continue }
      let lasted = min(next.time - outcome.time, Self.longestGap) / 3600
      hours += lasted
      gpuHours.was += Double(were) * lasted
      gpuHours.now += Double(are) * lasted
    }
    for component in Component.allCases {
      let known = sorted.compactMap { $0.shares[component] }
      guard !known.isEmpty else { continue }
      let count = Double(known.count)
      shares[component] = (
        known.reduce(0) { $0 + $1.was.bound } / count,
        known.reduce(0) { $0 + $1.now.bound } / count,
        known.contains { if case .below = $0.now { true } else { false } }
      )
    }
  }

  /// One line; nil where there is nothing to add up.
  var text: String? {
    guard hours > 0 else { return nil }
    let parts = shares.sorted { $0.key < $1.key }.map { component, share in
      "\(component.rawValue) \(Numbers.percent(share.was)) → \(share.isBound ? "at most " : "")\(Numbers.percent(share.now))"
    }
    let expected =
      parts.isEmpty ? "" : "; expected within the target: \(parts.joined(separator: ", "))"
    return
      "GPU-hours \(Numbers.short(gpuHours.was, 1)) → \(Numbers.short(gpuHours.now, 1)) in \(Durations.short(seconds: hours * 3600))\(expected)."
  }
}
