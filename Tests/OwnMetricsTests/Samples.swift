import Foundation
import Forecasting
import HTTPTransport
import Invocation
import TestSupport

@testable import OwnMetrics
@testable import Planning

/// A decision of both modes with everything known, and what it rests on.
enum Sample {
  static func component(
    current: Int? = 2, final: Int? = 3, throughput: ThroughputReason = .scaleUp,
    load: LoadReason = .noChange, isHeld: Bool = false
  ) -> ComponentDecision {
    ComponentDecision(
      current: current, asked: current, ready: current, throughput: final, load: current,
      floor: final, desired: final, final: final,
      reasons: DecisionReasons(throughput: throughput, load: load, budget: .withinBudget),
      sizing: nil, verdict: nil, isHeld: isHeld, explanation: "x")
  }

  static func decision(
    at time: Double = 1_795_466_940, status: DecisionStatus = .applied,
    prefill: ComponentDecision = component(), decode: ComponentDecision = component(),
    before: Int? = 8, after: Int? = 12
  ) -> Decision {
    Decision(
      time: time, mode: .disagg, status: status,
      observed: TrafficObservation(
        intervalEnd: 1_795_466_880, requestCount: 900, isl: 3000.5, osl: 150,
        ttftMilliseconds: 210, itlMilliseconds: 18.25, requestDurationSeconds: 3.2),
      forecast: TrafficForecast(predictor: .kalman, requestCount: 1800, isl: 3001, osl: 151),
      slowdown: EngineSlowdown(prefill: 1.5, decode: 0.75),
      components: [.prefill: prefill, .decode: decode],
      gpus: GPUChange(before: before, after: after, budget: 16),
      gpusPerReplica: [.prefill: 2, .decode: 2], holdSeconds: nil, warnings: [])
  }

  static func record(_ decision: Decision) -> DecisionRecord {
    var state = LoadState()
    for load in stride(from: 100.0, through: 500, by: 100) {
      state.ttft.add(LoadPoint(load: load, latencyMilliseconds: 10 + load / 4), window: 50)
    }
    let policy = PlanningPolicy(
      mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50),
      gpuBudget: 16, gpusPerReplica: [.prefill: 2, .decode: 2],
      throughput: ThroughputPolicy(intervalSeconds: 180), load: LoadPolicy())
    let input = DecisionInput(
      time: decision.time, policy: policy, deployment: DeploymentPosition(counts: [:]),
      workers: WorkerInput(samples: [], state: state),
      controls: [Control(.limit, minimum: 1, maximum: 9, owner: "anna", since: 0)])
    return DecisionRecord(input: input, decision: decision)
  }

  static func page(
    _ decision: Decision = decision(), deployment: String = "serving/chat",
    state: MetricsState = MetricsState()
  ) -> MetricsPage {
    MetricsPage(
      state: state.advanced(by: decision, status: decision.status, durationSeconds: 1.5),
      document: DecisionDocument(decision, id: 1, deployment: deployment, status: decision.status),
      record: record(decision))
  }

  static func scratchFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("own-metrics-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func get(_ url: String, method: String = "GET") async throws -> HTTPResponse {
    try await CurlHTTPClient(version: "test").send(
      HTTPRequest(method, url, limits: HTTPLimits(attempts: 1)))
  }
}
