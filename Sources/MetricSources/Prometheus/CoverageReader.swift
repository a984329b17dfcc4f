import HTTPTransport
import Invocation
import Planning

/// Asks Prometheus how its samples cover the intervals of a window.
///
/// The raw samples of the request counter, from a little before the first interval to a little after
/// the last, are one request, beside all others. Only what they leave open costs a second one, and
/// so do the intervals of a long catch-up beyond the newest 20: of those, Prometheus counts the
/// series with a gap. Which scrapes fail is asked beside the samples, and only when there are some that
/// the samples don't show, whether they are our frontends.
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
    async let failing = targets(FrontendFacts.failingQuery)
    let samples = try await ifRecorded { try await api.samples(selector, at: samplesEnd) }
    var coverage = TrafficCoverage(
      sampledEnds: sampledEnds, samples: samples, queries: queries, intervalSeconds: seconds)
    coverage.setFailing(try await failing)
    return coverage
  }

  /// The targets that a query finds; none where it fails.
  private func targets(_ query: String) async throws -> Set<FrontendFacts.Target> {
    let answer = try await ifRecorded { try await api.vector(query, at: samplesEnd) }
    guard case .success(let series)? = answer else { return [] }
    return Set(series.map { FrontendFacts.Target($0.labels) }.filter { !$0.isVague })
  }

  private func served(hours: Int) async throws -> Set<FrontendFacts.Target> {
    try await targets(FrontendFacts.servedQuery(queries.counterSelector, hours: hours))
  }

  /// Asks for what the samples leave open.
  func completing(_ coverage: TrafficCoverage) async throws -> TrafficCoverage {
    let questions = coverage.questions
    async let older = older(coverage)
    async let facts = FactsReader(api: api, selector: queries.samplesSelector)
      .facts(questions, from: samplesStart, to: samplesEnd)
    var coverage = coverage
    if coverage.hasFailing {
      async let hour = served(hours: 1)
      coverage.setServed(hour: try await hour, day: try await served(hours: 24))
    }
    coverage.add(try await facts)
    coverage.older = try await older
    return coverage
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
    return try await ifRecorded { try await api.range(query) }
  }
}
