import Forecasting
import Invocation
import Planning

@testable import Reporting

/// Past decisions as the state file would hold them.
enum Scene {
  static func input(time: Double = 1000, blocks: Double = 1500) -> DecisionInput {
    var state = LoadState()
    for index in 1...10 {
      state.itl.add(
        LoadPoint(load: Double(index) * 120, latencyMilliseconds: Double(index) * 2.4), window: 50)
    }
    let workers = [
      WorkerGauges(
        workerID: "7", component: .decode, activeDecodeBlocks: blocks, lastITLMilliseconds: 25)
    ]
    return DecisionInput(
      time: time,
      policy: PlanningPolicy(
        mode: .decode, targets: LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 20),
        gpuBudget: 8, gpusPerReplica: [.decode: 2], load: LoadPolicy()),
      deployment: DeploymentPosition(counts: [.decode: .init(current: 1, asked: 1, ready: 1)]),
      workers: WorkerInput(samples: [WorkerSample(time: time, workers: workers)], state: state))
  }

  static func past(
    _ id: Int, input: DecisionInput = input(), status: String? = nil, error: String? = nil
  ) throws -> PastDecision {
    let decision = try Planner.decide(input, profile: nil).decision
    let status = status ?? (decision.changes.isEmpty ? "unchanged" : "applied")
    return try PastDecision(
      StoredDecision(
        id: id, time: input.time, status: status, isChange: !decision.changes.isEmpty,
        document: JSONText.encode(DecisionDocument(decision, id: nil, deployment: "demo")),
        input: JSONText.encode(DecisionRecord(input: input, decision: decision)), error: error))
  }
}

extension AuditedDecision {
  /// The decision as an audit reads it.
  init(_ past: PastDecision) throws {
    try self.init(
      StoredDecision(
        id: past.id, time: past.printed.time, status: past.document.status.rawValue,
        isChange: past.printed.isChange, document: JSONText.encode(past.document),
        input: JSONText.encode(past.record), error: past.document.error))
  }
}
