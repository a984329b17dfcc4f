/// What the deployment is made of and which part of it is scaled.
public enum DeploymentMode: String, Codable, Sendable, CaseIterable {
  /// Separate prefill and decode workers, both scaled.
  case disagg
  /// Only the prefill workers of a disaggregated deployment are scaled.
  case prefill
  /// Only the decode workers of a disaggregated deployment are scaled.
  case decode
  /// Workers that do prefill and decode; the router and the keys call them `decode`.
  case agg

  /// The components this mode scales, prefill before decode.
  public var components: [Component] {
    switch self {
    case .disagg: [.prefill, .decode]
    case .prefill: [.prefill]
    case .decode, .agg: [.decode]
    }
  }

  /// The components whose work these replicas do: aggregated workers do that of both.
  public var workComponents: [Component] { self == .agg ? [.prefill, .decode] : components }
}

/// A group of identical workers whose replica count is one number.
///
/// Aggregated workers are `decode`: so the router labels them, and so the original planner's
/// users find them.
public enum Component: String, Codable, Sendable, CaseIterable, Comparable, CodingKeyRepresentable {
  /// Workers that turn prompts into KV cache and the first token.
  case prefill
  /// Workers that generate the tokens after the first (in `agg`, all of them).
  case decode

  /// Prefill sorts before decode.
  public static func < (left: Component, right: Component) -> Bool {
    left == .prefill && right == .decode
  }
}

/// The two latency targets.
public struct LatencyTargets: Codable, Sendable, Equatable {
  /// Target time to first token, in milliseconds, above 0.
  public var ttftMilliseconds: Double
  /// Target inter-token latency, in milliseconds, above 0.
  public var itlMilliseconds: Double

  /// Creates the pair of targets.
  public init(ttftMilliseconds: Double, itlMilliseconds: Double) {
    self.ttftMilliseconds = ttftMilliseconds
    self.itlMilliseconds = itlMilliseconds
  }
}
