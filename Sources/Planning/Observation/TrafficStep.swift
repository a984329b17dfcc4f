/// The traffic of a short time, complete: what the demand is learned from.
public struct TrafficStep: Sendable, Equatable {
  /// What was counted; `intervalEnd` is the step's end.
  public var observation: TrafficObservation
  /// Length in seconds, above 0.
  public var seconds: Int

  /// Creates a step.
  public init(_ observation: TrafficObservation, seconds: Int) {
    self.observation = observation
    self.seconds = seconds
  }
}
