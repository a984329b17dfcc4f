import Forecasting

/// All that survives from one invocation to the next.
public struct PlannerState: Sendable, Equatable {
  /// The predictors of the traffic; nil before any traffic was seen.
  public var predictors: TrafficPredictors?
  /// The load regressions and what is known of each worker.
  public var load: LoadState
  /// What the sizing rules have learned.
  public var sizing: SizingState
  /// What earlier decisions left: floor, recommendations, since when they are held.
  public var decision: DecisionState
  /// What people have said; a planner obeys it and changes nothing of it.
  public var controls: [Control]

  /// Creates the state of a planner that has seen nothing.
  public init(
    predictors: TrafficPredictors? = nil, load: LoadState = LoadState(),
    sizing: SizingState = SizingState(), decision: DecisionState = DecisionState(),
    controls: [Control] = []
  ) {
    self.predictors = predictors
    self.load = load
    self.sizing = sizing
    self.decision = decision
    self.controls = controls
  }
}
