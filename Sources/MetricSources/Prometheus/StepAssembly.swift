import Planning

/// Makes steps of the samples of all frontends.
///
/// A step counts when each frontend was scraped at both of its ends, or is known to be new or gone
/// (``IntervalCoverage``): a part is never taken for the whole.
struct StepAssembly {
  private let window: StepWindow
  private let seconds: Int
  private let tolerance: Double
  private let flows: [FrontendFlow]
  private var coverage: IntervalCoverage

  /// Nil when the samples tell nothing: there are none, or they are of several models of which
  /// nobody said which one counts.
  init?(window: StepWindow, queries: TrafficQueries, samples: SampleAnswer) {
    let series = samples.series.filter { StepMeasure($0.labels, prefix: queries.prefix) != nil }
    guard queries.modelName != nil || Set(series.compactMap { $0.labels["model"] }).count <= 1
    else { return nil }
    let frontends = SampledFrontend.all(series)
    let distances = frontends.compactMap(\.scrapeSeconds).sorted()
    guard !distances.isEmpty else { return nil }
    let scrapeSeconds = distances[distances.count / 2]
    self.window = window
    seconds = window.stepSeconds(scrapeSeconds: scrapeSeconds)
    tolerance = IntervalCoverage.tolerance(scrapeSeconds, intervalSeconds: Double(seconds))
    flows = frontends.map { FrontendFlow($0, prefix: queries.prefix) }
    coverage = IntervalCoverage(
      counter: queries.counter, intervalSeconds: seconds,
      series: series.filter { $0.labels["__name__"] == queries.counter })
  }

  /// What the samples leave open.
  var questions: FrontendFacts.Questions { coverage.questions(ends) }

  /// Takes the answers to the ``questions``.
  mutating func add(_ facts: FrontendFacts) { coverage.facts = facts }

  /// The steps that are complete, oldest first.
  func steps() -> [TrafficStep] {
    ends.filter { isScraped(by: $0) && coverage.verdict($0) == .whole }.map(step)
  }

  /// The ends of all steps that are over; of those from before the first sample nothing is known.
  private var ends: [Int] {
    let oldest = flows.compactMap(\.times.first).min() ?? window.until
    let first = (window.after / seconds + 1) * seconds
    let last = Int(window.until) / seconds * seconds
    return stride(from: first, through: last, by: seconds).filter {
      Double($0 - seconds) >= oldest && $0 - seconds >= window.after
    }
  }

  /// Whether nobody's sample from after the step is still to come. One that has been silent for longer
  /// is gone, or its silence is a gap: that is the coverage's affair.
  private func isScraped(by end: Int) -> Bool {
    flows.allSatisfy { flow in
      guard let last = flow.times.last else { return true }
      return last >= Double(end) || last < Double(end) - tolerance
    }
  }

  private func step(_ end: Int) -> TrafficStep {
    let (from, to) = (Double(end - seconds), Double(end))
    func sum(_ curve: FrontendFlow.Curve) -> Double {
      flows.reduce(0) { $0 + $1.amount(curve, from: from, to: to) }
    }
    func mean(_ tokens: FrontendFlow.Curve, _ requests: FrontendFlow.Curve) -> Double? {
      let (tokens, requests) = (sum(tokens), sum(requests))
      return requests > 0 && tokens > 0 ? tokens / requests : nil
    }
    var observation = TrafficObservation(
      intervalEnd: end, requestCount: sum(.completed), isl: mean(.inputTokens, .inputs),
      osl: mean(.outputTokens, .outputs),
      ttftMilliseconds: mean(.firstTokenSeconds, .firstTokens).map { $0 * 1000 },
      itlMilliseconds: mean(.tokenSeconds, .laterTokens).map { $0 * 1000 })
    guard flows.contains(where: { $0.hasGauges || $0.countsStarts }) else {
      return TrafficStep(observation, seconds: seconds)
    }
    observation.arrivals = Arrivals(
      count: sum(.arrivals),
      basis: flows.allSatisfy(\.countsStarts) ? .started : .completedAndInFlight)
    let waiting = flows.map { $0.waiting(at: to, within: Double(seconds) + tolerance) }
    observation.inFlightRequests = waiting.reduce(0) { $0 + $1.inFlight }
    observation.queuedRequests = waiting.reduce(0) { $0 + $1.queued }
    return TrafficStep(observation, seconds: seconds)
  }
}
