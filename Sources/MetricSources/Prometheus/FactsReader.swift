import HTTPTransport

/// Asks Prometheus what the samples of frontends leave open.
struct FactsReader: Sendable {
  let api: PrometheusAPI
  /// The selector of the request counter.
  let selector: String

  /// The facts that are asked for, of samples read from `start` to `end`, Unix seconds.
  ///
  /// - Throws: only what the user has to mend, and cancellation.
  func facts(
    _ questions: FrontendFacts.Questions, from start: Int, to end: Int
  ) async throws -> FrontendFacts {
    async let scraped = questions.isStillScraped ? scraped(from: start, to: end) : nil
    async let earlier = questions.hasExistedBefore ? earlier(than: start) : nil
    return FrontendFacts(scraped: try await scraped, earlier: try await earlier)
  }

  private func scraped(
    from start: Int, to end: Int
  ) async throws -> Result<[FrontendFacts.Target: Bool], FetchFailure> {
    let query = FrontendFacts.scrapedQuery(selector, seconds: end - start)
    let answer = try await ifRecorded { try await api.vector(query, at: end) }
    return (answer ?? .success([])).map { series in
      Dictionary(
        series.map { (FrontendFacts.Target($0.labels), DecimalText.value($0.text) == 1) },
        uniquingKeysWith: { $0 && $1 })
    }
  }

  private func earlier(
    than start: Int
  ) async throws -> Result<[[String: String]: Double], FetchFailure> {
    let query = FrontendFacts.earlierQuery(selector)
    let answer = try await ifRecorded { try await api.vector(query, at: start) }
    return (answer ?? .success([])).map { series in
      Dictionary(
        series.compactMap { series in
          DecimalText.value(series.text).map { (series.labels.withoutName, $0) }
        }, uniquingKeysWith: max)
    }
  }
}

/// What was asked; nil where a recording was made before it was: it then can't be told.
func ifRecorded<Value: Sendable>(
  _ ask: () async throws -> Result<Value, FetchFailure>
) async throws -> Result<Value, FetchFailure>? {
  do {
    return try await ask()
  } catch HTTPError.notRecorded {
    return nil
  }
}
