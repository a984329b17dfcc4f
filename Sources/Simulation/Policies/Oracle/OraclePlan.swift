import Planning

/// How many replicas each interval of a trace needs, and the policies that follow from knowing it.
public struct OraclePlan: Sendable, Equatable {
  /// Length of the intervals, in seconds.
  public let intervalSeconds: Double
  /// The fewest replicas of each scaled component that are enough, interval by interval from time
  /// zero.
  public let needs: [[Component: Int]]

  /// Makes the plan: simulates the trace many times over, so it costs some ten times as much as one
  /// run.
  ///
  /// - Parameters:
  ///   - intervalSeconds: how often the counts may change, above 0.
  ///   - goal: share of the requests that could meet a target that shall meet it, 0…1.
  public init(of run: SimulationRun, intervalSeconds: Double, goal: Double) {
    self = ReplicaOracle(run: run, intervalSeconds: max(1, intervalSeconds), goal: goal).plan()
  }

  /// A plan that is known already.
  public init(intervalSeconds: Double, needs: [[Component: Int]]) {
    self.intervalSeconds = intervalSeconds
    self.needs = needs
  }

  /// The most replicas of each component that any interval needs.
  public var peak: [Component: Int] {
    needs.reduce(into: [:]) { peak, need in peak.merge(need, uniquingKeysWith: max) }
  }

  /// Knows what is to come: every replica is ordered so that it is ready when its interval begins.
  public func clairvoyant(name: String, startUpSeconds: Double) -> ScheduledReplicas {
    var times: Set<Double> = []
    for index in needs.indices {
      times.insert(max(0, start(of: index)))
      times.insert(max(0, start(of: index) - startUpSeconds))
    }
    let steps = times.sorted().map { time in
      ScheduledReplicas.Step(time: time, replicas: needed(from: time, for: startUpSeconds))
    }
    return ScheduledReplicas(name: name, steps: steps)
  }

  /// Knows only what was: at the end of each interval it orders what would have been enough for it,
  /// times `margin`.
  public func hindsight(name: String, margin: Double = 1) -> ScheduledReplicas {
    let steps = needs.indices.map { index in
      ScheduledReplicas.Step(
        time: start(of: index + 1),
        replicas: needs[index].mapValues { Int((Double($0) * margin).rounded(.up)) })
    }
    return ScheduledReplicas(name: name, steps: steps)
  }

  private func start(of index: Int) -> Double { Double(index) * intervalSeconds }

  /// The most replicas of the intervals that are under way at `time` or begin within `lead`.
  private func needed(from time: Double, for lead: Double) -> [Component: Int] {
    var most: [Component: Int] = [:]
    var index = Int(time / intervalSeconds)
    while index < needs.count, start(of: index) <= time + lead {
      most.merge(needs[index], uniquingKeysWith: max)
      index += 1
    }
    return most
  }
}
