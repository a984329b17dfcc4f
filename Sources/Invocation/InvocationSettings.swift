import Planning

/// How one invocation goes about its work, besides the planning policy.
public struct InvocationSettings: Sendable {
  /// Names the deployment in the state file and the output: `namespace/name` in Kubernetes, the
  /// Dynamo namespace in the virtual environment.
  public var deployment: String
  /// What messages call the state: its file's path.
  public var statePath: String
  /// What planning depends on.
  public var planner: PlannerSettings
  /// The served model; nil to take the deployment's word.
  public var modelName: String?
  /// The router's metrics page; nil to take the deployment's word.
  public var routerMetricsURL: String?
  /// Samples of the router's page, at least 1.
  public var metricSamples: Int
  /// Seconds that the samples are spread over; 0 takes them without waiting.
  public var sampleSpreadSeconds: Double
  /// Whether nothing is to be applied.
  public var isDryRun: Bool
  /// Whether counts are published for somebody else to apply, and nothing is applied here.
  public var onlyPublishes: Bool
  /// How long the lease is good for, should this invocation die.
  public var leaseSeconds: Double
  /// Names this invocation in the lease.
  public var owner: String

  /// Creates settings.
  public init(
    deployment: String, statePath: String = "state", planner: PlannerSettings,
    modelName: String? = nil, routerMetricsURL: String? = nil, metricSamples: Int = 10,
    sampleSpreadSeconds: Double = 5, isDryRun: Bool = false,
    onlyPublishes: Bool = false, leaseSeconds: Double = 120, owner: String
  ) {
    self.deployment = deployment
    self.statePath = statePath
    self.planner = planner
    self.modelName = modelName
    self.routerMetricsURL = routerMetricsURL
    self.metricSamples = metricSamples
    self.sampleSpreadSeconds = sampleSpreadSeconds
    self.isDryRun = isDryRun
    self.onlyPublishes = onlyPublishes
    self.leaseSeconds = leaseSeconds
    self.owner = owner
  }
}

extension InvocationSettings {
  /// What becomes of a change that is not sent; nil when changes are sent.
  var statusOfUnsentChange: DecisionStatus? {
    isDryRun ? .dryRun : onlyPublishes ? .published : nil
  }
}

/// The steps of an invocation, in order. Each is timed in the log, and a crash test can stop the
/// process after any of them.
public enum InvocationStep: String, Sendable, CaseIterable {
  /// The lease is taken and the state loaded.
  case loaded
  /// Deployment, traffic and workers are observed.
  case observed
  /// Predictors, engines and regressions have learned.
  case learned
  /// The traffic to plan for is forecast.
  case forecasted
  /// The decision is made.
  case decided
  /// What was learned and the pending decision are saved.
  case saved
  /// The connector has confirmed or refused.
  case applied
  /// The outcome is saved and the lease given back.
  case settled
}
