import Forecasting

/// What the user decided that planning depends on.
public struct PlannerSettings: Sendable {
  /// How to plan; the GPU counts in it count where the deployment states none.
  public var policy: PlanningPolicy
  /// How the traffic is forecast.
  public var predictor: PredictorSettings
  /// Intervals that are caught up with at most, at least 1.
  public var catchUpIntervals: Int
  /// Seconds after its end that an interval counts as ended: samples that come late are waited for.
  public var settleSeconds: Double
  /// Whether the router tells how many workers there are (the virtual environment).
  public var countsWorkersByRouter: Bool
  /// Whether scale-down stabilisation follows from the start-up time that was learned, because the
  /// user named none.
  public var stabilizesByStartUp: Bool
  /// Windows of time in which counts or the budget are bounded; nil for none.
  public var calendar: PlanningCalendar?

  /// Creates settings.
  public init(
    policy: PlanningPolicy, predictor: PredictorSettings, catchUpIntervals: Int = 500,
    settleSeconds: Double = 0, countsWorkersByRouter: Bool = false,
    stabilizesByStartUp: Bool = false, calendar: PlanningCalendar? = nil
  ) {
    self.calendar = calendar
    self.stabilizesByStartUp = stabilizesByStartUp
    self.policy = policy
    self.predictor = predictor
    self.catchUpIntervals = catchUpIntervals
    self.settleSeconds = settleSeconds
    self.countsWorkersByRouter = countsWorkersByRouter
  }

  /// The policy for a deployment: its GPUs per replica, where it states them, count before those of
  /// the settings.
  func policy(for status: DeploymentStatus?) -> PlanningPolicy {
    var policy = policy
    if policy.throughput?.enginePrior?.model == nil, let model = status?.modelName {
      policy.throughput?.enginePrior?.model = model
    }
    for component in policy.mode.components {
      if let gpus = status?.components[component]?.gpusPerReplica {
        policy.gpusPerReplica[component] = gpus
      }
    }
    return policy
  }

  /// Where the deployment stands.
  func position(_ status: DeploymentStatus, workers: WorkerReport?) -> DeploymentPosition {
    DeploymentPosition(
      status, workers: workers, mode: policy.mode, countsWorkersByRouter: countsWorkersByRouter)
  }
}
