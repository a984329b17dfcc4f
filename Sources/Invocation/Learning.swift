import EngineProfiles
import Forecasting
import Planning

/// Turns observations into memory: predictors, corrections, regressions. Pure.
package struct Learning {
  let settings: InvocationSettings
  let profile: EngineProfile?
  /// End of the newest complete interval, Unix seconds; nil when throughput-based scaling is off.
  let newestIntervalEnd: Int?

  /// Prepares to learn at one moment: intervals end at multiples of their length.
  package init(settings: InvocationSettings, profile: EngineProfile?, at time: Double) {
    self.settings = settings
    self.profile = profile
    newestIntervalEnd = settings.policy.throughput.map { throughput in
      let interval = throughput.intervalSeconds
      return Int((time / Double(interval)).rounded(.down)) * interval
    }
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

  /// Lets predictors that have seen nothing learn from recorded traffic, as if it had come just
  /// before the first interval that is known.
  ///
  /// - Parameters:
  ///   - traffic: what was read of the live traffic.
  ///   - recorded: the recorded intervals, oldest first; read only when they are needed.
  /// - Returns: how many were learned from; nil when it was not the time to.
  package func warmUp(
    _ memory: inout PlannerMemory, before traffic: TrafficReport?,
    on recorded: () throws -> [RecordedTraffic]
  ) rethrows -> Int? {
    guard memory.predictors?.lastIntervalEnd == nil,
      let first = traffic?.readings.lazy.compactMap(\.observation).first
    else { return nil }
    let intervals = try recorded()
    var predictors = TrafficPredictors(settings: settings.predictor)
    predictors.warmUp(
      intervals, endingAt: first.intervalEnd - settings.predictor.intervalSeconds)
    memory.predictors = predictors
    return intervals.count
  }

  /// The newest interval as just read, or as it was when an earlier invocation read it.
  ///
  /// - Parameter remembered: the latest interval that was ever observed.
  /// - Returns: nil when throughput-based scaling is off.
  package func newestReading(
    _ report: TrafficReport?, remembered: () throws -> TrafficObservation?
  ) rethrows -> TrafficReading? {
    guard let newestIntervalEnd else { return nil }
    if let last = report?.readings.last { return last }
    guard let newest = try remembered(), newest.intervalEnd >= newestIntervalEnd else {
      return .unknown(intervalEnd: newestIntervalEnd, reason: "the interval was not read")
    }
    return .known(newest)
  }

  /// Learns all that a moment showed.
  ///
  /// - Parameter status: the deployment; nil when it could not be observed.
  /// - Returns: the traffic observations that are new, to be stored.
  package func learn(
    traffic: TrafficReport?, workers: WorkerReport?, status: DeploymentStatus?,
    into memory: inout PlannerMemory
  ) -> [TrafficObservation] {
    let position = status.map {
      DeploymentPosition($0, workers: workers, settings: settings)
    }
    let decode = position?.counts[.decode]
    let new = learnTraffic(
      traffic, into: &memory, decodeWorkers: decode.flatMap { $0.ready ?? $0.current })
    calibrate(by: new.last, status: status, counts: position?.counts ?? [:], &memory)
    learnWorkers(workers, into: &memory)
    return new
  }

  /// Learns the traffic that was read, oldest first, and corrects by the newest interval.
  ///
  /// - Returns: the observations that are new, to be stored.
  private func learnTraffic(
    _ report: TrafficReport?, into memory: inout PlannerMemory, decodeWorkers: Int?
  ) -> [TrafficObservation] {
    guard let report else { return [] }
    var predictors = memory.predictors ?? TrafficPredictors(settings: settings.predictor)
    var new: [TrafficObservation] = []
    for observation in report.readings.compactMap(\.observation)
    where learn(observation, &predictors) {
      new.append(observation)
    }
    // Predictors that have seen nothing are not kept: the next invocation may still warm them up.
    if !new.isEmpty { memory.predictors = predictors }
    if let newest = new.last, newest.intervalEnd == newestIntervalEnd,
      let throughput = settings.policy.throughput, throughput.usesCorrection,
      throughput.sizing == .capacity, let profile
    {
      memory.correction = memory.correction.updated(
        by: newest, profile: profile, intervalSeconds: throughput.intervalSeconds,
        decodeWorkers: decodeWorkers)
    }
    return new
  }

  /// Compares what was expected of the newest interval with what it showed.
  private func calibrate(
    by newest: TrafficObservation?, status: DeploymentStatus?,
    counts: [Component: DeploymentPosition.Counts], _ memory: inout PlannerMemory
  ) {
    guard let newest, newest.intervalEnd == newestIntervalEnd,
      let throughput = settings.policy.throughput, let sla = throughput.sizing.sla
    else { return }
    let plan = memory.decision.plan.flatMap {
      $0.intervalEnd == newest.intervalEnd - throughput.intervalSeconds ? $0 : nil
    }
    memory.calibration = SLASizing(
      policy: settings.policy(for: status), sla: sla,
      intervalSeconds: throughput.intervalSeconds, calibration: memory.calibration.factors
    ).learned(
      memory.calibration, from: newest, plan: plan, counts: counts,
      forecast: memory.predictors?.forecast(),
      startUpSeconds: settings.predictor.startupDelaySeconds,
      usesCorrection: throughput.usesCorrection, profile: profile)
  }

  /// Learns the workers' samples.
  private func learnWorkers(_ report: WorkerReport?, into memory: inout PlannerMemory) {
    guard let load = settings.policy.load, let report, !report.samples.isEmpty else { return }
    memory.load.learn(from: report.samples, mode: settings.policy.mode, policy: load)
  }

  @discardableResult
  private func learn(
    _ observation: TrafficObservation, _ predictors: inout TrafficPredictors
  ) -> Bool {
    predictors.observe(
      requestCount: demand(observation), isl: observation.isl, osl: observation.osl,
      intervalEnd: observation.intervalEnd)
  }

  /// What counts as the interval's traffic: what arrived, where sizing holds the targets, else what
  /// was completed, as the original planner has it.
  private func demand(_ observation: TrafficObservation) -> Double {
    guard settings.policy.throughput?.sizing.sla != nil else { return observation.requestCount }
    return observation.arrivals?.count ?? observation.requestCount
  }
}
