/// One metric that the planner tells of itself.
public struct OwnMetric: Sendable, Hashable {
  /// How Prometheus is to read its values.
  public enum Kind: String, Sendable {
    /// A value that goes up and down.
    case gauge
    /// A value that only grows.
    case counter
  }

  /// The whole name, with the prefix.
  public let name: String
  /// How Prometheus is to read it.
  public let kind: Kind
  /// What it is, for the `# HELP` line.
  public let help: String

  private init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = "dynamo_planner_" + name
    self.kind = kind
    self.help = help
  }

  private static func gauge(_ name: String, _ help: String) -> OwnMetric {
    OwnMetric(name, .gauge, help)
  }

  private static func counter(_ name: String, _ help: String) -> OwnMetric {
    OwnMetric(name, .counter, help)
  }
}

// Names and units are a contract. `_ms` and `_hours` are no base units of Prometheus; they are what
// dashboards of Dynamo's planner (release 1.6) query.
extension OwnMetric {
  static let numPrefillReplicas = gauge(
    "num_prefill_replicas", "Prefill replicas when the last decision was made.")
  static let numDecodeReplicas = gauge(
    "num_decode_replicas", "Decode (or aggregated) replicas when the last decision was made.")
  static let readyReplicas = gauge(
    "ready_replicas", "Replicas that were ready when the last decision was made.")
  static let numGPUs = gauge("num_gpus", "GPUs of the replicas when the last decision was made.")
  static let gpuHours = gauge(
    "gpu_hours", "GPU hours of the scaled replicas since the state file began.")
  static let gpuBudget = gauge("gpu_budget", "GPUs that the scaled replicas may hold at most.")

  static let observedTTFT = gauge(
    "observed_ttft_ms", "Mean time to first token of the newest interval, milliseconds.")
  static let observedITL = gauge(
    "observed_itl_ms", "Mean inter-token latency of the newest interval, milliseconds.")
  static let observedRequests = gauge(
    "observed_requests_per_second", "Requests a second in the newest interval.")
  static let observedDuration = gauge(
    "observed_request_duration_seconds", "Mean duration of a request in the newest interval.")
  static let observedISL = gauge(
    "observed_input_sequence_tokens", "Mean input sequence length of the newest interval.")
  static let observedOSL = gauge(
    "observed_output_sequence_tokens", "Mean output sequence length of the newest interval.")

  static let predictedRequests = gauge(
    "predicted_requests_per_second", "Requests a second forecast for the next interval.")
  static let predictedISL = gauge(
    "predicted_input_sequence_tokens",
    "Mean input sequence length forecast for the next interval.")
  static let predictedOSL = gauge(
    "predicted_output_sequence_tokens",
    "Mean output sequence length forecast for the next interval.")
  static let predictedPrefillReplicas = gauge(
    "predicted_num_prefill_replicas", "Prefill replicas decided on.")
  static let predictedDecodeReplicas = gauge(
    "predicted_num_decode_replicas", "Decode (or aggregated) replicas decided on.")
  static let desiredReplicas = gauge(
    "desired_replicas",
    "Replicas that the deployment should have, for autoscalers; none in a dry run.")
  static let predictedGPUs = gauge("predicted_num_gpus", "GPUs of the replicas decided on.")
  static let floorReplicas = gauge(
    "floor_replicas", "Replicas that the throughput result allows at least.")

  static let prefillCorrection = gauge(
    "prefill_correction_factor", "Observed over profiled time to first token.")
  static let decodeCorrection = gauge(
    "decode_correction_factor", "Observed over profiled inter-token latency.")
  static let targetTTFT = gauge(
    "sla_target_ttft_ms", "Target of the time to first token, milliseconds.")
  static let targetITL = gauge(
    "sla_target_itl_ms", "Target of the inter-token latency, milliseconds.")

  static let regressionSlope = gauge(
    "regression_slope",
    "Slope of the load regression: milliseconds per prefill token (ttft) or decode block (itl).")
  static let regressionIntercept = gauge(
    "regression_intercept", "Latency of an idle worker by the load regression, milliseconds.")
  static let regressionObservations = gauge(
    "regression_observations", "Observations in the window of the load regression.")

  static let throughputReason = gauge(
    "throughput_decision_reason",
    "Why throughput-based scaling said what it said: 1 for the reason.")
  static let loadReason = gauge(
    "load_decision_reason", "Why load-based scaling said what it said: 1 for the reason.")
  static let budgetReason = gauge(
    "budget_decision_reason", "What the GPU budget did: 1 for the reason.")
  static let decisionStatus = gauge(
    "decision_status", "What became of the last decision: 1 for its status.")
  static let holdSeconds = gauge(
    "hold_seconds", "How long decisions have been held; 0 when the last one was not.")

  static let controlReason = gauge(
    "control_decision_reason", "What a person or the calendar made of a count: 1 for the reason.")
  static let controlsInForce = gauge(
    "controls_in_force", "Pauses, pins, limits and calendar windows that count, by kind.")
  static let controlMinimum = gauge(
    "control_min_replicas", "Fewest replicas that a pin, a limit or the calendar asks for.")
  static let controlMaximum = gauge(
    "control_max_replicas", "Most replicas that a pin, a limit or the calendar allows.")

  static let lastSuccess = gauge(
    "last_success_timestamp_seconds", "Time of the last decision that did not fail, Unix time.")
  static let lastRunDuration = gauge(
    "last_run_duration_seconds", "How long the last invocation took to decide and apply.")
  static let held = counter(
    "held_total", "Decisions that were held, by what was missing or in the way.")
  static let decisions = counter("decisions_total", "Decisions, by what became of them.")
  static let errors = counter(
    "errors_total", "Invocations that ended with an error instead of a decision.")

  /// Every metric there is, in the order of the page.
  public static let all: [OwnMetric] = [
    numPrefillReplicas, numDecodeReplicas, readyReplicas, numGPUs, gpuHours, gpuBudget,
    observedTTFT, observedITL, observedRequests, observedDuration, observedISL, observedOSL,
    predictedRequests, predictedISL, predictedOSL, predictedPrefillReplicas,
    predictedDecodeReplicas, desiredReplicas, predictedGPUs, floorReplicas, prefillCorrection,
    decodeCorrection,
    targetTTFT, targetITL, regressionSlope, regressionIntercept, regressionObservations,
    throughputReason, loadReason, budgetReason, controlReason, controlsInForce, controlMinimum,
    controlMaximum, decisionStatus, holdSeconds, lastSuccess, lastRunDuration, held, decisions,
    errors,
  ]
}
