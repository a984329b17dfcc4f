import Planning

extension RunSettings {
  /// What the decision needs to know of the settings.
  ///
  /// - Parameter gpusPerReplica: GPUs of one replica where the deployment tells; the flags' for
  ///   a component left out.
  public func policy(gpusPerReplica actual: [Component: Int] = [:]) -> PlanningPolicy {
    var policy = PlanningPolicy(
      mode: common.mode, targets: common.targets, minimumReplicas: common.minEndpoint,
      gpuBudget: common.maxGPUBudget,
      gpusPerReplica: common.gpusPerReplica.merging(actual) { _, actual in actual }
        .filter { common.mode.components.contains($0.key) },
      throughput: throughput.map {
        ThroughputPolicy(
          intervalSeconds: $0.intervalSeconds,
          // By some rules never beside load-based scaling, which reacts to real latencies already.
          usesCorrection: $0.wantsCorrection && (load == nil || sizing.traits.correctsBesideLoad),
          sizing: sizing,
          enginePrior: sizing == .capacity
            ? nil : EnginePriorChoice(name: $0.enginePrior, model: common.modelName))
      },
      load: load.map {
        LoadPolicy(
          learningWindow: $0.learningWindow, minimumObservations: $0.minObservations,
          scalingDownSensitivityPercent: $0.scalingDownSensitivityPercent,
          warmUpSeconds: $0.warmUpSeconds,
          // By the other rules it goes one step at a time, as the original does.
          catchUp: sizing.traits.catchesUpByLoad
            ? LoadCatchUp(agreeingSamples: $0.agreeingSamples) : nil)
      },
      damping: damping, hold: hold)
    if !common.ownMinimums.isEmpty { policy.ownMinimums = common.ownMinimums }
    policy.minimumGPUs = common.minGPUBudget
    policy.load?.target = load?.target
    policy.maximumThroughputStep = throughput?.maximumStep
    return policy
  }
}
