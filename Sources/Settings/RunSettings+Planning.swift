import Planning

extension RunSettings {
  /// What the decision needs to know of the settings.
  ///
  /// - Parameter gpusPerReplica: GPUs of one replica where the deployment tells; the flags' for
  ///   a component left out.
  public func policy(gpusPerReplica actual: [Component: Int] = [:]) -> PlanningPolicy {
    PlanningPolicy(
      mode: mode, targets: targets, minimumReplicas: minEndpoint, gpuBudget: maxGPUBudget,
      gpusPerReplica: gpusPerReplica.merging(actual) { _, actual in actual }
        .filter { mode.components.contains($0.key) },
      throughput: throughput.map {
        ThroughputPolicy(
          intervalSeconds: $0.intervalSeconds, usesCorrection: $0.usesCorrection, sizing: $0.sizing)
      },
      load: load.map {
        LoadPolicy(
          learningWindow: $0.learningWindow, minimumObservations: $0.minObservations,
          scalingDownSensitivityPercent: $0.scalingDownSensitivityPercent,
          warmUpSeconds: $0.warmUpSeconds, catchUp: $0.catchUp)
      },
      damping: damping, hold: hold)
  }
}
