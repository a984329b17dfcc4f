// The property names are those of the reference file.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Forecasting
import Planning
import TestSupport
import Testing

@testable import Simulation

struct OriginalPlannerTests {
  private struct File: Decodable {
    let cases: [Case]
    let sequences: [Case]
  }

  private struct Case: Decodable {
    struct Configuration: Decodable {
      let ttft: Double
      let itl: Double
      let load_scaling_down_sensitivity: Double
      let load_learning_window: Int
      let load_min_observations: Int
    }
    struct Seeds: Decodable {
      let ttft: [[Double]]
      let itl: [[Double]]
    }
    struct Tick: Decodable {
      let num_p: Int
      let num_d: Int
      let decisions: [Decision]
      let sample_buffer: [[String: [String: [String: Double]]]]
    }
    /// `["prefill", 3]` or `["prefill", null]`.
    struct Decision: Decodable {
      let component: String
      let count: Int?

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        component = try container.decode(String.self)
        count = try? container.decode(Int.self)
      }
    }

    let mode: DeploymentMode
    let config: Configuration
    let seed_observations: Seeds
    let ticks: [Tick]
  }

  @Test("its load rule decides every tick as the original did")
  func goldenLoadDecisions() throws {
    let file = try Fixture.json(File.self, "golden/decisions_load.json")
    var decided = 0
    for golden in file.cases + file.sequences where golden.mode != .agg {
      let config = golden.config
      let policy = LoadPolicy(
        learningWindow: config.load_learning_window,
        minimumObservations: config.load_min_observations,
        scalingDownSensitivityPercent: config.load_scaling_down_sensitivity)
      for component in golden.mode.components {
        var rule = OriginalLoadRule(
          component: component,
          targets: LatencyTargets(ttftMilliseconds: config.ttft, itlMilliseconds: config.itl),
          policy: policy)
        let seeds =
          component == .prefill ? golden.seed_observations.ttft : golden.seed_observations.itl
        rule.seed(seeds.map { LoadPoint(load: $0[0], latencyMilliseconds: $0[1]) })
        for tick in golden.ticks {
          // Nothing new: the original decides again on old samples (departure 22), which can't
          // happen in a simulation.
          let workers = tick.sample_buffer.last.map { gauges($0, component) } ?? []
          guard !workers.isEmpty else { break }
          rule.learn(workers)
          guard let expected = tick.decisions.first(where: { $0.component == component.rawValue })
          else { continue }
          decided += 1
          let meanISL = OriginalPlanner.meanISL(
            tick.sample_buffer.map { WorkerSample(time: 0, workers: gauges($0, component)) },
            component)
          // Some cases lie exactly on a boundary, where the last bit of the regression decides:
          // 4000 blocks are below 2 − 1 of 2 × 80 % of 10,000 for the original.
          let found = [1, 1 - 1e-12, 1 + 1e-12].map { factor in
            rule.desired(
              count: component == .prefill ? tick.num_p : tick.num_d,
              newest: workers.map { scaled($0, by: factor) }, meanISL: meanISL)
          }
          #expect(found.contains(expected.count), "\(component)")
        }
      }
    }
    #expect(decided > 200)
  }

  private func scaled(_ worker: WorkerGauges, by factor: Double) -> WorkerGauges {
    var worker = worker
    worker.activePrefillTokens = worker.activePrefillTokens.map { $0 * factor }
    worker.activeDecodeBlocks = worker.activeDecodeBlocks.map { $0 * factor }
    return worker
  }

  private func gauges(
    _ sample: [String: [String: [String: Double]]], _ component: Component
  ) -> [WorkerGauges] {
    (sample[component.rawValue] ?? [:]).sorted { $0.key < $1.key }.map { id, gauges in
      WorkerGauges(
        workerID: id, component: component,
        activePrefillTokens: gauges["active_prefill_tokens"],
        activeDecodeBlocks: gauges["active_decode_blocks"],
        lastTTFTMilliseconds: gauges["last_ttft"].map { $0 * 1000 }, lastISL: gauges["last_isl"],
        lastITLMilliseconds: gauges["last_itl"].map { $0 * 1000 })
    }
  }

  private func planner(
    throughput: Bool = true, load: Bool = false, kind: PredictorKind = .constant
  ) throws -> OriginalPlanner {
    try OriginalPlanner(
      name: "original",
      policy: PlanningPolicy(
        mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 300, itlMilliseconds: 15),
        gpusPerReplica: [.prefill: 1, .decode: 1],
        throughput: throughput ? ThroughputPolicy(usesCorrection: false) : nil,
        load: load ? LoadPolicy() : nil),
      predictor: PredictorSettings(kind: kind), profile: Engines.h200())
  }

  private func metrics(
    requests: Int, isl: Double = 3000, interval: Int = 1, inProgress: String? = nil,
    samples: [WorkerSample] = []
  ) -> ClusterMetrics {
    var counters = FrontendCounters()
    counters.completed = requests
    for _ in 0..<min(requests, 1) {
      counters.isl.add(isl)
      counters.osl.add(300)
      counters.ttft.add(0.1)
      counters.itl.add(0.01)
      counters.duration.add(3)
    }
    return ClusterMetrics(
      time: Double(interval * 180),
      deployment: DeploymentStatus(
        components: [
          .prefill: ComponentStatus(replicas: 2, ready: 2),
          .decode: ComponentStatus(replicas: 2, ready: 2),
        ], readiness: inProgress.map(Readiness.busy) ?? .ready),
      intervals: [
        IntervalMetrics(
          end: interval * 180, seconds: 180, counters: counters, inFlight: 0, queued: 0)
      ], samples: samples)
  }

  @Test(
    "alone, its throughput loop sizes for the forecast; a deployment that isn't ready is left alone"
  )
  func throughput() throws {
    var planner = try planner()
    // 18,000 × 3000 / 180 = 300,000 tokens/s; one H200 prefills 49,866 at ISL 3000.
    #expect(try planner.targets(for: metrics(requests: 18_000))[.prefill] == 7)
    #expect(try planner.targets(for: metrics(requests: 18_000, inProgress: "rolling")).isEmpty)
  }

  @Test("an idle interval is learned as a length of 0, and skipped")
  func idleInterval() throws {
    var planner = try planner()
    _ = try planner.targets(for: metrics(requests: 18_000))
    #expect(try planner.targets(for: metrics(requests: 0, interval: 2)).isEmpty)
    #expect(planner.isl.last == 0)
  }

  @Test("with both loops the floor counts only when the load loop decides something")
  func floorWithoutLoadDecision() throws {
    var planner = try planner(load: true)
    let samples = [
      WorkerSample(
        time: 0,
        workers: [Component.prefill, .decode].flatMap { component in
          (1...2).map {
            WorkerGauges(
              workerID: "\($0)", component: component, activePrefillTokens: 10,
              activeDecodeBlocks: 10)
          }
        })
    ]
    #expect(try planner.targets(for: metrics(requests: 18_000, samples: samples)).isEmpty)
  }

  @Test("aggregated workers are refused")
  func aggregated() {
    #expect(throws: SimulationError.self) {
      try OriginalPlanner(
        name: "original",
        policy: PlanningPolicy(
          mode: .agg, targets: LatencyTargets(ttftMilliseconds: 1, itlMilliseconds: 1),
          gpusPerReplica: [:], load: LoadPolicy()),
        predictor: PredictorSettings(), profile: nil)
    }
  }
}
