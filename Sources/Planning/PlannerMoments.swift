import Forecasting

/// A moment when all that it showed has been learned.
public struct LearnedMoment: Sendable {
  /// What it showed.
  public var observation: Observation
  /// What is known by now.
  public var state: PlannerState
  /// The traffic observations that are new, oldest first: to be stored.
  public var newTraffic: [TrafficObservation] = []
  /// The newest interval as just read, or as it was when it was read before; nil without
  /// throughput-based scaling.
  public var newest: TrafficReading?
  /// Recorded intervals that new predictors were warmed up on; nil when they were not.
  public var warmUpIntervals: Int?

  init(observation: Observation, state: PlannerState) {
    self.observation = observation
    self.state = state
  }
}

/// A moment when the traffic to plan for has been forecast.
public struct ForecastMoment: Sendable {
  /// What was learned; its state holds what is planned for as well.
  public var learned: LearnedMoment
  /// The forecast; nil when there is nothing to forecast from.
  public var forecast: TrafficForecast?
}

/// A moment with its decision.
public struct DecidedMoment: Sendable {
  /// Everything the decision rests on.
  public var input: DecisionInput
  /// The decision.
  public var decision: Decision
  /// What the next moment starts from.
  public var state: PlannerState
}
