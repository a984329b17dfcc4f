import Invocation
import Planning

/// A load regression as the newest decision found it.
public struct ReportRegression: Sendable, Equatable {
  /// Which latency: TTFT over prefill tokens, or ITL over decode blocks.
  public var latency: LoadSide.Latency
  /// What it was learned from.
  public var points: [LoadPoint]
  /// Where the target is reached, and the line.
  public var bound: LoadBound
  /// The latency target, milliseconds.
  public var targetMilliseconds: Double
  /// Where the workers stood.
  public var workers: [LoadPoint]

  /// Creates a regression.
  public init(
    latency: LoadSide.Latency, points: [LoadPoint], bound: LoadBound, targetMilliseconds: Double,
    workers: [LoadPoint] = []
  ) {
    self.latency = latency
    self.points = points
    self.bound = bound
    self.targetMilliseconds = targetMilliseconds
    self.workers = workers
  }

  /// The regressions that a decision rests on, those that have learned nothing left out.
  public static func all(of record: DecisionRecord) -> [ReportRegression] {
    guard let workers = record.input.workers else { return [] }
    let targets = record.input.policy.targets
    let minimum = record.input.policy.load?.minimumObservations ?? LoadPolicy().minimumObservations
    let sides = record.decision.components.sorted { $0.key < $1.key }
      .flatMap { $0.value.verdict?.sides ?? [] }
    let candidates: [(LoadSide.Latency, LoadRegression, Double)] = [
      (.ttft, workers.state.ttft, targets.ttftMilliseconds),
      (.itl, workers.state.itl, targets.itlMilliseconds),
    ]
    return candidates.compactMap { latency, regression, target in
      guard !regression.points.isEmpty else { return nil }
      let side = sides.first { $0.latency == latency }
      return ReportRegression(
        latency: latency, points: regression.points,
        bound: side?.bound
          ?? regression.bound(targetMilliseconds: target, minimumObservations: minimum),
        targetMilliseconds: target,
        workers: side?.loads.compactMap { worker in
          guard let load = worker.learnedLoad, let latency = worker.latencyMilliseconds else {
            return nil
          }
          return LoadPoint(load: load, latencyMilliseconds: latency)
        } ?? [])
    }
  }
}
