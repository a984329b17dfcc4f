import HTTPTransport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Sends queries to one Prometheus server.
///
/// Queries go as GET: that is what read-only proxies in front of a server let through.
struct PrometheusAPI: Sendable {
  private let client: any HTTPClient
  private let base: String
  private let access: HTTPAccess
  private var limits: HTTPLimits

  private let extraQuery: String
  private let wallClock: (@Sendable () -> Double)?

  /// Checks the address.
  ///
  /// - Parameters:
  ///   - queryParameters: fields added to every request's query.
  ///   - wallClock: Unix seconds of the own clock, held against the server's; nil where answers are
  ///     not of now.
  init(
    client: any HTTPClient, endpoint: String, access: HTTPAccess, limits: HTTPLimits,
    queryParameters: [PrometheusSettings.QueryParameter] = [],
    wallClock: (@Sendable () -> Double)? = nil
  ) throws(MetricSourceError) {
    let address = EndpointURL(endpoint)
    base = try Self.checkedBase(address.url)
    self.client = client
    self.access = address.adding(to: access)
    self.limits = limits
    // A thousand series of a thousand values; more is not what was asked for.
    self.limits.maximumBodyBytes = limits.maximumBodyBytes ?? 16 << 20
    extraQuery = queryParameters.map {
      "&\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }.joined()
    self.wallClock = wallClock
  }

  /// Evaluates a query over a range.
  ///
  /// - Throws: only what the user has to mend, and cancellation.
  func range(_ query: RangeQuery) async throws(HTTPError) -> Result<RangeAnswer, FetchFailure> {
    let answer = try await ask(
      "query_range",
      [
        ("query", query.text), ("start", Self.text(query.start)), ("end", Self.text(query.end)),
        ("step", Self.text(query.step)),
      ])
    return answer.flatMap { answer, url in
      guard answer.data?.resultType == "matrix", let result = answer.data?.result else {
        return .failure(Self.unexpected(url, "a matrix was asked for"))
      }
      var range = RangeAnswer(warnings: answer.warnings ?? [])
      for series in result {
        var texts = [String?](repeating: nil, count: query.count)
        for point in series.values ?? [] {
          guard let index = query.index(of: point.time) else {
            return .failure(Self.unexpected(url, "it has a value for a time not asked for"))
          }
          texts[index] = point.text
        }
        range.series.append(RangeAnswer.Series(labels: series.metric, texts: texts))
      }
      return .success(range)
    }
  }

  /// Evaluates a query at one time.
  ///
  /// - Throws: only what the user has to mend, and cancellation.
  func vector(_ query: String, at time: Int) async throws(HTTPError)
    -> Result<[(labels: [String: String], text: String)], FetchFailure>
  {
    try await ask("query", [("query", query), ("time", String(time))]).flatMap { answer, url in
      guard answer.data?.resultType == "vector", let result = answer.data?.result else {
        return .failure(Self.unexpected(url, "a vector was asked for"))
      }
      return .success(result.map { ($0.metric, $0.value?.text ?? "") })
    }
  }

  /// The raw samples of a range selector, which ends at `time`.
  ///
  /// - Throws: only what the user has to mend, and cancellation.
  func samples(_ selector: String, at time: Int) async throws(HTTPError)
    -> Result<SampleAnswer, FetchFailure>
  {
    let asked = wallClock?()
    let answer = try await ask("query", [("query", selector), ("time", String(time))])
    let answered = wallClock?()
    return answer.flatMap { answer, url in
      guard answer.data?.resultType == "matrix", let result = answer.data?.result else {
        return .failure(Self.unexpected(url, "a matrix was asked for"))
      }
      return .success(
        SampleAnswer(
          series: result.map { series in
            SampleAnswer.Series(
              labels: series.metric,
              samples: (series.values ?? []).map {
                SampleAnswer.Sample(time: $0.time, value: DecimalText.value($0.text) ?? .nan)
              }
            ).believable()
          },
          clockSkewSeconds: Self.skew(of: answer.date, asked: asked, answered: answered)))
    }
  }

  /// How far a server whose answer is dated `date` is ahead: it was written between `asked` and
  /// `answered`, and dates have whole seconds.
  private static func skew(of date: Double?, asked: Double?, answered: Double?) -> Double? {
    guard let asked, let answered, let time = date else { return nil }
    if time + 1 < asked { return time + 1 - asked }
    return time > answered ? time - answered : nil
  }

  /// Asks for whole answers: stores that know these parameters (Thanos; VictoriaMetrics) refuse where
  /// they otherwise answer without the series of a part that is down. Others don't look at them.
  private static let wholeAnswers = "partial_response=false&deny_partial_response=1"

  private struct Answer {
    var data: PrometheusAnswer.Payload?
    var warnings: [String]?
    var date: Double?
  }

  private func ask(_ path: String, _ parameters: [(String, String)]) async throws(HTTPError)
    -> Result<(Answer, url: String), FetchFailure>
  {
    let url = "\(base)/api/v1/\(path)"
    let query = parameters.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await client.send(
        HTTPRequest(
          "GET", "\(url)?\(Self.wholeAnswers)&\(query)\(extraQuery)",
          headers: [HTTPHeader("Accept", "application/json")], access: access, limits: limits))
    } catch {
      return .failure(try FetchFailure(error))
    }
    let answer = try? JSONDecoder().decode(PrometheusAnswer.self, from: Data(response.body))
    if let answer, answer.status == "error" || response.status != 200 {
      let reason = [answer.errorType, answer.error].compactMap { $0 }.joined(separator: ": ")
      let said = Excerpt.of(reason.utf8, limit: 300)
      return .failure(
        FetchFailure(
          sentence: "GET \(url) answered HTTP \(response.status): \(said).",
          isRefusal: [400, 422].contains(response.status)))
    }
    guard response.status == 200 else {
      return .failure(FetchFailure(status: response.status, response.body, of: url))
    }
    guard let answer, answer.status == "success" else {
      let start = response.body.isEmpty ? "nothing" : Excerpt.of(response.body)
      return .failure(
        FetchFailure(
          sentence: "GET \(url) is no Prometheus API: it answered \(start). Check the address."))
    }
    if let reason = answer.reasonOfPartiality {
      return .failure(
        FetchFailure(
          sentence: "GET \(url) gave a partial answer, which may lack series: \(reason)."))
    }
    return .success(
      (Answer(data: answer.data, warnings: answer.warnings, date: response.dateSeconds), url))
  }

  private static func unexpected(_ url: String, _ what: String) -> FetchFailure {
    FetchFailure(
      sentence: "GET \(url) gave another answer than a Prometheus gives: \(what).",
      isRefusal: true)
  }

  /// Unix seconds without an exponent; whole ones without a fraction.
  private static func text(_ seconds: Double) -> String {
    Int(exactly: seconds).map { String($0) } ?? String(seconds)
  }

  private static func checkedBase(_ address: String) throws(MetricSourceError) -> String {
    func refuse(_ reason: String) -> MetricSourceError {
      .invalidEndpoint(address, reason: reason)
    }
    guard !address.isEmpty else { throw refuse("it is empty; set PROMETHEUS_ENDPOINT") }
    guard !address.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 32 })
    else { throw refuse("it contains white space or control characters") }
    guard let separator = address.firstRange(of: "://") else {
      throw refuse("it has no scheme; write http://\(address) or https://\(address)")
    }
    guard ["http", "https"].contains(address[..<separator.lowerBound].lowercased()) else {
      throw refuse("its scheme is neither http nor https")
    }
    let rest = address[separator.upperBound...]
    guard let first = rest.first, !"/:?#".contains(first) else { throw refuse("it names no host") }
    guard !rest.contains("?"), !rest.contains("#") else {
      throw refuse("it has a query or a fragment; leave everything from ? or # on out")
    }
    var base = Substring(address)
    while base.last == "/" { base.removeLast() }
    return String(base)
  }
}
