import Planning

/// The original planner's load rule (release 1.0.0) with its mistakes, for comparison.
///
/// Numbers refer to the list of the original's faults: a regression whose slope is not positive
/// answers with the *smallest* load seen within the target (23), stale gauges are learned again and
/// again (24), and a target that can't be met at all means no decision, whatever is queued (26).
struct OriginalLoadRule: Sendable {
  let component: Component
  let targetMilliseconds: Double
  let policy: LoadPolicy
  private var regression = LoadRegression()

  init(component: Component, targets: LatencyTargets, policy: LoadPolicy) {
    self.component = component
    targetMilliseconds =
      component == .prefill ? targets.ttftMilliseconds : targets.itlMilliseconds
    self.policy = policy
  }

  /// Learns one observation per worker from the newest sample.
  mutating func learn(_ workers: [WorkerGauges]) {
    for worker in workers {
      let tokens = worker.activePrefillTokens ?? 0
      let blocks = worker.activeDecodeBlocks ?? 0
      switch component {
      case .prefill:
        let isl = worker.lastISL ?? 0
        let ttft = worker.lastTTFTMilliseconds ?? 0
        if ttft > 0, isl > 0 { add(tokens + isl, ttft) }
      case .decode:
        let itl = worker.lastITLMilliseconds ?? 0
        if itl > 0, blocks > 0 { add(blocks, itl) }
      }
    }
  }

  /// Fills the window with observations made before.
  mutating func seed(_ points: [LoadPoint]) {
    for point in points { add(point.load, point.latencyMilliseconds) }
  }

  private mutating func add(_ load: Double, _ latency: Double) {
    regression.add(
      LoadPoint(load: load, latencyMilliseconds: latency), window: policy.learningWindow)
  }

  /// One step up or down from `count`; nil for no decision.
  ///
  /// - Parameters:
  ///   - newest: the workers of the newest sample.
  ///   - meanISL: mean ISL over all samples and workers.
  func desired(count: Int, newest: [WorkerGauges], meanISL: Double) -> Int? {
    guard count > 0, !newest.isEmpty, let bound = loadAtTarget() else { return nil }
    let threshold = component == .prefill ? bound - meanISL : bound
    guard threshold > 0 else { return nil }
    let loads = newest.map { worker in
      (component == .prefill ? worker.activePrefillTokens : worker.activeDecodeBlocks) ?? 0
    }
    if loads.allSatisfy({ $0 > threshold }) { return count + 1 }
    guard count > 1 else { return nil }
    let boundary =
      threshold * Double(count - 1) / Double(count) * policy.scalingDownSensitivityPercent / 100
    return loads.allSatisfy { $0 < boundary } ? count - 1 : nil
  }

  private func loadAtTarget() -> Double? {
    guard regression.points.count >= policy.minimumObservations, let line = regression.line else {
      return nil
    }
    if line.slope > 0 { return max(0, (targetMilliseconds - line.intercept) / line.slope) }
    let within = regression.points.filter { $0.latencyMilliseconds < targetMilliseconds }
    let smallest = (within.isEmpty ? regression.points : within).map(\.load).min()
    return smallest.map { max(0, $0) }
  }
}
