import EngineProfiles
import Forecasting
import Planning

/// Turns observations into memory: predictors, corrections, regressions. Pure.
package struct Learning {
  let settings: InvocationSettings
  let profile: EngineProfile?
  /// End of the newest complete interval, Unix seconds; nil when throughput-based scaling is off.
  let newestIntervalEnd: Int?

  /// Prepares to learn at one moment.
  package init(
    settings: InvocationSettings, profile: EngineProfile?, newestIntervalEnd: Int?
  ) {
    self.settings = settings
    self.profile = profile
    self.newestIntervalEnd = newestIntervalEnd
  }

  /// The intervals that nobody has observed yet, at most as many as may be caught up with; nil when
  /// there is none.
  package func missingWindow(after lastIntervalEnd: Int?) -> TrafficWindow? {
    guard let throughput = settings.policy.throughput, let newestIntervalEnd else { return nil }
    let interval = throughput.intervalSeconds
    let oldest = newestIntervalEnd - (settings.catchUpIntervals - 1) * interval
    let first = lastIntervalEnd.map { max(oldest, $0 + interval) } ?? oldest
    guard first <= newestIntervalEnd else { return nil }
    return TrafficWindow(
      firstIntervalEnd: first, lastIntervalEnd: newestIntervalEnd, intervalSeconds: interval)
  }

  /// Predictors with the settings of today that have seen `history` (oldest first).
  package func rebuiltPredictors(_ history: [TrafficObservation]) -> TrafficPredictors {
    var predictors = TrafficPredictors(settings: settings.predictor)
    for observation in history { learn(observation, &predictors) }
    return predictors
  }

  /// Learns the traffic that was read, oldest first, and corrects by the newest interval.
  ///
  /// - Returns: the observations that are new, to be stored.
  package func learnTraffic(
    _ report: TrafficReport?, into memory: inout PlannerMemory, decodeWorkers: Int?
  ) -> [TrafficObservation] {
    guard let report else { return [] }
    var predictors = memory.predictors ?? TrafficPredictors(settings: settings.predictor)
    var new: [TrafficObservation] = []
    for observation in report.readings.compactMap(\.observation)
    where learn(observation, &predictors) {
      new.append(observation)
    }
    memory.predictors = predictors
    if let newest = new.last, newest.intervalEnd == newestIntervalEnd,
      let throughput = settings.policy.throughput, throughput.usesCorrection, let profile
    {
      memory.correction = memory.correction.updated(
        by: newest, profile: profile, intervalSeconds: throughput.intervalSeconds,
        decodeWorkers: decodeWorkers)
    }
    return new
  }

  /// Learns the workers' samples.
  package func learnWorkers(_ report: WorkerReport?, into memory: inout PlannerMemory) {
    guard let load = settings.policy.load, let report, !report.samples.isEmpty else { return }
    memory.load.learn(from: report.samples, mode: settings.policy.mode, policy: load)
  }

  @discardableResult
  private func learn(
    _ observation: TrafficObservation, _ predictors: inout TrafficPredictors
  ) -> Bool {
    predictors.observe(
      requestCount: observation.requestCount, isl: observation.isl, osl: observation.osl,
      intervalEnd: observation.intervalEnd)
  }
}
