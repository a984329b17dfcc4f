import Invocation
import Planning

extension MetricsPage {
  /// The page after a decision.
  ///
  /// - Parameters:
  ///   - state: the counters, this decision already counted.
  ///   - document: the decision as printed, in its final status.
  ///   - record: what it rests on.
  ///   - tellsDesired: whether the counts are ones that others may scale to.
  public init(
    state: MetricsState, document: DecisionDocument, record: DecisionRecord,
    tellsDesired: Bool = true
  ) {
    self.init(deployment: document.deployment)
    addTargets(record.input.policy)
    addCounts(record.decision)
    if tellsDesired { addDesired(record.decision) }
    addTraffic(record)
    addRegressions(record.input.workers)
    addReasons(record.decision, document.status)
    addControls(record)
    addCounters(state)
  }

  /// The page without a decision: what invocations have counted.
  public init(state: MetricsState, deployment: String, policy: PlanningPolicy) {
    self.init(deployment: deployment)
    addTargets(policy)
    addCounters(state)
  }

  private mutating func addTargets(_ policy: PlanningPolicy) {
    add(.targetTTFT, policy.targets.ttftMilliseconds)
    add(.targetITL, policy.targets.itlMilliseconds)
    add(.gpuBudget, policy.gpuBudget)
  }

  private mutating func addCounts(_ decision: Decision) {
    for (component, decided) in decision.components.sorted(by: { $0.key < $1.key }) {
      let label = [(name: "component", value: component.rawValue)]
      let isPrefill = component == .prefill
      add(isPrefill ? .numPrefillReplicas : .numDecodeReplicas, decided.current)
      add(isPrefill ? .predictedPrefillReplicas : .predictedDecodeReplicas, decided.final)
      add(.readyReplicas, decided.ready, label)
      add(.floorReplicas, decided.floor, label)
    }
    add(.numGPUs, decision.gpus.before)
    add(.predictedGPUs, decision.gpus.after)
  }

  /// Nothing for a component whose count nobody knows: an autoscaler that asks then changes nothing.
  private mutating func addDesired(_ decision: Decision) {
    for (component, decided) in decision.components.sorted(by: { $0.key < $1.key }) {
      add(.desiredReplicas, decided.final, [("component", component.rawValue)])
    }
  }

  private mutating func addTraffic(_ record: DecisionRecord) {
    guard let throughput = record.input.policy.throughput else { return }
    let decision = record.decision
    let interval = Double(max(1, throughput.intervalSeconds))
    add(.observedTTFT, decision.observed?.ttftMilliseconds)
    add(.observedITL, decision.observed?.itlMilliseconds)
    add(.observedRequests, (decision.observed?.requestCount).map { $0 / interval })
    add(.observedDuration, decision.observed?.requestDurationSeconds)
    add(.observedISL, decision.observed?.isl)
    add(.observedOSL, decision.observed?.osl)
    add(.predictedRequests, (decision.forecast?.requestCount).map { $0 / interval })
    add(.predictedISL, decision.forecast?.isl)
    add(.predictedOSL, decision.forecast?.osl)
    add(.prefillCorrection, decision.slowdown.prefill)
    add(.decodeCorrection, decision.slowdown.decode)
  }

  private mutating func addRegressions(_ workers: WorkerInput?) {
    guard let state = workers?.state else { return }
    for (latency, regression) in [("ttft", state.ttft), ("itl", state.itl)] {
      let label = [(name: "latency", value: latency)]
      let line = regression.line
      add(.regressionSlope, line?.slope, label)
      add(.regressionIntercept, line?.intercept, label)
      add(.regressionObservations, regression.points.count, label)
    }
  }

  private mutating func addReasons(_ decision: Decision, _ status: DecisionStatus) {
    for (component, decided) in decision.components.sorted(by: { $0.key < $1.key }) {
      let label = [(name: "component", value: component.rawValue)]
      add(.throughputReason, state: decided.reasons.throughput, label: "reason", label)
      add(.loadReason, state: decided.reasons.load, label: "reason", label)
      add(.budgetReason, state: decided.reasons.budget, label: "reason", label)
    }
    add(.decisionStatus, state: status, label: "status")
    add(.holdSeconds, decision.holdSeconds ?? 0)
  }

  private mutating func addControls(_ record: DecisionRecord) {
    let inForce = (record.input.controls ?? []).inForce(at: record.input.time)
    for kind in Control.Kind.allCases {
      add(.controlsInForce, inForce.count { $0.kind == kind }, [("kind", kind.rawValue)])
    }
    for (component, decided) in record.decision.components.sorted(by: { $0.key < $1.key }) {
      let label = [(name: "component", value: component.rawValue)]
      for reason in ControlReason.allCases {
        add(
          .controlReason, decided.reasons.control == reason ? 1 : 0,
          label + [("reason", reason.rawValue)])
      }
      let bounds = record.input.controlBounds(of: component)
      add(.controlMinimum, bounds.minimum, label)
      add(.controlMaximum, bounds.maximum, label)
    }
  }

  private mutating func addCounters(_ state: MetricsState) {
    add(.gpuHours, state.gpuHours)
    add(.lastSuccess, state.lastSuccess)
    add(.lastRunDuration, state.lastRunDurationSeconds)
    // From the first page on, so that a first increase is one.
    for reason in MetricsState.holdReasons {
      add(.held, state.held[reason] ?? 0, [("reason", reason)])
    }
    for status in DecisionStatus.allCases where status != .pending {
      add(.decisions, state.decisions[status.rawValue] ?? 0, [("status", status.rawValue)])
    }
    add(.errors, state.errors)
  }
}
