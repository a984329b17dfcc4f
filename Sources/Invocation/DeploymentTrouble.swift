import Planning
import Presentation

/// Something about a decision that whoever looks at the deployment should find there.
public struct DeploymentTrouble: Sendable, Equatable {
  /// What it is.
  public enum Kind: Sendable, Equatable {
    /// The decision could not be applied.
    case failed
    /// Decisions have been held for long, since then (Unix seconds).
    case held(since: Double)
  }

  /// What it is.
  public var kind: Kind
  /// What there is to know.
  public var sentence: String
  /// Unix seconds of the decision.
  public var time: Double

  /// Creates trouble.
  public init(_ kind: Kind, _ sentence: String, time: Double) {
    self.kind = kind
    self.sentence = sentence
    self.time = time
  }

  /// Seconds after which a hold is worth a word: longer than a rollout of a few workers takes.
  public static let longHoldSeconds = 600.0
}

extension DeploymentTrouble {
  /// The trouble that a decision is which has been held for long; nil for any other.
  init?(holdOf decision: Decision) {
    guard decision.status == .held, let seconds = decision.holdSeconds,
      seconds >= Self.longHoldSeconds
    else { return nil }
    let sentences = decision.components.sorted { $0.key < $1.key }.map(\.value.explanation)
    self.init(
      .held(since: decision.time - seconds),
      "Decisions have been held for \(Durations.short(seconds: seconds)). "
        + sentences.joined(separator: " "), time: decision.time)
  }
}
