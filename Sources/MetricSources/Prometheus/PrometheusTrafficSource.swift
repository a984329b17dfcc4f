import HTTPTransport
import Invocation
import Planning

/// Reads the traffic of past intervals from Prometheus.
///
/// Each measure is one range query over all intervals, however many, and the samples behind the
/// request count are one more; all run side by side. Only when nothing matched, another asks which
/// models and namespaces there are.
public struct PrometheusTrafficSource: TrafficSource {
  /// A range query may return 11,000 points per series, and presence takes two an interval.
  private static let maximumIntervals = 5_500

  private let settings: PrometheusSettings
  private let api: PrometheusAPI
  private let wallClock: (@Sendable () -> Double)?

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - client: sends the requests.
  ///   - limits: limits of each request.
  ///   - wallClock: Unix seconds of the own clock, which the server's and the samples' are held
  ///     against; nil where answers are not of now.
  /// - Throws: ``MetricSourceError`` for an address that can't be asked.
  public init(
    client: any HTTPClient, settings: PrometheusSettings, limits: HTTPLimits = HTTPLimits(),
    wallClock: (@Sendable () -> Double)? = nil
  ) throws(MetricSourceError) {
    self.settings = settings
    self.wallClock = wallClock
    api = try PrometheusAPI(
      client: client, endpoint: settings.endpoint, access: settings.access, limits: limits,
      queryParameters: settings.queryParameters, wallClock: wallClock)
  }

  /// Reads every interval of `window`; only the newest 5,500 are asked for.
  ///
  /// - Throws: an unusable URL, an unreadable file (``HTTPError``), a cancelled invocation.
  public func readTraffic(_ window: TrafficWindow, modelName: String?) async throws
    -> TrafficReport
  {
    guard window.intervalSeconds >= 1, window.lastIntervalEnd >= window.firstIntervalEnd else {
      return TrafficReport(readings: [])
    }
    let ends = window.intervalEnds
    guard ends.count <= Self.maximumIntervals else {
      let skipped = ends.dropLast(Self.maximumIntervals)
      var recent = window
      recent.firstIntervalEnd = ends[skipped.endIndex]
      var report = try await readTraffic(recent, modelName: modelName)
      let reason = "More than \(Self.maximumIntervals) intervals can't be asked for at once."
      report.readings.insert(
        contentsOf: skipped.map { .unknown(intervalEnd: $0, reason: reason) }, at: 0)
      return report
    }
    let name = modelName.flatMap { $0.isEmpty ? nil : $0 }
    let queries = TrafficQueries(settings: settings, modelName: name)
    let reader = CoverageReader(api: api, queries: queries, window: window)
    async let samples = reader.samples()
    let answers = try await ask(queries, window, intervals: ends.count)
    let sampled = try await samples
    async let coverage = reader.completing(sampled)
    var nothingMatched: TrafficAssembly.Mismatch?
    if case .success(let requests)? = answers[.requests], requests.series.isEmpty,
      case .success(let presence)? = answers[.presence], presence.series.isEmpty
    {
      nothingMatched = try await explainMismatch(queries, window)
    }
    var assembly = TrafficAssembly(
      window: window, queries: queries, answers: answers, nothingMatched: nothingMatched)
    // Without a request count no interval is known, whatever else there is to ask.
    if settings.wantsArrivals, case .success(let requests)? = answers[.requests],
      !requests.series.isEmpty
    {
      let queries = DemandQueries(traffic: queries, seconds: window.intervalSeconds)
      assembly.demand = DemandAssembly(
        queries: queries, answers: try await ask(queries, window, intervals: ends.count),
        intervals: ends.count)
    }
    assembly.coverage = try await coverage
    var report = assembly.report()
    if let coverage = assembly.coverage, nothingMatched == nil {
      report.warnings += coverage.warnings(now: wallClock?())
    }
    if let late = report.lateSeconds {
      report.warnings.append(
        "The samples of the newest interval are \(Int(late.rounded())) s late; until they are there, "
          + "the newest complete interval counts.")
    }
    report.query = queries.text(for: .requests, seconds: window.intervalSeconds)
    return report
  }

  /// Reads the steps of `window` that are complete.
  ///
  /// - Throws: an unusable URL, an unreadable file (``HTTPError``), a cancelled invocation.
  public func readSteps(_ window: StepWindow, modelName: String?) async throws -> StepReport {
    let name = modelName.flatMap { $0.isEmpty ? nil : $0 }
    return try await StepReader(
      api: api, queries: TrafficQueries(settings: settings, modelName: name), window: window
    ).read()
  }

  private func ask(_ queries: TrafficQueries, _ window: TrafficWindow, intervals: Int) async throws
    -> [TrafficMeasure: Result<RangeAnswer, FetchFailure>]
  {
    let seconds = window.intervalSeconds
    let first = Double(window.firstIntervalEnd)
    let step = Double(seconds)
    return try await withThrowingTaskGroup(
      of: (TrafficMeasure, Result<RangeAnswer, FetchFailure>).self
    ) { group in
      for measure in queries.measures {
        let text = queries.text(for: measure, seconds: seconds)
        // Presence is asked for the middle and the end of each interval.
        let query =
          measure == .presence
          ? RangeQuery(text: text, start: first - step / 2, step: step / 2, count: 2 * intervals)
          : RangeQuery(text: text, start: first, step: step, count: intervals)
        group.addTask { (measure, try await api.range(query)) }
      }
      var answers: [TrafficMeasure: Result<RangeAnswer, FetchFailure>] = [:]
      for try await (measure, answer) in group { answers[measure] = answer }
      return answers
    }
  }

  /// Asks for what ``PrometheusSettings/wantsArrivals`` adds.
  private func ask(_ queries: DemandQueries, _ window: TrafficWindow, intervals: Int) async throws
    -> [DemandMeasure: Result<RangeAnswer, FetchFailure>]
  {
    let step = window.intervalSeconds
    return try await withThrowingTaskGroup(
      of: (DemandMeasure, Result<RangeAnswer, FetchFailure>).self
    ) { group in
      for measure in queries.measures {
        let count = min(intervals, measure.newestIntervals)
        let first = window.firstIntervalEnd + (intervals - count) * step
        let query = RangeQuery(
          text: queries.text(for: measure), start: Double(first), step: Double(step), count: count)
        group.addTask { (measure, try await api.range(query)) }
      }
      var answers: [DemandMeasure: Result<RangeAnswer, FetchFailure>] = [:]
      for try await (measure, answer) in group { answers[measure] = answer }
      return answers
    }
  }

  /// Why no series matched, with the label values that do exist.
  private func explainMismatch(_ queries: TrafficQueries, _ window: TrafficWindow) async throws
    -> TrafficAssembly.Mismatch
  {
    // Exactly the time that the presence query looked at: what the listing finds is not ours.
    let interval = window.intervalSeconds
    let span =
      window.lastIntervalEnd - window.firstIntervalEnd
      + max(interval, interval / 2 + TrafficQueries.reach(interval))
    let listing = try await api.vector(
      queries.labelListing(seconds: span), at: window.lastIntervalEnd
    ).map { $0.map(\.labels) }
    let wanted =
      (queries.modelName.map { ["model \(Excerpt.of($0.utf8))"] } ?? [])
      + (settings.dynamoNamespace.isEmpty
        ? [] : ["Dynamo namespace \(Excerpt.of(settings.dynamoNamespace.utf8))"])
    let subject =
      "No series of \(queries.counter)"
      + (wanted.isEmpty ? "" : " matches \(wanted.joined(separator: " in "))")
    switch listing {
    case .failure(let failure):
      return .init(
        reason: "\(subject); which there are could not be asked: \(failure.sentence)",
        hasOthers: false)
    case .success(let series) where series.isEmpty:
      return .init(
        reason: "Prometheus has no samples of \(queries.counter) from that time: check that it "
          + "scrapes the \(settings.source.rawValue), which shows the counter from its first "
          + "request on.", hasOthers: false)
    case .success(let series):
      let found = [("models", "model"), ("Dynamo namespaces", "dynamo_namespace")]
        .compactMap { title, label -> String? in
          let values = Set(series.compactMap { $0[label] }).sorted()
          return values.isEmpty ? nil : "\(title) \(LabelList.text(values))"
        }
      return .init(
        reason: found.isEmpty
          ? "\(subject); the series there are carry neither a model nor a Dynamo namespace."
          : "\(subject); there are \(found.joined(separator: "; ")).", hasOthers: !found.isEmpty)
    }
  }
}
