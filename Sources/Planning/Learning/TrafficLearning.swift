import Forecasting

/// Lets the predictors learn traffic.
struct TrafficLearning {
  let settings: PredictorSettings
  /// Whether demand is what arrived, not what was completed.
  let countsArrivals: Bool

  init(_ settings: PlannerSettings) {
    self.settings = settings.predictor
    countsArrivals = settings.policy.throughput?.sizing.traits.countsArrivals ?? false
  }

  /// Predictors that have seen `intervals`, oldest first.
  func predictors(_ intervals: [TrafficObservation]) -> TrafficPredictors {
    var predictors = TrafficPredictors(settings: settings)
    for observation in intervals { _ = learn(observation, &predictors) }
    return predictors
  }

  /// Lets predictors that have seen nothing learn from recorded traffic, as if it had come just
  /// before the first interval that is known.
  ///
  /// - Parameters:
  ///   - traffic: what was read of the live traffic.
  ///   - recorded: the recorded intervals, oldest first.
  /// - Returns: how many were learned from; nil when it was not the time to.
  func warmUp(
    _ predictors: inout TrafficPredictors?, before traffic: TrafficReport?,
    on recorded: [RecordedTraffic]
  ) -> Int? {
    guard !recorded.isEmpty, predictors?.lastIntervalEnd == nil,
      let first = traffic?.readings.lazy.compactMap(\.observation).first
    else { return nil }
    var warm = TrafficPredictors(settings: settings)
    warm.warmUp(recorded, endingAt: first.intervalEnd - settings.intervalSeconds)
    predictors = warm
    return recorded.count
  }

  /// Learns the traffic that was read, oldest first. Predictors that have seen nothing are not
  /// kept: the next invocation may still warm them up.
  ///
  /// - Returns: the observations that are new.
  func learn(
    _ report: TrafficReport?, _ predictors: inout TrafficPredictors?
  ) -> [TrafficObservation] {
    guard let report else { return [] }
    var learning = predictors ?? TrafficPredictors(settings: settings)
    let new = report.readings.compactMap(\.observation).filter { learn($0, &learning) }
    if !new.isEmpty { predictors = learning }
    return new
  }

  private func learn(_ observation: TrafficObservation, _ predictors: inout TrafficPredictors)
    -> Bool
  {
    let demand = countsArrivals ? observation.arrivals?.count : nil
    return predictors.observe(
      requestCount: demand ?? observation.requestCount, isl: observation.isl,
      osl: observation.osl, intervalEnd: observation.intervalEnd)
  }
}

extension Observation {
  /// The newest interval as just read, or as an earlier invocation read it.
  func newestReading(_ history: History, endingAt newestEnd: Int) -> TrafficReading {
    if let traffic, let last = traffic.readings.last {
      return traffic.lateSeconds == nil ? last : newestComplete(traffic, history) ?? last
    }
    guard let newest = history.intervals.last, newest.intervalEnd >= newestEnd else {
      return .unknown(intervalEnd: newestEnd, reason: "the interval was not read")
    }
    return .known(newest)
  }

  /// The newest complete interval, of the two before one whose samples are late: older ones say too
  /// little of now.
  private func newestComplete(_ traffic: TrafficReport, _ history: History) -> TrafficReading? {
    let read = traffic.readings.reversed().lazy.compactMap(\.observation).first
    guard let late = traffic.readings.last, let complete = read ?? history.intervals.last,
      let seconds = traffic.intervalSeconds,
      complete.intervalEnd >= late.intervalEnd - 2 * seconds
    else { return nil }
    return .known(complete)
  }
}
