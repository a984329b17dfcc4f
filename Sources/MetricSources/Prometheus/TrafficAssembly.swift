import Invocation
import Planning

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Turns Prometheus's answers into readings: what is known, what is not, and why.
///
/// An interval is known when
/// 1. Prometheus has a sample of the request counter from the last *reach* seconds before the
///    interval's end, and one from the *reach* seconds before its middle, reach = max(T/2, 65 s);
/// 2. the samples cover it (``IntervalCoverage``), where that can be checked;
/// 3. the increase of the counter is a finite number of at least 0;
/// 4. it had no requests, or Prometheus did answer how long they were.
///
/// The fourth rule is for the predictors: what is known is learned once and never asked for again,
/// and an interval learned without its lengths because of one failed query would be lost to them.
/// A failed query for a latency costs that value alone. So as to be asked for again, such an
/// interval must be followed by no known one, however idle.
///
/// The first rule looks at raw samples (`count_over_time`), neither at the five minutes for which
/// Prometheus goes on showing a series that is no longer scraped, nor at the staleness marker
/// that hides a series at once after a single failed scrape. Without a sample in the second half
/// the counter's end is not known; without one in the first half the increase begins too late
/// and is too low (`increase` sees only what lies between the first and the last sample). Either
/// way an outage of the scraping must not be read as little traffic.
struct TrafficAssembly {
  let window: TrafficWindow
  let queries: TrafficQueries
  let answers: [TrafficMeasure: Result<RangeAnswer, FetchFailure>]
  /// Why the request query found no series at all, when that was so.
  let nothingMatched: Mismatch?
  /// How the samples cover the intervals; nil when they were not asked for.
  var coverage: TrafficCoverage?
  /// What is known of arrivals; nil when they were not asked for.
  var demand: DemandAssembly?

  private var missing: [TrafficMeasure: NamedCases] = [:]
  private var refused: [TrafficMeasure: NamedCases] = [:]
  /// Why the lengths of the first interval with requests could not be asked for.
  private var withoutLengths: Unknown?
  /// Intervals whose arrivals are not known, by the reason.
  private var withoutArrivals: [String: NamedCases] = [:]

  init(
    window: TrafficWindow, queries: TrafficQueries,
    answers: [TrafficMeasure: Result<RangeAnswer, FetchFailure>], nothingMatched: Mismatch? = nil
  ) {
    self.window = window
    self.queries = queries
    self.answers = answers
    self.nothingMatched = nothingMatched
  }

  /// One reading per interval.
  mutating func report() -> TrafficReport {
    var readings: [TrafficReading] = []
    var isMisnamed = false
    for (index, end) in window.intervalEnds.enumerated() {
      do throws(Unknown) {
        readings.append(.known(try observation(index, end)))
      } catch {
        readings.append(.unknown(intervalEnd: end, reason: error.reason))
        isMisnamed = error.isMisnamed
      }
    }
    let isAnyKnown = readings.contains { $0.observation != nil }
    var report = TrafficReport(readings: readings, warnings: warnings(isAnyKnown: isAnyKnown))
    report.lateSeconds = lateSeconds(readings)
    report.intervalSeconds = window.intervalSeconds
    report.isMisnamed = isMisnamed && !isAnyKnown
    return report
  }

  /// Why no series is ours.
  struct Mismatch {
    let reason: String
    /// Whether there are others.
    let hasOthers: Bool
  }

  /// Nothing is known of an interval.
  private struct Unknown: Error {
    let reason: String
    var isMisnamed = false
  }

  private mutating func observation(_ index: Int, _ end: Int) throws(Unknown)
    -> TrafficObservation
  {
    if let nothingMatched {
      throw Unknown(reason: nothingMatched.reason, isMisnamed: nothingMatched.hasOthers)
    }
    let found = try requestCount(index)
    try checkPresence(index, found?.model)
    if let obstacle = coverage?.obstacle(index, end, model: found?.model ?? "") {
      throw Unknown(reason: obstacle.reason)
    }
    guard let (model, text) = found else {
      throw Unknown(
        reason: coverage?.reasonWithoutIncrease(model: nil)
          ?? "Prometheus has fewer than two samples of \(queries.counter) in the interval.")
    }
    guard let count = DecimalText.value(text), count.isFinite, count >= 0 else {
      throw Unknown(
        reason: "The request count \(Excerpt.of(text.utf8)) can't be right and was refused.")
    }
    try checkLengths(hasTraffic: count > 0)
    func mean(_ measure: TrafficMeasure, times unit: Double = 1) -> Double? {
      self.mean(measure, index, model, end, hasTraffic: count > 0).map { $0 * unit }
    }
    let observation = TrafficObservation(
      intervalEnd: end, requestCount: count, isl: mean(.inputLength), osl: mean(.outputLength),
      ttftMilliseconds: mean(.timeToFirstToken, times: 1000),
      itlMilliseconds: mean(.interTokenLatency, times: 1000),
      requestDurationSeconds: mean(.requestDuration))
    guard let demand = demand?.demand(index, model: model) else { return observation }
    return adding(demand, to: observation)
  }

  /// By how much the newest interval's samples are late, when that keeps it from being known.
  private func lateSeconds(_ readings: [TrafficReading]) -> Double? {
    guard case .unknown(let end, _)? = readings.last, nothingMatched == nil else { return nil }
    let model = (try? requestCount(readings.count - 1))?.model ?? ""
    return coverage?.obstacle(readings.count - 1, end, model: model)?.lateSeconds
  }

  private mutating func adding(
    _ demand: IntervalDemand, to observation: TrafficObservation
  ) -> TrafficObservation {
    var observation = observation
    observation.arrivals =
      demand.arrivals ?? Arrivals(count: observation.requestCount, basis: .completed)
    observation.inFlightRequests = demand.inFlight
    observation.queuedRequests = demand.queued
    if let reason = demand.reason {
      let time = Date(timeIntervalSince1970: Double(observation.intervalEnd)).ISO8601Format()
      withoutArrivals[reason, default: NamedCases()].add(time)
    }
    func histogram(_ measure: DemandMeasure, mean: Double?) -> BucketCounts? {
      guard var histogram = demand.histograms[measure] else { return nil }
      histogram.sum = mean.map { $0 * histogram.count }
      return histogram
    }
    if !demand.histograms.isEmpty {
      observation.spread = TrafficSpread(
        isl: histogram(.inputLength, mean: observation.isl),
        osl: histogram(.outputLength, mean: observation.osl),
        ttftMilliseconds: histogram(.timeToFirstToken, mean: observation.ttftMilliseconds),
        itlMilliseconds: histogram(.interTokenLatency, mean: observation.itlMilliseconds))
    }
    return observation
  }

  /// The model that counts (empty where results aren't grouped) and its request count as text;
  /// nil when no series has one in this interval.
  private func requestCount(_ index: Int) throws(Unknown) -> (model: String, text: String)? {
    switch answers[.requests] {
    case .success(let answer):
      let found = answer.series.filter { $0.texts[index] != nil }
      let models = Set(found.map { $0.labels["model"] ?? "" }).sorted()
      guard found.count <= 1 else {
        throw Unknown(
          reason: models.count > 1
            ? "There are several models, \(LabelList.text(models)); name the one to count with "
              + "--model-name."
            : "Prometheus answered with \(found.count) sums where one was asked for.",
          isMisnamed: models.count > 1)
      }
      return found.first.flatMap { series in
        series.texts[index].map { (series.labels["model"] ?? "", $0) }
      }
    case .failure(let failure): throw Unknown(reason: failure.sentence)
    case nil: throw Unknown(reason: "Prometheus was not asked for the request count.")
    }
  }

  /// - Parameter model: whose samples; nil for anybody's.
  private func checkPresence(_ index: Int, _ model: String?) throws(Unknown) {
    switch answers[.presence] {
    case .success(let answer):
      let series = answer.series.filter { model == nil || $0.labels["model"] ?? "" == model }
      let reach = TrafficQueries.reach(window.intervalSeconds)
      let counter = queries.counter
      guard series.contains(where: { $0.texts[2 * index + 1] != nil }) else {
        throw Unknown(
          reason: "Stale: Prometheus has no sample of \(counter) from the last \(reach) s of the "
            + "interval; check that it still scrapes its target.")
      }
      guard series.contains(where: { $0.texts[2 * index] != nil }) else {
        throw Unknown(
          reason: "Incomplete: Prometheus has no sample of \(counter) from the \(reach) s before "
            + "the middle of the interval, so its increase would be counted too low.")
      }
    case .failure(let failure):
      throw Unknown(
        reason: "Whether the samples are fresh could not be checked: \(failure.sentence)")
    case nil: throw Unknown(reason: "Prometheus was not asked whether there are samples.")
    }
  }

  private mutating func checkLengths(hasTraffic: Bool) throws(Unknown) {
    if hasTraffic, withoutLengths == nil {
      for measure in [TrafficMeasure.inputLength, .outputLength] {
        guard case .failure(let failure)? = answers[measure] else { continue }
        withoutLengths = Unknown(reason: "The \(measure.title) is not known: \(failure.sentence)")
        break
      }
    }
    if let withoutLengths { throw withoutLengths }
  }

  private mutating func mean(
    _ measure: TrafficMeasure, _ index: Int, _ model: String, _ end: Int, hasTraffic: Bool
  ) -> Double? {
    guard case .success(let answer)? = answers[measure] else { return nil }
    let text = answer.series.first { ($0.labels["model"] ?? "") == model }?.texts[index]
    let time = Date(timeIntervalSince1970: Double(end)).ISO8601Format()
    guard let text, let legs = DecimalText.value(text), !legs.isNaN else {
      // Without a request 0/0 is what must come; with one it is a gap.
      if let text, DecimalText.value(text) == nil {
        refused[measure, default: NamedCases()].add("\(Excerpt.of(text.utf8)) at \(time)")
      } else if hasTraffic {
        missing[measure, default: NamedCases()].add("\(time)")
      }
      return nil
    }
    let value = queries.requestMean(measure, fromLegs: legs)
    if value == 0, !hasTraffic { return nil }
    guard value.isFinite, (value * 1000).isFinite,
      value > 0 || value == 0 && measure.canBeZeroWithTraffic
    else {
      refused[measure, default: NamedCases()].add("\(text) at \(time)")
      return nil
    }
    return value
  }

  private func warnings(isAnyKnown: Bool) -> [String] {
    var warnings: [String] = []
    for measure in queries.measures {
      if isAnyKnown, measure.histogram != nil, case .failure(let failure)? = answers[measure] {
        warnings.append("The \(measure.title) is not known: \(failure.sentence)")
      }
      if let missing = missing[measure] {
        warnings.append(
          "There were requests, but no \(measure.title) is known, in the intervals that end at "
            + "\(missing.names).")
      }
      if let refused = refused[measure] {
        warnings.append(
          "The \(measure.title) can't be right and was refused: \(refused.names).")
      }
      if case .success(let answer)? = answers[measure] { add(answer.warnings, to: &warnings) }
    }
    for (reason, intervals) in withoutArrivals.sorted(by: { $0.key < $1.key }) {
      let reason = reason.last == "." ? String(reason.dropLast()) : reason
      warnings.append(
        "Requests completed were counted instead of arrivals, which hides the load of an overloaded "
          + "deployment, in the intervals that end at \(intervals.names): \(reason).")
    }
    for measure in DemandMeasure.allCases {
      switch demand?.answers[measure] {
      case .failure(let failure)? where isAnyKnown && measure != .arrivals:
        warnings.append("The \(measure.title) is not known: \(failure.sentence)")
      case .success(let answer)?: add(answer.warnings, to: &warnings)
      default: break
      }
    }
    return warnings
  }

  private func add(_ said: [String], to warnings: inout [String]) {
    for warning in said {
      let sentence = "Prometheus warns: \(Excerpt.of(warning.utf8, limit: 300))."
      if !warnings.contains(sentence) { warnings.append(sentence) }
    }
  }
}
