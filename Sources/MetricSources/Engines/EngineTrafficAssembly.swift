import Planning

/// Turns an engine's samples into one reading for each interval.
struct EngineTrafficAssembly {
  let engine: EngineMetrics
  let intervalSeconds: Int
  /// How the samples cover the intervals.
  var coverage: IntervalCoverage
  /// Of the servers that requests come in at.
  private let samples: EngineSamples
  /// Of the servers that generate; the same unless prefill and decode are apart.
  private let generation: EngineSamples
  private let spreads: [DemandMeasure: RangeAnswer]

  init(
    engine: EngineMetrics, intervalSeconds: Int, series: [SampleAnswer.Series],
    generating: [SampleAnswer.Series]? = nil,
    spreads: [DemandMeasure: RangeAnswer] = [:]
  ) {
    self.engine = engine
    self.intervalSeconds = intervalSeconds
    self.spreads = spreads
    let witness = EngineSamples(series, scrapeSeconds: nil).series(engine.witness)
    coverage = IntervalCoverage(
      counter: engine.witness.first ?? "", intervalSeconds: intervalSeconds, series: witness)
    samples = EngineSamples(series, scrapeSeconds: coverage.scrapeSeconds)
    generation = EngineSamples(generating ?? series, scrapeSeconds: coverage.scrapeSeconds)
  }

  /// One reading for each interval.
  func report(_ ends: [Int]) -> TrafficReport {
    var report = TrafficReport(readings: [])
    var withoutInFlight = false
    for (index, end) in ends.enumerated() {
      switch verdict(end) {
      case .whole:
        let observation = observation(index, end)
        withoutInFlight = withoutInFlight || observation.arrivals?.basis == .completed
        report.readings.append(.known(observation))
        report.lateSeconds = nil
      case .gap(let reason):
        report.readings.append(.unknown(intervalEnd: end, reason: reason))
        report.lateSeconds = nil
      case .late(let reason, let seconds):
        report.readings.append(.unknown(intervalEnd: end, reason: reason))
        report.lateSeconds = seconds
      }
    }
    if let late = report.lateSeconds {
      report.warnings.append(
        "The samples of the newest interval are \(Int(late.rounded())) s late; until they are there, "
          + "the newest complete interval counts.")
    }
    if withoutInFlight {
      report.warnings.append(
        "Requests finished were counted instead of arrivals, which hides the load of an overloaded "
          + "deployment: \(engine.title) shows none of \(engine.gauges.flatMap { $0 }.joined(separator: ", "))."
      )
    }
    if let preempted = preemptions(ends.last) { report.warnings.append(preempted) }
    return report
  }

  private func verdict(_ end: Int) -> IntervalCoverage.Verdict {
    let start = Double(end - intervalSeconds)
    let isSampled = coverage.frontends.contains { frontend in
      frontend.times.count { $0 > start && $0 <= Double(end) } >= 2
    }
    let verdict = coverage.verdict(end)
    guard verdict == .whole, !isSampled else { return verdict }
    return .gap(
      "Prometheus has fewer than two samples of \(coverage.counter) in the interval. It has to be "
        + "scraped at least twice in --adjustment-interval.")
  }

  private func observation(_ index: Int, _ end: Int) -> TrafficObservation {
    func mean(_ mean: EngineMetrics.Mean, _ samples: EngineSamples) -> Double? {
      let start = Double(end - intervalSeconds)
      guard let sum = samples.growth(mean.sum, from: start, to: Double(end)),
        let count = samples.growth(mean.count, from: start, to: Double(end)), count >= 0.5, sum > 0
      else { return nil }
      return sum / count
    }
    func milliseconds(_ names: EngineMetrics.Names, _ samples: EngineSamples) -> Double? {
      mean(EngineMetrics.Mean(histogram: names), samples).map { $0 * 1000 }
    }
    let served =
      samples.growth(engine.witness, from: Double(end - intervalSeconds), to: Double(end)) ?? 0
    var observation = TrafficObservation(
      intervalEnd: end, requestCount: served, isl: mean(engine.promptLength, samples),
      osl: mean(engine.outputLength, generation),
      ttftMilliseconds: milliseconds(engine.firstToken, samples),
      itlMilliseconds: milliseconds(engine.interToken, generation),
      requestDurationSeconds: mean(.init(histogram: engine.requestDuration), generation))
    add(arrivalsFrom: served, end, to: &observation)
    observation.spread = spread(index, observation)
    return observation
  }

  // MARK: Arrivals

  private func waiting(_ time: Double) -> Double? {
    let parts = engine.waiting.compactMap { samples.value($0, at: time) }
    return parts.isEmpty ? nil : parts.reduce(0, +)
  }

  private func add(
    arrivalsFrom served: Double, _ end: Int, to observation: inout TrafficObservation
  ) {
    let (start, end) = (Double(end - intervalSeconds), Double(end))
    func pending(_ time: Double) -> Double? {
      switch engine.arrivals {
      case .firstTokensAndWaiting: waiting(time)
      case .finishedAndInFlight:
        waiting(time).flatMap { waiting in
          samples.value(engine.running, at: time).map { waiting + $0 }
        }
      }
    }
    observation.queuedRequests = waiting(end)
    observation.inFlightRequests = observation.queuedRequests.flatMap { waiting in
      samples.value(engine.running, at: end).map { waiting + $0 }
    }
    guard let after = pending(end) else {
      observation.arrivals = Arrivals(count: served, basis: .completed)
      return
    }
    // A server that began within the interval had nothing waiting before.
    let arrived = max(0, served + after - (pending(start) ?? 0))
    var arrivals = Arrivals(count: arrived, basis: .completedAndInFlight)
    arrivals.indexOfDispersion = indexOfDispersion(from: start, to: end)
    observation.arrivals = arrivals
  }

  /// Variance over mean of the counts in equal parts of the interval, of the finest division that has
  /// at least two scrapes a part.
  private func indexOfDispersion(from start: Double, to end: Double) -> Double? {
    guard let scrape = coverage.scrapeSeconds, scrape > 0 else { return nil }
    for division in DemandQueries.divisions {
      let part = (end - start) / Double(division)
      guard part >= 2 * scrape else { continue }
      let counts = (0..<division).compactMap { index in
        samples.growth(
          engine.witness, from: start + Double(index) * part, to: start + Double(index + 1) * part)
      }
      let mean = counts.reduce(0, +) / Double(division)
      guard counts.count == division, mean > 0 else { return nil }
      let squares = counts.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      return squares / Double(division - 1) / mean
    }
    return nil
  }

  // MARK: Spread

  private func spread(_ index: Int, _ observation: TrafficObservation) -> TrafficSpread? {
    func histogram(_ measure: DemandMeasure, mean: Double?) -> BucketCounts? {
      guard let answer = spreads[measure] else { return nil }
      let scale = measure == .timeToFirstToken || measure == .interTokenLatency ? 1000.0 : 1
      guard var histogram = BucketCounts(answer, at: index, model: "", times: scale) else {
        return nil
      }
      histogram.sum = mean.map { $0 * histogram.count }
      return histogram
    }
    let spread = TrafficSpread(
      isl: histogram(.inputLength, mean: observation.isl),
      osl: histogram(.outputLength, mean: observation.osl),
      ttftMilliseconds: histogram(.timeToFirstToken, mean: observation.ttftMilliseconds),
      itlMilliseconds: histogram(.interTokenLatency, mean: observation.itlMilliseconds))
    return spread == TrafficSpread() ? nil : spread
  }

  // MARK: Warnings

  private func preemptions(_ end: Int?) -> String? {
    guard let end,
      let count = generation.growth(
        engine.preemptions, from: Double(end - intervalSeconds), to: Double(end)), count >= 1
    else { return nil }
    return
      "\(engine.title) took the KV cache of \(Int(count.rounded())) running requests away in the "
      + "newest interval (preemptions): it is full, and their tokens are computed again."
  }
}
