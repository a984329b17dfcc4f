import Planning
import HTTPTransport
import Invocation
import TestSupport
import Testing

@testable import MetricSources

/// What the original planner made of a Prometheus answer; see `Fixtures/golden/README.md`.
///
/// It filtered and added up series itself; here Prometheus does, for which this test stands in.
/// Means over several series are compared with a real Prometheus (`PrometheusServerTests`).
@Suite("Prometheus answers the original planner was run on")
struct GoldenAnswersTests {
  struct GoldenFile: Decodable { var api_cases: [Golden] }

  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    struct Outcome: Decodable, Sendable { var value: Double }
    struct Series: Decodable, Sendable {
      var metric: [String: String]
      var value: Value?
    }
    struct Value: Decodable, Sendable {
      var text: String
      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        _ = try container.decode(Double.self)
        text = try container.decode(String.self)
      }
    }

    var name: String
    var source: String
    /// Nil where the original's client threw.
    var series: [Series]?
    var results: [String: Outcome]
    var testDescription: String { "\(name) (\(source))" }

    private enum CodingKeys: String, CodingKey {
      case name, source, results
      case series = "prom_result"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      source = try container.decode(String.self, forKey: .source)
      results = try container.decode([String: Outcome].self, forKey: .results)
      series = try? container.decode([Series].self, forKey: .series)
    }
  }

  /// Where the result differs from the original's on purpose: the count expected (nil: unknown),
  /// and why.
  static let exceptions: [String: (expected: Double?, reason: String)] = [
    "exception": (nil, "departure 17: an error is not zero (0)"),
    "ns_underscore": (5, "departure 19: '-' and '_' are the same in a namespace (0)"),
  ]

  static var cases: [Golden] {
    get throws {
      // The original's router query was answered with one sum; several series never come back.
      // An instant answer in the shape of a range is what `PrometheusAPITests` refuses.
      try Fixture.json(GoldenFile.self, "golden/metrics_text.json").api_cases.filter {
        ($0.source == "frontend" || $0.series?.count ?? 0 < 2) && $0.name != "matrix_shape"
      }
    }
  }

  @Test("give the same numbers, except where a fault is mended", arguments: try cases)
  func requestCount(_ golden: Golden) async throws {
    var prometheus = StandInPrometheus.healthy
    let mine = (golden.series ?? []).filter(isMine).compactMap(\.value)
      .compactMap { DecimalText.value($0.text) }
    let sum = mine.reduce(0, +)
    prometheus.results[.requests] = mine.isEmpty ? [] : [("{}", ["\(sum)"])]
    if golden.series == nil {
      prometheus.other[.requests] = .failure(.failed(request: "GET x", reason: "refused"))
    }
    let source = try PrometheusTrafficSource(
      client: prometheus.client(),
      settings: PrometheusSettings(
        endpoint: "http://p", dynamoNamespace: "dynamo-ns",
        source: golden.source == "router" ? .router : .frontend, isDisaggregated: false))
    let report = try await source.readTraffic(
      TrafficWindow(firstIntervalEnd: 360, lastIntervalEnd: 360, intervalSeconds: 180),
      modelName: "Qwen/Qwen3-0.6B")
    let count = report.readings.first?.observation?.requestCount
    if let exception = Self.exceptions[golden.name] {
      #expect(count == exception.expected, "\(exception.reason)")
    } else if mine.isEmpty || !sum.isFinite || sum < 0 {
      // departures 17 and 18: nothing found, NaN, Inf and −1 are all unknown; the
      // original had 0, NaN or 0, Inf and −1.
      #expect(count == nil)
    } else {
      let expected = try #require(golden.results["get_avg_request_count"]?.value)
      #expect(count.map { abs($0 - expected) < 1e-9 } == true)
    }
  }

  private func isMine(_ series: Golden.Series) -> Bool {
    series.metric["model"]?.lowercased() == "qwen/qwen3-0.6b"
      && series.metric["dynamo_namespace"].map(DynamoNamespace(name: "dynamo-ns").matches) ?? true
  }
}
