// The property names are those of the reference file.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Planning
import TestSupport

/// The load decisions of the original planner (Fixtures/golden/decisions_load.json).
struct GoldenLoadFile: Decodable {
  let cases: [GoldenLoadCase]
  let sequences: [GoldenLoadCase]
}

struct GoldenLoadCase: Decodable, Sendable {
  struct Configuration: Decodable, Sendable {
    let enable_throughput_scaling: Bool
    let ttft: Double
    let itl: Double
    let min_endpoint: Int
    let prefill_engine_num_gpu: Int
    let decode_engine_num_gpu: Int
    let max_gpu_budget: Int
    let load_scaling_down_sensitivity: Double
    let load_learning_window: Int
    let load_min_observations: Int
  }
  struct Seeds: Decodable, Sendable {
    let ttft: [[Double]]
    let itl: [[Double]]
  }
  struct Tick: Decodable, Sendable {
    let num_p: Int
    let num_d: Int
    let set_replicas: [String: Int]?
    let decisions: [Opaque]
    let sample_buffer: [[String: [String: [String: Double]]]]
  }

  /// A value of which only the presence counts.
  struct Opaque: Decodable, Sendable {
    init(from decoder: any Decoder) throws {}
  }

  let tag: String
  let mode: DeploymentMode
  let config: Configuration
  let throughput_lower_bound: [Int]
  let seed_observations: Seeds
  let ticks: [Tick]

  var policy: PlanningPolicy {
    PlanningPolicy(
      mode: mode,
      targets: LatencyTargets(ttftMilliseconds: config.ttft, itlMilliseconds: config.itl),
      minimumReplicas: config.min_endpoint,
      gpuBudget: config.max_gpu_budget < 0 ? nil : config.max_gpu_budget,
      gpusPerReplica: [
        .prefill: config.prefill_engine_num_gpu, .decode: config.decode_engine_num_gpu,
      ],
      throughput: config.enable_throughput_scaling ? ThroughputPolicy() : nil,
      load: LoadPolicy(
        learningWindow: config.load_learning_window,
        minimumObservations: config.load_min_observations,
        scalingDownSensitivityPercent: config.load_scaling_down_sensitivity))
  }

  /// The regressions as the original seeded them.
  var seededState: LoadState {
    var state = LoadState()
    for pair in seed_observations.ttft {
      state.ttft.add(
        LoadPoint(load: pair[0], latencyMilliseconds: pair[1]), window: config.load_learning_window)
    }
    for pair in seed_observations.itl {
      state.itl.add(
        LoadPoint(load: pair[0], latencyMilliseconds: pair[1]), window: config.load_learning_window)
    }
    return state
  }
}

extension GoldenLoadCase.Tick {
  func count(_ component: Component) -> Int { component == .prefill ? num_p : num_d }

  /// Whether a worker of the newest sample does not show the load that the mode looks at.
  func lacksGauge(_ mode: DeploymentMode) -> Bool {
    let newest = samples(startingAt: 0).last?.workers ?? []
    return newest.contains { worker in
      switch (mode, worker.component) {
      case (.disagg, .prefill), (.prefill, .prefill): worker.activePrefillTokens == nil
      case (.disagg, .decode), (.decode, .decode): worker.activeDecodeBlocks == nil
      case (.agg, .decode): worker.activePrefillTokens == nil || worker.activeDecodeBlocks == nil
      default: false
      }
    }
  }

  func samples(startingAt time: Double) -> [WorkerSample] {
    sample_buffer.enumerated().map { index, sample in
      WorkerSample(
        time: time + Double(index) * 0.01,
        workers: Component.allCases.flatMap { component in
          (sample[component.rawValue] ?? [:]).sorted { $0.key < $1.key }.map { id, gauges in
            WorkerGauges(
              workerID: id, component: component,
              activePrefillTokens: gauges["active_prefill_tokens"],
              activeDecodeBlocks: gauges["active_decode_blocks"],
              lastTTFTMilliseconds: gauges["last_ttft"].map { $0 * 1000 },
              lastISL: gauges["last_isl"],
              lastITLMilliseconds: gauges["last_itl"].map { $0 * 1000 })
          }
        })
    }
  }
}
