/// What arrived in a short, complete stretch of time: rate and lengths together.
public struct WorkStep: Codable, Sendable, Equatable {
  /// End of the step, Unix seconds.
  public var end: Int
  /// Length in seconds, above 0.
  public var seconds: Int
  /// Requests that arrived.
  public var requests: Double
  /// Tokens a second that each component has to work off: prompt tokens for prefill, output tokens
  /// for decode.
  public var tokensPerSecond: [Component: Double]

  /// Creates a step.
  public init(end: Int, seconds: Int, requests: Double, tokensPerSecond: [Component: Double]) {
    self.end = end
    self.seconds = seconds
    self.requests = requests
    self.tokensPerSecond = tokensPerSecond
  }

  /// Whether every number is one: finite, at least 0, of a positive time.
  var isUsable: Bool {
    seconds > 0 && requests.isFinite && requests >= 0
      && tokensPerSecond.values.allSatisfy { $0.isFinite && $0 >= 0 }
  }
}
