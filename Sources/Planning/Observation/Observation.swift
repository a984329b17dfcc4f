/// What one moment showed of the world. A part that could not be seen is nil, or says why.
public struct Observation: Sendable {
  /// Unix seconds that count as now.
  public var time: Double
  /// The deployment; nil when it could not be read.
  public var deployment: DeploymentStatus?
  /// The intervals that were asked for; nil when none was.
  public var traffic: TrafficReport?
  /// The traffic in steps shorter than the intervals, as far as it is new; empty where the source
  /// knows intervals only.
  public var steps: StepReport
  /// The workers; nil when load-based scaling is off.
  public var workers: WorkerReport?

  /// Creates an observation.
  public init(
    time: Double, deployment: DeploymentStatus?, traffic: TrafficReport? = nil,
    steps: StepReport = StepReport(), workers: WorkerReport? = nil
  ) {
    self.time = time
    self.deployment = deployment
    self.traffic = traffic
    self.steps = steps
    self.workers = workers
  }

  /// What observing the traffic and the workers brought up that a person should know.
  var warnings: [String] {
    (traffic?.warnings ?? []) + steps.warnings + (workers?.warnings ?? [])
  }
}
