import Planning

/// Builders for the scenarios of this target.
enum Given {
  static let targets = LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 20)

  static func policy(
    _ mode: DeploymentMode = .disagg, throughput: Bool = false, load: Bool = false,
    minimum: Int = 1, budget: Int? = nil, damping: Damping = Damping(),
    hold: HoldPolicy = HoldPolicy(), loadPolicy: LoadPolicy = LoadPolicy(), correction: Bool = true
  ) -> PlanningPolicy {
    PlanningPolicy(
      mode: mode, targets: targets, minimumReplicas: minimum, gpuBudget: budget,
      gpusPerReplica: [.prefill: 1, .decode: 1],
      throughput: throughput ? ThroughputPolicy(usesCorrection: correction) : nil,
      load: load ? loadPolicy : nil, damping: damping, hold: hold)
  }

  static func position(_ counts: [Component: Int?], inProgress: String? = nil)
    -> DeploymentPosition
  {
    DeploymentPosition(
      counts: counts.mapValues { .init(current: $0, asked: $0, ready: $0) },
      readiness: inProgress.map(Readiness.busy) ?? .ready)
  }

  /// Prefill workers with these active prefill tokens.
  static func prefill(
    _ tokens: [Double?], isl: Double? = 1000, ttft: Double? = 100
  ) -> [WorkerGauges] {
    tokens.enumerated().map {
      WorkerGauges(
        workerID: "\($0.offset)", component: .prefill, activePrefillTokens: $0.element,
        lastTTFTMilliseconds: ttft, lastISL: isl)
    }
  }

  /// Decode workers with these active decode blocks.
  static func decode(_ blocks: [Double?], itl: Double? = 10) -> [WorkerGauges] {
    blocks.enumerated().map {
      WorkerGauges(
        workerID: "\($0.offset)", component: .decode, activeDecodeBlocks: $0.element,
        lastITLMilliseconds: itl)
    }
  }

  static func sample(_ workers: [WorkerGauges], at time: Double = 1000) -> WorkerSample {
    WorkerSample(time: time, workers: workers)
  }

  /// A state whose TTFT line is `tokens / 20 ms` (200 ms at 4000 tokens) and whose ITL line is
  /// `blocks / 50 ms` (20 ms at 1000 blocks).
  static let warmState: LoadState = {
    var state = LoadState()
    for index in 1...10 {
      let tokens = Double(index) * 500
      state.ttft.add(LoadPoint(load: tokens, latencyMilliseconds: tokens / 20), window: 50)
      let blocks = Double(index) * 120
      state.itl.add(LoadPoint(load: blocks, latencyMilliseconds: blocks / 50), window: 50)
    }
    return state
  }()

  static func workers(_ gauges: [WorkerGauges], state: LoadState = warmState) -> WorkerInput {
    WorkerInput(samples: [sample(gauges)], state: state)
  }
}
