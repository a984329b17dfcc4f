import Presentation

/// A rule between several options that was broken.
public enum SettingsRule: Sendable, Equatable, CustomStringConvertible {
  /// Neither scaling mode is on.
  case noScalingMode
  /// The load mode has to be the quicker one.
  case loadIntervalNotShorter(load: Double, throughput: Int)
  /// Nobody can tell where the router's page is.
  case routerURLMissing
  /// The scale environment needs to know what to scale.
  case targetsMissing
  /// The mode is another one than that of the targets.
  case modeContradictsTargets(mode: String, targets: String)
  /// Kubernetes needs to know what to scale.
  case deploymentMissing
  /// The budget can't hold the fewest replicas of each component.
  case budgetBelowMinimum(budget: Int, needed: Int, minEndpoint: Int)
  /// The lower GPU budget exceeds the upper one.
  case budgetsCrossed(least: Int, most: Int)
  /// More observations are asked for than are kept.
  case observationsAboveWindow(minimum: Int, window: Int)
  /// Taking the samples would take longer than the run may.
  case samplesBeyondDeadline(interval: Double, deadline: Double)
  /// The lease would end before the run does.
  case leaseWithinDeadline(lease: Double, deadline: Double)
  /// Not even two rounds begin in the time that the run is repeated for.
  case repeatShorterThanRound(seconds: Double, round: Double)
  /// Decisions that are only published have nowhere to go.
  case nowhereToPublish
  /// Two options exclude each other.
  case exclusive(String, String)
  /// An option means nothing without one of others.
  case incomplete(String, needs: [String])

  /// The rule, the values seen and what to do, as a sentence or two.
  public var description: String {
    switch self {
    case .noScalingMode:
      "Both scaling modes are off, so nothing would ever be scaled. Leave out --disable-throughput-scaling or add --enable-loadbased-scaling."
    case .loadIntervalNotShorter(let load, let throughput):
      "--loadbased-adjustment-interval (\(Numbers.exact(load)) s) has to be shorter than --adjustment-interval (\(throughput) s), because the throughput result is the floor between two of its intervals. Lower the one or raise the other."
    case .routerURLMissing:
      "Load-based scaling has to know the router's metrics page where no DynamoGraphDeployment tells it. Give --loadbased-router-metrics-url, for example http://localhost:8000/metrics, or with engines that are asked themselves --metrics vllm, sglang or trtllm."
    case .targetsMissing:
      "The scale environment needs what to scale. Give --worker KIND/NAME (as deployment/chat), or --prefill and --decode."
    case .modeContradictsTargets(let mode, let targets):
      "--mode \(mode) does not fit the targets, which mean \(targets). Leave --mode out, or give the targets that belong to it (agg: --worker)."
    case .deploymentMissing:
      "The kubernetes environment needs the name of the DynamoGraphDeployment. Give --deployment or set DYN_PARENT_DGD_K8S_NAME, or choose --environment virtual."
    case .budgetBelowMinimum(let budget, let needed, let minEndpoint):
      "--max-gpu-budget is \(budget), but --min-endpoint \(minEndpoint) of each kind of worker takes \(needed) GPUs; nothing was changed. Raise the budget (negative for no limit) or lower the minimum."
    case .budgetsCrossed(let least, let most):
      "--min-gpu-budget (\(least)) exceeds --max-gpu-budget (\(most)), so no number of GPUs would do. Lower the one or raise the other."
    case .observationsAboveWindow(let minimum, let window):
      "--loadbased-min-observations (\(minimum)) exceeds --loadbased-learning-window (\(window)), so no regression would ever be used. Lower the one or raise the other."
    case .samplesBeyondDeadline(let interval, let deadline):
      "Samples spread over --loadbased-adjustment-interval (\(Numbers.exact(interval)) s) don't fit into --deadline (\(Numbers.exact(deadline)) s). Shorten the interval, raise the deadline, or take one sample with --loadbased-metric-samples 1."
    case .leaseWithinDeadline(let lease, let deadline):
      "--state-lease (\(Numbers.exact(lease)) s) has to be longer than --deadline (\(Numbers.exact(deadline)) s), or a second run could begin before the first has ended. Raise the lease or leave it out."
    case .repeatShorterThanRound(let seconds, let round):
      "--repeat-for (\(Numbers.exact(seconds)) s) has to be at least the time from one round to the next (\(Numbers.exact(round)) s), or nothing would be repeated. Raise it, lower --repeat-every or --loadbased-adjustment-interval, or leave --repeat-for out."
    case .nowhereToPublish:
      "--environment metric applies nothing itself, so its decisions have to be published. Give PLANNER_PROMETHEUS_PORT (with --repeat-for forever), --pushgateway-url or --metrics-textfile."
    case .exclusive(let first, let second):
      "\(first) and \(second) exclude each other. Give only one of them."
    case .incomplete(let option, let needs):
      "\(option) means nothing without \(needs.joined(separator: " or ")). Give both or neither."
    }
  }
}
