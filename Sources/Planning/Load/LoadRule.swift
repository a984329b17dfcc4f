/// Steps up or down from the load that the workers carry (docs/design/rules.md).
public struct LoadRule: Sendable {
  let mode: DeploymentMode
  let targets: LatencyTargets
  let policy: LoadPolicy

  /// Creates the rule.
  public init(mode: DeploymentMode, targets: LatencyTargets, policy: LoadPolicy) {
    self.mode = mode
    self.targets = targets
    self.policy = policy
  }

  /// What the workers' load says of one component.
  ///
  /// - Parameters:
  ///   - samples: this invocation's samples, oldest first, not empty.
  ///   - state: the regressions, these samples already learned.
  ///   - ready: workers that the deployment reports as ready.
  public func verdict(
    for component: Component, samples: [WorkerSample], state: LoadState, ready: Int
  ) -> LoadVerdict {
    let seen = (samples.last?.workers ?? []).filter { $0.component == component }
    guard !seen.isEmpty, ready > 0 else {
      return LoadVerdict(direction: .none, reason: .noWorkers, seen: seen.count, sides: [])
    }
    let sides: [LoadSide] =
      switch (mode, component) {
      case (.agg, _):
        [
          side(.ttft, seen: seen, samples: samples, state: state, ready: ready),
          side(.itl, seen: seen, samples: samples, state: state, ready: ready),
        ]
      case (_, .prefill): [side(.ttft, seen: seen, samples: samples, state: state, ready: ready)]
      case (_, .decode): [side(.itl, seen: seen, samples: samples, state: state, ready: ready)]
      }
    return combine(sides, seen: seen.count, ready: ready)
  }

  /// Up when a side says up; down only when every side says down. Where a side knows the load of
  /// another number of workers than are ready, never down, and up only if at least half are known.
  private func combine(_ sides: [LoadSide], seen: Int, ready: Int) -> LoadVerdict {
    let up = sides.filter { $0.direction == .up }
    if let side = up.first(where: { 2 * $0.knownLoads >= ready }) {
      let wanted = up.filter { 2 * $0.knownLoads >= ready }.compactMap(\.wanted).max()
      return LoadVerdict(
        direction: .up, reason: side.reason, seen: seen, sides: sides, wanted: wanted)
    }
    guard up.isEmpty, seen == ready, sides.allSatisfy({ $0.knownLoads == ready }) else {
      return LoadVerdict(
        direction: .none, reason: .workerCountMismatch, seen: seen, sides: sides)
    }
    let agreeing = sides.filter { $0.direction == .down || $0.agreesWithDown }
    if agreeing.count == sides.count, sides.contains(where: { $0.direction == .down }) {
      return LoadVerdict(direction: .down, reason: .scaleDown, seen: seen, sides: sides)
    }
    let reason = sides.map(\.reason).first { $0 != .scaleDown && $0 != .noChange } ?? .noChange
    return LoadVerdict(direction: .none, reason: reason, seen: seen, sides: sides)
  }

  /// What one latency says: TTFT through prefill tokens, ITL through decode blocks.
  private func side(
    _ latency: LoadSide.Latency, seen: [WorkerGauges], samples: [WorkerSample],
    state: LoadState, ready: Int
  ) -> LoadSide {
    let regression = latency == .ttft ? state.ttft : state.itl
    let target = latency == .ttft ? targets.ttftMilliseconds : targets.itlMilliseconds
    var side = LoadSide(
      latency: latency,
      bound: regression.bound(
        targetMilliseconds: target, minimumObservations: policy.minimumObservations),
      loads: seen.map { WorkerLoad($0, latency: latency) })
    let component = seen[0].component
    let loads = samples.map { sample in
      sample.workers.filter { $0.component == component }
        .map { WorkerLoad($0, latency: latency) }
    }.filter { !$0.isEmpty }
    guard let bound = side.bound.load else {
      if side.bound.isUnusable {
        decideWithoutBound(&side, .regressionUnusable, target: target, regression, loads)
      } else {
        side.reason = .insufficientData
        side.agreesWithDown = side.isIdle(targetMilliseconds: target, sensitivity: sensitivity)
      }
      return side
    }
    let meanISL =
      latency == .ttft
      ? WorkerMeans.isl(
        samples, component: component, among: Set(seen.map(\.workerID))) ?? 0 : 0
    let threshold = bound - meanISL
    side.threshold = threshold
    guard threshold > 0 else {
      decideWithoutBound(&side, .targetUnreachable, target: target, regression, loads)
      return side
    }
    if let catchUp = policy.catchUp {
      decideCatchingUp(&side, threshold: threshold, samples: loads, ready: ready, catchUp)
    } else {
      decide(&side, threshold: threshold, ready: ready)
    }
    return side
  }

  /// Nothing seen tells a load that meets the target. That is no reason to watch a queue grow: when
  /// every worker misses the target and is busier than usual, one replica more.
  private func decideWithoutBound(
    _ side: inout LoadSide, _ reason: LoadReason, target: Double, _ regression: LoadRegression,
    _ samples: [[WorkerLoad]]
  ) {
    let median = regression.medianLoad
    let isOverloaded =
      if let catchUp = policy.catchUp {
        isOverloaded(side, samples: samples, target: target, medianLoad: median, catchUp)
      } else {
        side.isOverloaded(targetMilliseconds: target, medianLoad: median)
      }
    side.direction = isOverloaded ? .up : .none
    side.reason = isOverloaded ? .overload : reason
  }

  private func decide(_ side: inout LoadSide, threshold: Double, ready: Int) {
    let loads = side.loads.compactMap(\.load)
    guard !loads.isEmpty else { return }
    let boundary = threshold * Double(ready - 1) / Double(ready) * sensitivity
    if ready > 1 { side.scaleDownBoundary = boundary }
    if loads.allSatisfy({ $0 > threshold }) {
      side.direction = .up
      side.reason = .scaleUp
    } else if ready > 1, loads.allSatisfy({ $0 < boundary }) {
      side.direction = .down
      side.reason = .scaleDown
    }
  }

  var sensitivity: Double { policy.scalingDownSensitivityPercent / 100 }
}
