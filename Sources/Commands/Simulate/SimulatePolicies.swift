import Application
import EngineProfiles
import Forecasting
import Invocation
import Planning
import Settings
import Simulation

/// Makes policies of what the command line says.
struct SimulatePolicies {
  let run: SimulationRun
  let profile: EngineProfile
  /// The flags of the planner, shared by all policies.
  let flags: [String: String]
  /// `--every`.
  let every: Double?
  /// Is told what the planner decides.
  var log: SimulatedPlannerLog?

  /// The policies of `--compare`.
  static func standard(mode: DeploymentMode) -> [String] {
    var specs = PredictorKind.allCases.map {
      "planner:modes=throughput,load-predictor=\($0.rawValue)"
    }
    specs += ["planner:modes=load", "planner:modes=both"]
    if mode != .agg {
      specs += ["original:modes=throughput", "original:modes=load", "original:modes=both"]
    }
    specs += ["hpa:target=0.5", "hpa:target=0.7"]
    if mode != .agg { specs += ["keda", "keda:growth=double"] }
    return specs + [
      "reactive:margin=0.25", "fixed:peak=0.7", "fixed:peak=1", "oracle", "oracle-past",
      "oracle-past:margin=1.3",
    ]
  }

  /// The goal of the oracle that a policy needs; nil if it needs none.
  static func oracleGoal(_ spec: SimulatePolicySpec) throws -> Double? {
    var spec = spec
    switch spec.kind {
    case .oracle, .oraclePast:
      return try spec.takeNumber("goal", in: 0.01...1) ?? standardGoal
    case .fixed: return try spec.takeNumber("peak", in: 0.001...1000) == nil ? nil : standardGoal
    case .planner, .original, .hpa, .keda, .reactive: return nil
    }
  }

  static let standardGoal = 0.99

  /// The policy of `spec`.
  ///
  /// - Parameter plan: the oracle's plan, where one is needed.
  func policy(_ spec: SimulatePolicySpec, plan: OraclePlan?) throws -> any ScalingPolicy {
    var spec = spec
    let policy: any ScalingPolicy
    switch spec.kind {
    case .planner: policy = try planner(&spec)
    case .original: policy = try original(&spec)
    case .hpa: policy = try autoscaler(&spec)
    case .keda: policy = try keda(&spec)
    case .reactive: policy = try reactive(&spec)
    case .fixed: policy = try fixed(&spec, plan)
    case .oracle, .oraclePast: policy = try oracle(&spec, plan)
    }
    try spec.finish()
    return policy
  }

  // MARK: Planner and original

  private func planner(_ spec: inout SimulatePolicySpec) throws -> any ScalingPolicy {
    let every = try spec.takeNumber("every", in: 1...86_400) ?? every
    let settings = try settings(&spec)
    let standard =
      settings.throughput.map { Double(settings.sizing.traits.stepSeconds ?? $0.intervalSeconds) }
      ?? 60
    var invocation = InvocationSettings(
      settings, deployment: "simulated", calendar: try PlanningCalendar(settings.calendar))
    invocation.planner.countsWorkersByRouter = false
    let note = log.map { log in { @Sendable (moment: PlannedMoment) in log.add(moment) } }
    return PlannerScaling(
      name: spec.text, settings: invocation,
      profile: settings.throughput?.enginePrior == nil ? profile : nil,
      periodSeconds: every ?? standard,
      warmUp: try WarmUpTrace(settings)?.read().intervals ?? [], note: note)
  }

  private func original(_ spec: inout SimulatePolicySpec) throws -> any ScalingPolicy {
    let settings = try settings(&spec)
    return try OriginalPlanner(
      name: spec.text, policy: settings.policy(),
      predictor: settings.throughput?.predictor ?? PredictorSettings(), profile: profile,
      loadPeriodSeconds: settings.load?.intervalSeconds ?? 5,
      sampleCount: settings.load?.metricSamples ?? 10)
  }

  /// The settings of `run` with what a policy changes.
  private func settings(_ spec: inout SimulatePolicySpec) throws -> RunSettings {
    var flags = flags
    switch spec.takeText("modes") {
    case nil: break
    case "throughput":
      flags["enable-throughput-scaling"] = "true"
      flags["enable-loadbased-scaling"] = "false"
    case "load":
      flags["enable-throughput-scaling"] = "false"
      flags["enable-loadbased-scaling"] = "true"
    case "both":
      flags["enable-throughput-scaling"] = "true"
      flags["enable-loadbased-scaling"] = "true"
    case let other?:
      throw CommandFailure(
        .usage,
        "The policy '\(spec.text)' says modes=\(other); it is throughput, load or both.")
    }
    for (key, value) in spec.takeRest() {
      guard OptionTable.options.contains(where: { $0.name == key }) else {
        throw CommandFailure(
          .usage,
          "The policy '\(spec.text)' says '\(key)', which is no option of run; give its name without dashes."
        )
      }
      flags[key] = value
    }
    return try Self.resolve(flags)
  }

  /// The settings of `run` for a cluster that is simulated: no deployment and no page to name, and
  /// no GPU budget unless one was given.
  static func resolve(_ flags: [String: String]) throws -> RunSettings {
    var flags = flags
    flags["environment"] = "virtual"
    flags["loadbased-router-metrics-url"] = "http://simulated/metrics"
    // Where a budget came from is told by settings that the default one can't contradict.
    let one = ["prefill-engine-num-gpu": "1", "decode-engine-num-gpu": "1", "min-endpoint": "1"]
    let probe = try RunInput(flags.merging(one) { _, one in one }).settings
    if case .standard? = probe.entries.first(where: { $0.name == "max-gpu-budget" })?.origin {
      flags["max-gpu-budget"] = "-1"
    }
    return try RunInput(flags).settings
  }

  // MARK: Baselines

  private func autoscaler(_ spec: inout SimulatePolicySpec) throws -> any ScalingPolicy {
    UtilisationAutoscaler(
      name: spec.text, mode: run.settings.cluster.mode,
      target: try spec.takeNumber("target", in: 0.01...10) ?? 0.7,
      sequencesPerReplica: ReplicaEstimate.sequencesPerReplica(
        for: run.trace, profile: profile, targets: run.settings.targets),
      tolerance: try spec.takeNumber("tolerance", in: 0...1) ?? 0.1,
      stabilizationSeconds: try spec.takeNumber("stabilization", in: 0...86_400) ?? 300)
  }

  private func keda(_ spec: inout SimulatePolicySpec) throws -> any ScalingPolicy {
    typealias Growth = TokenAwareAutoscaler.Growth
    let growth = spec.takeText("growth") ?? Growth.one.rawValue
    guard let growth = Growth(rawValue: growth) else {
      throw CommandFailure(
        .usage, "The policy '\(spec.text)' says growth=\(growth); it is one or double.")
    }
    var calibration = TokenAwareAutoscaler.Calibration(for: run)
    if let seconds = try spec.takeNumber("queue", in: 0.001...86_400) {
      calibration.queueSeconds = seconds
    }
    return try TokenAwareAutoscaler(
      name: spec.text, mode: run.settings.cluster.mode, calibration: calibration,
      kvThreshold: try spec.takeNumber("kv", in: 0.01...10) ?? 0.8, growth: growth)
  }

  private func reactive(_ spec: inout SimulatePolicySpec) throws -> any ScalingPolicy {
    let window =
      try spec.takeNumber("window", in: 1...86_400) ?? ReactiveReplicas.standardWindow
    return ReactiveReplicas(
      name: spec.text, run: run, needs: CapacityNeeds(of: run, windowSeconds: window),
      holdSeconds: try spec.takeNumber("hold", in: 0...864_000),
      margin: try spec.takeNumber("margin", in: 0...100) ?? 0)
  }

  /// The policies that the frontier is drawn through, by their margins.
  func frontier() -> [(margin: Double, policy: ReactiveReplicas)] {
    let needs = CapacityNeeds(of: run, windowSeconds: ReactiveReplicas.standardWindow)
    return ReactiveFrontier.standardMargins.map { margin in
      (margin, ReactiveReplicas(name: "reactive", run: run, needs: needs, margin: margin))
    }
  }

  private func fixed(
    _ spec: inout SimulatePolicySpec, _ plan: OraclePlan?
  ) throws -> any ScalingPolicy {
    if let share = try spec.takeNumber("peak", in: 0.001...1000), let plan {
      return FixedReplicas(
        name: spec.text,
        replicas: plan.peak.mapValues { max(1, Int((Double($0) * share).rounded(.up))) })
    }
    var replicas: [Component: Int] = [:]
    replicas[.prefill] = try spec.takeCount("prefill")
    replicas[.decode] = try spec.takeCount("decode")
    return FixedReplicas(name: spec.text, replicas: replicas)
  }

  private func oracle(
    _ spec: inout SimulatePolicySpec, _ plan: OraclePlan?
  ) throws -> any ScalingPolicy {
    _ = try spec.takeNumber("goal", in: 0.01...1)
    guard let plan else { throw CommandFailure(.fault, "The oracle's plan is missing.") }
    if spec.kind == .oracle {
      return plan.clairvoyant(
        name: spec.text, startUpSeconds: run.settings.cluster.startUpSeconds)
    }
    return plan.hindsight(
      name: spec.text, margin: try spec.takeNumber("margin", in: 0.1...100) ?? 1)
  }
}
