import HTTPTransport
import Invocation
import Planning

/// Reads the traffic of past intervals from what the engines themselves say.
///
/// The raw samples of all counters and gauges are one request for every 20 intervals; the spread of
/// lengths and latencies of the newest 20 is asked for beside them.
public struct EngineTrafficSource: TrafficSource {
  private let engine: EngineMetrics
  private let scope: EngineScope
  private let api: PrometheusAPI
  private let wantsSpread: Bool
  private let wallClock: (@Sendable () -> Double)?

  /// As many intervals as are read with one request.
  private static let intervalsAtOnce = 20

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - settings: where Prometheus is; the Dynamo namespace is not looked at.
  ///   - wallClock: Unix seconds of the own clock; nil where answers are not of now.
  /// - Throws: ``MetricSourceError`` for an address that can't be asked.
  public init(
    client: any HTTPClient, engine: EngineMetrics, scope: EngineScope,
    settings: PrometheusSettings, limits: HTTPLimits = HTTPLimits(),
    wallClock: (@Sendable () -> Double)? = nil
  ) throws(MetricSourceError) {
    self.engine = engine
    self.scope = scope
    self.wallClock = wallClock
    wantsSpread = settings.wantsArrivals
    api = try PrometheusAPI(
      client: client, endpoint: settings.endpoint, access: settings.access, limits: limits,
      queryParameters: settings.queryParameters, wallClock: wallClock)
  }

  /// Reads every interval of `window`.
  ///
  /// - Throws: an unusable URL, an unreadable file (``HTTPError``), a cancelled invocation.
  public func readTraffic(_ window: TrafficWindow, modelName: String?) async throws
    -> TrafficReport
  {
    guard window.intervalSeconds >= 1, window.lastIntervalEnd >= window.firstIntervalEnd else {
      return TrafficReport(readings: [])
    }
    let name = modelName.flatMap { $0.isEmpty ? nil : $0 }
    var report = TrafficReport(readings: [])
    let ends = window.intervalEnds
    for start in stride(from: 0, to: ends.count, by: Self.intervalsAtOnce) {
      let part = Array(ends[start..<min(ends.count, start + Self.intervalsAtOnce)])
      let isNewest = start + part.count == ends.count
      let read = try await read(part, window.intervalSeconds, name, isNewest: isNewest)
      report.readings += read.readings
      report.warnings += read.warnings.filter { !report.warnings.contains($0) }
      report.lateSeconds = read.lateSeconds
    }
    report.intervalSeconds = window.intervalSeconds
    report.query = "sum(increase(\(witnessSelector(name))[\(window.intervalSeconds)s]))"
    return report
  }

  private func witnessSelector(_ modelName: String?) -> String {
    scope.narrowed(to: engine.entrance).selector(engine.witness, of: engine, modelName: modelName)
  }

  private func read(
    _ ends: [Int], _ seconds: Int, _ modelName: String?, isNewest: Bool
  ) async throws -> TrafficReport {
    let reach = TrafficQueries.reach(seconds)
    let start = (ends.first ?? 0) - seconds - reach
    let end = (ends.last ?? 0) + reach
    func samples(_ names: [EngineMetrics.Names]) async throws
      -> Result<SampleAnswer, FetchFailure>
    {
      let unique = Set(names.flatMap { $0 }).sorted()
      let selector = scope.selector(unique, of: engine, modelName: modelName)
      return try await api.samples("\(selector)[\(end - start)s]", at: end)
    }
    async let counted = samples(engine.counters)
    async let gauged = samples(engine.gauges)
    async let spread = isNewest && wantsSpread ? spreads(ends, seconds, modelName) : [:]
    let answers = try await [counted, gauged]
    var series: [SampleAnswer.Series] = []
    for answer in answers {
      switch answer {
      case .success(let answer): series += answer.series
      case .failure(let failure): return unknown(ends, failure.sentence)
      }
    }
    let model: String?
    switch Self.onlyModel(series, modelName) {
    case .success(let name): model = name
    case .failure(let failure): return unknown(ends, failure.sentence)
    }
    if series.isEmpty {
      return unknown(ends, try await explainAbsence(seconds: end - start, at: end, modelName))
    }
    let ours = series.filter { model == nil || $0.labels["model_name"] == model }
    var assembly = EngineTrafficAssembly(
      engine: engine, intervalSeconds: seconds,
      series: ours.filter { scope.has($0, in: engine.entrance) },
      generating: ours.filter { scope.has($0, in: .decode) }, spreads: try await spread)
    assembly.coverage.facts = try await FactsReader(
      api: api, selector: witnessSelector(modelName)
    ).facts(assembly.coverage.questions(ends), from: start, to: end)
    return assembly.report(ends)
  }

  private func unknown(_ ends: [Int], _ reason: String) -> TrafficReport {
    TrafficReport(readings: ends.map { .unknown(intervalEnd: $0, reason: reason) })
  }

  /// The only model there is, where none was named.
  private static func onlyModel(
    _ series: [SampleAnswer.Series], _ modelName: String?
  ) -> Result<String?, FetchFailure> {
    guard modelName == nil else { return .success(nil) }
    let models = Set(series.compactMap { $0.labels["model_name"] }).sorted()
    guard models.count > 1 else { return .success(models.first) }
    return .failure(
      FetchFailure(
        sentence:
          "There are several models, \(LabelList.text(models)); name the one to count with "
          + "--model-name."))
  }

  /// Why no series matched.
  private func explainAbsence(
    seconds: Int, at time: Int, _ modelName: String?
  ) async throws -> String {
    let anybody = EngineScope().selector(engine.witness, of: engine, modelName: nil)
    let counter = engine.witness.joined(separator: " or ")
    let listing = try await api.vector(
      "count by (model_name, namespace, pod) (count_over_time(\(anybody)[\(seconds)s]))", at: time)
    guard case .success(let found) = listing, !found.isEmpty else {
      return "Prometheus has no samples of \(counter) from that time: check that it scrapes the "
        + "\(engine.title) servers, and --metrics."
    }
    let there = [("models", "model_name"), ("namespaces", "namespace"), ("pods", "pod")]
      .compactMap { title, label -> String? in
        let values = Set(found.compactMap { $0.labels[label] }).sorted()
        return values.isEmpty ? nil : "\(title) \(LabelList.text(values))"
      }
    return "No series of \(counter) is of the targets"
      + (modelName.map { " and of model \(Excerpt.of($0.utf8))" } ?? "")
      + "; there are \(there.joined(separator: "; "))."
  }

  // MARK: Spread

  private func spreads(
    _ ends: [Int], _ seconds: Int, _ modelName: String?
  ) async throws -> [DemandMeasure: RangeAnswer] {
    let query = EngineSpreadQueries(
      engine: engine, scope: scope, modelName: modelName, seconds: seconds)
    return try await withThrowingTaskGroup(
      of: (DemandMeasure, Result<RangeAnswer, FetchFailure>).self
    ) { group in
      for (measure, text) in query.texts {
        let range = RangeQuery(
          text: text, start: Double(ends.first ?? 0), step: Double(seconds), count: ends.count)
        group.addTask { (measure, try await api.range(range)) }
      }
      var answers: [DemandMeasure: RangeAnswer] = [:]
      for try await (measure, answer) in group {
        // Without it the targets are judged by the means.
        if case .success(let answer) = answer { answers[measure] = answer }
      }
      return answers
    }
  }
}

/// The PromQL behind the spread of lengths and latencies.
struct EngineSpreadQueries {
  let engine: EngineMetrics
  let scope: EngineScope
  let modelName: String?
  let seconds: Int

  /// The histogram behind a measure, of whatever release.
  private func names(_ measure: DemandMeasure) -> EngineMetrics.Names {
    switch measure {
    case .timeToFirstToken: engine.firstToken
    case .interTokenLatency: engine.interToken
    case .inputLength: engine.promptLengths
    case .outputLength: engine.outputLengths
    case .arrivals, .dispersion: []
    }
  }

  /// One query for each measure that the engine has a histogram of.
  var texts: [(DemandMeasure, String)] {
    DemandMeasure.allCases.compactMap { measure in
      let names = names(measure)
      guard !names.isEmpty else { return nil }
      let isOfInput = measure == .timeToFirstToken || measure == .inputLength
      let scope = scope.narrowed(to: isOfInput ? engine.entrance : .decode)
      // The newest name that is there counts: `or` takes the others only where it has nothing.
      let alternatives = names.map { name in
        let selector = scope.selector([name + "_bucket"], of: engine, modelName: modelName)
        return "sum by (le) (increase(\(selector)[\(seconds)s]))"
      }
      return (measure, alternatives.joined(separator: " or "))
    }
  }
}
