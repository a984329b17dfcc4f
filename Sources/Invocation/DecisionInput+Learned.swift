import Forecasting
import Planning

extension DecisionInput {
  /// What is decided from: what one moment showed, and what is remembered when it has been learned.
  ///
  /// - Parameters:
  ///   - status: the deployment.
  ///   - newest: the newest interval of the traffic; nil without throughput-based scaling.
  ///   - query: what the traffic was counted by, if it has just been read.
  ///   - memory: after ``Learning`` has learned the moment.
  ///   - warnings: besides those of the deployment.
  package init(
    time: Double, settings: InvocationSettings, status: DeploymentStatus, newest: TrafficReading?,
    query: String? = nil, workers: WorkerReport?, memory: PlannerMemory, warnings: [String]
  ) {
    let policy = settings.policy(for: status)
    let risk = policy.throughput?.sizing.sla.map {
      SLARisk(quantile: $0.quantile, components: policy.mode.components.count)
    }
    self.init(
      time: time, policy: policy,
      deployment: DeploymentPosition(status, workers: workers, settings: settings),
      traffic: newest.map {
        TrafficInput(
          newest: $0, forecast: memory.predictors?.forecast(),
          correction: risk != nil ? memory.calibration.factors : memory.correction,
          indexOfDispersion: memory.calibration.indexOfDispersion, query: query,
          headroom: risk.map { risk in
            Dictionary(
              uniqueKeysWithValues: policy.mode.components.map {
                ($0, memory.calibration.headroom($0, risk))
              })
          })
      },
      workers: workers.map {
        WorkerInput(samples: $0.samples, failure: $0.failure, memory: memory.load)
      },
      memory: memory.decision, warnings: status.warnings + warnings)
  }
}

extension InvocationSettings {
  /// The policy for a deployment: its GPUs per replica, where it states them, count before those of
  /// the settings.
  func policy(for status: DeploymentStatus?) -> PlanningPolicy {
    var policy = policy
    for component in policy.mode.components {
      if let gpus = status?.components[component]?.gpusPerReplica {
        policy.gpusPerReplica[component] = gpus
      }
    }
    return policy
  }
}
