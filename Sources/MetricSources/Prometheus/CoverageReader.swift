import HTTPTransport
import Invocation
import Planning

/// Asks Prometheus how its samples cover the intervals of a window.
///
/// The raw samples of the request counter, from a little before the first interval to a little after
/// the last, are one request, beside all others. Only what they leave open costs a second one, and
/// so do the intervals of a long catch-up beyond the newest 20: of those, Prometheus counts the
/// series with a gap.
struct CoverageReader: Sendable {
  let api: PrometheusAPI
  let queries: TrafficQueries
  let window: TrafficWindow

  /// As many as the demand's histograms are read of.
  private static let sampledIntervals = 20

  private var seconds: Int { window.intervalSeconds }
  private var reach: Int { TrafficQueries.reach(seconds) }
  private var sampledEnds: [Int] { window.intervalEnds.suffix(Self.sampledIntervals) }
  private var samplesEnd: Int { window.lastIntervalEnd + reach }
  private var samplesStart: Int { (sampledEnds.first ?? 0) - seconds - reach }

  /// Reads the samples.
  func samples() async throws -> TrafficCoverage {
    let selector = queries.samplesSelector + "[\(samplesEnd - samplesStart)s]"
    let samples = try await recorded { try await api.samples(selector, at: samplesEnd) }
    return TrafficCoverage(
      sampledEnds: sampledEnds, samples: samples, queries: queries, intervalSeconds: seconds)
  }

  /// Asks for what the samples leave open.
  func completing(_ coverage: TrafficCoverage) async throws -> TrafficCoverage {
    let questions = coverage.questions
    async let older = older(coverage)
    async let scraped = questions.isStillScraped ? scraped() : nil
    async let earlier = questions.hasExistedBefore ? earlier() : nil
    var coverage = coverage
    coverage.add(FrontendFacts(scraped: try await scraped, earlier: try await earlier))
    coverage.older = try await older
    return coverage
  }

  private func scraped() async throws -> Result<[FrontendFacts.Target: Bool], FetchFailure> {
    let query = FrontendFacts.scrapedQuery(
      queries.samplesSelector, seconds: samplesEnd - samplesStart)
    let answer = try await recorded { try await api.vector(query, at: samplesEnd) }
    return (answer ?? .success([])).map { series in
      Dictionary(
        series.map { (FrontendFacts.Target($0.labels), DecimalText.value($0.text) == 1) },
        uniquingKeysWith: { $0 && $1 })
    }
  }

  private func earlier() async throws -> Result<[[String: String]: Double], FetchFailure> {
    let query = FrontendFacts.earlierQuery(queries.samplesSelector)
    let answer = try await recorded { try await api.vector(query, at: samplesStart) }
    return (answer ?? .success([])).map { series in
      Dictionary(
        series.compactMap { series in
          DecimalText.value(series.text).map { (series.labels.withoutName, $0) }
        }, uniquingKeysWith: max)
    }
  }

  private func older(_ coverage: TrafficCoverage) async throws -> Result<
    RangeAnswer, FetchFailure
  >? {
    let count = window.intervalEnds.count - sampledEnds.count
    guard count > 0, let scrape = coverage.scrapeSeconds else { return nil }
    let tolerance = IntervalCoverage.tolerance(scrape, intervalSeconds: Double(seconds))
    // Whole seconds; no gap is longer than the interval.
    let query = RangeQuery(
      text: queries.gaps(
        seconds: seconds, reach: reach, tolerance: min(seconds - 1, Int(tolerance.rounded(.up)))),
      start: Double(window.firstIntervalEnd + reach), step: Double(seconds), count: count)
    return try await recorded { try await api.range(query) }
  }

  /// Nil where a recording was made before this was asked for: it then can't be checked.
  private func recorded<Value: Sendable>(
    _ ask: () async throws -> Result<Value, FetchFailure>
  ) async throws -> Result<Value, FetchFailure>? {
    do {
      return try await ask()
    } catch HTTPError.notRecorded {
      return nil
    }
  }
}
