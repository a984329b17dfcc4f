import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

@Suite("Traffic from Prometheus")
struct PrometheusTrafficSourceTests {
  private static let end = 1_700_000_100

  private func read(
    _ prometheus: StandInPrometheus, intervals: Int = 1, model: String? = "m",
    source: PrometheusSettings.Source = .frontend, isDisaggregated: Bool = true
  ) async throws -> TrafficReport {
    let settings = PrometheusSettings(
      endpoint: "http://prometheus:9090", dynamoNamespace: "ns", source: source,
      isDisaggregated: isDisaggregated)
    let window = TrafficWindow(
      firstIntervalEnd: Self.end - 180 * (intervals - 1), lastIntervalEnd: Self.end,
      intervalSeconds: 180)
    return try await PrometheusTrafficSource(client: prometheus.client(), settings: settings)
      .readTraffic(window, modelName: model)
  }

  private func reason(_ report: TrafficReport) -> String {
    if case .unknown(_, let reason)? = report.readings.first { reason } else { "" }
  }

  @Test("is an observation in tokens, milliseconds and seconds") func healthy() async throws {
    let report = try await read(.healthy)
    #expect(
      report.readings == [
        .known(
          TrafficObservation(
            intervalEnd: Self.end, requestCount: 900, isl: 3000, osl: 150, ttftMilliseconds: 210,
            itlMilliseconds: 0.018 * 1000, requestDurationSeconds: 3.2))
      ])
    #expect(report.warnings == [])
    #expect(report.query?.hasPrefix("sum (increase(dynamo_frontend_requests_total{") == true)
  }

  @Test("is asked with explicit times, one request a measure, however many intervals")
  func requests() async throws {
    let client = StandInPrometheus(results: [:]).client()
    let source = try PrometheusTrafficSource(
      client: client,
      settings: PrometheusSettings(
        endpoint: "http://p", dynamoNamespace: "", isDisaggregated: true))
    _ = try await source.readTraffic(
      TrafficWindow(firstIntervalEnd: 361, lastIntervalEnd: 361 + 499 * 181, intervalSeconds: 181),
      modelName: "m")
    let ranges = client.requests.filter { $0.url.contains("/query_range?") }
    #expect(ranges.count == 7)
    // The raw samples, which scrapes fail, and what there is instead.
    #expect(client.requests.count == 10)
    #expect(ranges.filter { $0.url.hasSuffix("&start=361&end=90680&step=181") }.count == 6)
    #expect(ranges.filter { $0.url.hasSuffix("&start=270.5&end=90680&step=90.5") }.count == 1)
    #expect(client.requests.last?.url.hasSuffix("&time=90680") == true)
  }

  @Test("tells intervals apart that have no point, no samples or too few") func gaps() async throws
  {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.requests] = [("{}", ["1", nil, "3", "4", nil])]
    prometheus.results[.presence] = [("{}", ["1", "1", nil, nil, "1", nil, nil, "1", "1", "1"])]
    let report = try await read(prometheus, intervals: 5)
    #expect(report.readings.map { $0.observation?.requestCount } == [1, nil, nil, nil, nil])
    #expect(report.readings.map(\.intervalEnd) == (0..<5).map { Self.end - 180 * (4 - $0) })
    let reasons = report.readings.map { reading in
      if case .unknown(_, let reason) = reading { String(reason.prefix(10)) } else { "" }
    }
    #expect(reasons == ["", "Stale: Pro", "Stale: Pro", "Incomplete", "Prometheus"])
  }

  @Test("peer fault 17: no samples is unknown, an increase of 0 is zero traffic") func idle()
    async throws
  {
    var prometheus = StandInPrometheus.healthy
    for measure in TrafficMeasure.allCases where measure.histogram != nil {
      prometheus.results[measure] = [("{}", ["NaN"])]
    }
    prometheus.results[.requests] = [("{}", ["0"])]
    #expect(
      try await read(prometheus).readings == [
        .known(TrafficObservation(intervalEnd: Self.end, requestCount: 0))
      ])
    prometheus.results[.requests] = [("{}", [nil])]
    #expect(reason(try await read(prometheus)).contains("fewer than two samples"))
  }

  @Test(
    "refuses a request count that can't be right and names it",
    arguments: ["NaN", "+Inf", "-Inf", "-1", "abc", "", "1e999", "0x10"])
  func refusedCount(_ text: String) async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.requests] = [("{}", [text])]
    let reason = reason(try await read(prometheus))
    #expect(reason == "The request count '\(text)' can't be right and was refused.")
  }

  @Test(
    "refuses a mean that can't be right and names it, keeping the rest",
    arguments: [
      TrafficMeasure.timeToFirstToken, .interTokenLatency, .requestDuration, .inputLength,
    ], ["0", "-0.1", "+Inf", "-Inf", "abc", "1e308"])
  func refusedMean(_ measure: TrafficMeasure, _ text: String) async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[measure] = [("{}", [text])]
    let report = try await read(prometheus)
    let observation = try #require(report.readings.first?.observation)
    #expect(observation.requestCount == 900)
    #expect(value(measure, observation) == nil)
    #expect(observation.osl == 150)
    #expect(report.warnings.count == 1)
    let warning = try #require(report.warnings.first)
    #expect(warning.contains(measure.title) && warning.contains(text))
    #expect(warning.contains("2023-11-14T22:15:00Z"))
  }

  @Test("takes an output length of 0: requests may end before their first token")
  func noOutput() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.outputLength] = [("{}", ["0"])]
    #expect(try await read(prometheus).readings.first?.observation?.osl == 0)
  }

  @Test(
    "peer faults 14 and 15: a mean that is missing with traffic is nil with a warning, never 0",
    arguments: TrafficMeasure.allCases.filter { $0.histogram != nil }, [nil, "NaN"])
  func missingMean(_ measure: TrafficMeasure, _ text: String?) async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[measure] = [("{}", [text])]
    let report = try await read(prometheus)
    #expect(value(measure, try #require(report.readings.first?.observation)) == nil)
    #expect(
      report.warnings == [
        "There were requests, but no \(measure.title) is known, in the intervals that end at "
          + "2023-11-14T22:15:00Z."
      ])
  }

  @Test("sums up what many intervals lack in one warning") func manyMissing() async throws {
    var prometheus = StandInPrometheus.healthy
    for measure in [TrafficMeasure.requests, .timeToFirstToken] {
      prometheus.results[measure] = [("{}", [String?](repeating: "1", count: 20))]
    }
    prometheus.results[.presence] = [("{}", [String?](repeating: "1", count: 40))]
    for measure in [
      TrafficMeasure.interTokenLatency, .requestDuration, .inputLength, .outputLength,
    ] {
      prometheus.results[measure] = [("{}", [String?](repeating: "1", count: 19))]
    }
    prometheus.results[.interTokenLatency] = []
    let report = try await read(prometheus, intervals: 20)
    #expect(report.warnings.count == 4)
    #expect(report.warnings.first?.hasSuffix("and 17 more.") == true)
  }

  @Test(
    "loses one value, not the interval, when a latency's query fails",
    arguments: [TrafficMeasure.timeToFirstToken, .interTokenLatency, .requestDuration])
  func partialFailure(_ measure: TrafficMeasure) async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.other[measure] = .success(HTTPResponse(status: 503, body: Array("busy".utf8)))
    let report = try await read(prometheus)
    let observation = try #require(report.readings.first?.observation)
    #expect(value(measure, observation) == nil && observation.osl == 150)
    #expect(
      report.warnings == [
        "The \(measure.title) is not known: GET http://prometheus:9090/api/v1/query_range "
          + "answered HTTP 503: 'busy'."
      ])
  }

  /// Known intervals are never asked for again, so these would lack their lengths for good.
  @Test(
    "when a length's query fails, intervals are unknown from the first one with requests on",
    arguments: [TrafficMeasure.inputLength, .outputLength])
  func lengthFailure(_ measure: TrafficMeasure) async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results = prometheus.results.mapValues { series in
      series.map { ($0.labels, [String?](repeating: $0.values[0], count: 5)) }
    }
    prometheus.results[.presence] = [("{}", [String?](repeating: "4", count: 10))]
    prometheus.results[.requests] = [("{}", ["0", "0", "9", "0", "7"])]
    prometheus.other[measure] = .success(HTTPResponse(status: 500, body: Array("busy".utf8)))
    let report = try await read(prometheus, intervals: 5)
    #expect(report.readings.map { $0.observation?.requestCount } == [0, 0, nil, nil, nil])
    for case .unknown(_, let reason) in report.readings {
      #expect(reason.hasPrefix("The \(measure.title) is not known: GET "))
      #expect(reason.hasSuffix("answered HTTP 500: 'busy'."))
    }
    prometheus.results[.requests] = [("{}", ["0", "0", "0", "0", "0"])]
    let idle = try await read(prometheus, intervals: 5)
    #expect(idle.readings.allSatisfy { $0.observation?.requestCount == 0 })
  }

  @Test(
    "peer faults 17 and 20: is unknown with the reason when Prometheus can't be asked",
    arguments: [TrafficMeasure.requests, .presence],
    [
      Result<HTTPResponse, HTTPError>.success(
        HTTPResponse(
          status: 400,
          body: Array(#"{"status":"error","errorType":"bad_data","error":"why"}"#.utf8))),
      .success(HTTPResponse(status: 500, body: Array("why".utf8))),
      .success(HTTPResponse(status: 200, body: Array("<html>why".utf8))),
      .success(HTTPResponse(status: 404, body: Array("why".utf8))),
      .failure(.failed(request: "GET x", reason: "why")),
      .failure(.untrusted(request: "GET x", reason: "why")),
    ])
  func failures(_ measure: TrafficMeasure, _ answer: Result<HTTPResponse, HTTPError>)
    async throws
  {
    var prometheus = StandInPrometheus.healthy
    prometheus.other[measure] = answer
    let report = try await read(prometheus, intervals: 3)
    #expect(report.readings.count == 3)
    #expect(report.readings.allSatisfy { $0.observation == nil })
    #expect(reason(report).contains("why"))
  }

  @Test("a recording that lacks the answer is an error, not unknown traffic")
  func lacksAnswer() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.other[.requests] = .failure(.notRecorded(request: "GET x"))
    await #expect(throws: HTTPError.notRecorded(request: "GET x")) {
      try await read(prometheus, intervals: 3)
    }
  }

  @Test(
    "throws what the user has to mend, and when it is stopped",
    arguments: [
      HTTPError.unreadableFile(path: "/token", reason: "gone"),
      .invalidURL("x", reason: "y"), .cancelled(request: "GET x"),
    ])
  func thrown(_ error: HTTPError) async {
    var prometheus = StandInPrometheus.healthy
    prometheus.other[.outputLength] = .failure(error)
    await #expect(throws: error) { try await read(prometheus) }
  }

  @Test("peer fault 19: nothing matched is unknown, with the label values that do exist")
  func nothingMatched() async throws {
    let prometheus = StandInPrometheus(
      results: [:],
      listing: [
        #"{"model":"b","dynamo_namespace":"y"}"#, #"{"model":"a"}"#, #"{"model":"a\u0007"}"#,
      ])
    let report = try await read(prometheus, intervals: 2)
    #expect(report.readings.count == 2)
    #expect(
      reason(report)
        == "No series of dynamo_frontend_requests_total matches model 'm' in Dynamo namespace "
        + "'ns'; there are models 'a', 'a\u{fffd}', 'b'; Dynamo namespaces 'y'.")
    let nothing = reason(try await read(StandInPrometheus(results: [:])))
    #expect(nothing.contains("check that it scrapes the frontend"))
  }

  @Test("says which label values there are only when nothing matched") func noListing()
    async throws
  {
    let client = StandInPrometheus.healthy.client()
    let source = try PrometheusTrafficSource(
      client: client,
      settings: PrometheusSettings(endpoint: "http://p", dynamoNamespace: "", isDisaggregated: true)
    )
    _ = try await source.readTraffic(
      TrafficWindow(firstIntervalEnd: 360, lastIntervalEnd: 360, intervalSeconds: 180),
      modelName: nil)
    #expect(client.requests.count == 9)
  }

  @Test("without a model name counts the only model there is") func onlyModel() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results = prometheus.results.mapValues { series in
      [(#"{"model":"refused"}"#, [nil, nil])] + series.map { (#"{"model":"m"}"#, $0.values) }
    }
    let report = try await read(prometheus, model: nil)
    #expect(report.readings.first?.observation?.requestCount == 900)
    #expect(report.readings.first?.observation?.ttftMilliseconds == 210)
    #expect(report.warnings.isEmpty)
  }

  @Test("without a model name is unknown where there are several, with their names")
  func severalModels() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.requests] = [
      (#"{"model":"b"}"#, ["1", nil]), (#"{"model":"a"}"#, ["1", "2"]),
    ]
    prometheus.results[.presence] = [(#"{"model":"a"}"#, ["1", "1", "1", "1"])]
    let report = try await read(prometheus, intervals: 2, model: "")
    #expect(
      reason(report)
        == "There are several models, 'a', 'b'; name the one to count with --model-name.")
    #expect(report.readings.last?.observation?.requestCount == 2)
  }

  @Test("is stale when only another model's samples are fresh") func otherModelFresh() async throws
  {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.requests] = [(#"{"model":"a"}"#, ["1"])]
    prometheus.results[.presence] = [(#"{"model":"b"}"#, ["1", "1"])]
    #expect(reason(try await read(prometheus, model: nil)).hasPrefix("Stale"))
  }

  @Test("passes Prometheus's own warnings on, once") func ownWarnings() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.warnings = #"["PromQL warning: odd"]"#
    let report = try await read(prometheus)
    #expect(report.warnings == ["Prometheus warns: 'PromQL warning: odd'."])
    #expect(report.readings.first?.observation != nil)
  }

  @Test("a partial answer is unknown, with what it said") func partialAnswer() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.warnings = #"["remote read failed"]"#
    #expect(reason(try await read(prometheus)).contains("partial answer"))
  }

  private static func samples(_ labels: String, _ offsets: some Sequence<Int>) -> String {
    let points = offsets.map { "[\(end + $0),\"\(10 * ($0 + 10_000))\"]" }
    return #"{"metric":{\#(labels)},"values":[\#(points.joined(separator: ","))]}"#
  }

  @Test("late samples make the newest interval unknown, and say by how much") func late()
    async throws
  {
    var prometheus = StandInPrometheus.healthy
    prometheus.samples = .success([
      Self.samples(#""model":"M""#, stride(from: -260, through: -85, by: 5))
    ])
    let report = try await read(prometheus)
    #expect(reason(report).contains("85 s older than the interval's end"))
    #expect(report.lateSeconds == 85)
    prometheus.samples = .success([
      Self.samples(#""model":"m""#, stride(from: -260, through: 0, by: 5))
    ])
    #expect(try await read(prometheus).readings.first?.observation?.requestCount == 900)
    #expect(try await read(prometheus).lateSeconds == nil)
  }

  @Test("what is scraped too seldom for its interval says so") func seldom() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.requests] = [("{}", [nil])]
    prometheus.samples = .success([Self.samples(#""model":"m""#, [-300, -160, -20])])
    #expect(reason(try await read(prometheus)).contains("it scrapes about every 140 s"))
  }

  @Test("where the raw samples can't be had, it is said; a failure to read them is unknown")
  func unchecked() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.samples = .failure(.notRecorded(request: "GET x"))
    let replayed = try await read(prometheus)
    #expect(replayed.readings.first?.observation != nil && replayed.warnings.isEmpty)
    prometheus.samples = .failure(.failed(request: "GET x", reason: "lost"))
    #expect(reason(try await read(prometheus)).contains("could not be checked: GET x failed"))
  }

  @Test("names other models of the same frontends with their share") func adapters() async throws {
    var prometheus = StandInPrometheus.healthy
    func series(_ model: String, _ instance: String, _ step: Int) -> String {
      Self.samples(
        #""model":"\#(model)","instance":"\#(instance)""#, stride(from: -260, through: 0, by: step))
    }
    prometheus.samples = .success([
      series("m", "a", 15), series("m-sql", "a", 15), series("far", "b", 15),
    ])
    let warnings = try await read(prometheus).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("50 % of the requests") == true)
    #expect(warnings.first?.contains("other models, 'm-sql', and") == true)
    #expect(try await read(prometheus, model: "m,m-*").warnings.isEmpty)
  }

  @Test("of a router has no duration, and the output length of the decode legs alone")
  func router() async throws {
    var prometheus = StandInPrometheus.healthy
    prometheus.results[.outputLength] = [("{}", ["77.5"])]
    let disaggregated = try await read(prometheus, source: .router)
    #expect(disaggregated.readings.first?.observation?.osl == 154)
    #expect(disaggregated.readings.first?.observation?.requestDurationSeconds == nil)
    #expect(disaggregated.warnings.isEmpty)
    let aggregated = try await read(prometheus, source: .router, isDisaggregated: false)
    #expect(aggregated.readings.first?.observation?.osl == 77.5)
    prometheus.results[.outputLength] = [("{}", ["0.2"])]
    let impossible = try await read(prometheus, source: .router)
    #expect(impossible.readings.first?.observation?.osl == nil)
    #expect(impossible.warnings.count == 1)
  }

  @Test("of an impossible window is nothing; of a huge one only the newest are asked for")
  func windows() async throws {
    let source = try PrometheusTrafficSource(
      client: StandInPrometheus.healthy.client(),
      settings: PrometheusSettings(endpoint: "http://p", dynamoNamespace: "", isDisaggregated: true)
    )
    for (first, last, seconds) in [(360, 180, 180), (180, 360, 0), (180, 360, -1)] {
      let window = TrafficWindow(
        firstIntervalEnd: first, lastIntervalEnd: last, intervalSeconds: seconds)
      #expect(try await source.readTraffic(window, modelName: "m").readings.isEmpty)
    }
    let report = try await source.readTraffic(
      TrafficWindow(firstIntervalEnd: 180, lastIntervalEnd: 180 * 5_502, intervalSeconds: 180),
      modelName: "m")
    #expect(report.readings.map(\.intervalEnd) == (1...5_502).map { 180 * $0 })
    #expect(report.readings[1].observation == nil)
    #expect(report.readings[2].observation?.requestCount == 900)
  }

  private func value(_ measure: TrafficMeasure, _ observation: TrafficObservation) -> Double? {
    switch measure {
    case .timeToFirstToken: observation.ttftMilliseconds
    case .interTokenLatency: observation.itlMilliseconds
    case .requestDuration: observation.requestDurationSeconds
    case .inputLength: observation.isl
    case .outputLength: observation.osl
    case .requests, .presence: observation.requestCount
    }
  }
}
