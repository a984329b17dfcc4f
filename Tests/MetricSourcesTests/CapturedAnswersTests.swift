import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import MetricSources

/// What a real Prometheus 2.42 answered; see `Fixtures/captures/README.md`.
@Suite("Captured Prometheus answers")
struct CapturedAnswersTests {
  static let tags = [
    "v100_00_no_workers", "v100_01_decode_only", "v100_02_idle_before_load", "v100_03_light",
    "v100_04_medium", "v100_05_heavy", "v100_06a_added_now", "v100_06b_added_20s",
    "v100_08a_killed_now", "v100_08b_killed_5s", "v100_08c_killed_20s", "v100_09a_load_stopped",
    "v100_09b_idle_40s", "v100_10_errors", "v100_11a_frontend_restarted",
    "v100_11b_frontend_restarted_26s", "v100_12_agg_2workers", "v161_00_no_workers",
    "v161_01_decode_only", "v161_02_idle_before_load", "v161_03_light", "v161_04_medium",
    "v161_07a_removed_now", "v161_07b_removed_15s", "v161_08a_killed_now", "v161_08b_killed_5s",
    "v161_08c_killed_20s", "v161_09a_load_stopped", "v161_09b_idle_40s", "v161_10_errors",
    "v161_12_agg_2workers",
  ]

  @Test("are all understood", arguments: tags)
  func decode(_ tag: String) throws {
    for (name, answer) in try answers(tag) {
      guard let body = answer.body else { continue }
      let decoded = try JSONDecoder().decode(PrometheusAnswer.self, from: body)
      #expect(decoded.status == (answer.status == 200 ? "success" : "error"), "\(name)")
      guard answer.status == 200 else {
        #expect(decoded.errorType == "bad_data" && decoded.error != nil)
        continue
      }
      let type = decoded.data?.resultType
      #expect((decoded.data?.result != nil) == (type == "vector" || type == "matrix"), "\(name)")
      for series in decoded.data?.result ?? [] {
        for point in series.values ?? [series.value].compactMap({ $0 }) {
          #expect(DecimalText.value(point.text) != nil, "\(name)")
        }
      }
    }
  }

  @Test("give the heavy window's numbers, and the router's agree with the frontend's")
  func heavyWindow() throws {
    let answers = try answers("v100_05_heavy")
    #expect(try sum("requests", answers) == 216.20689655172416)
    #expect(try sum("avg_time_to_first_token_seconds", answers) == 5.8435835603540704)
    #expect(try sum("avg_inter_token_latency_seconds", answers) == 0.0122242127831296)
    #expect(try sum("router_avg_inter_token_latency_seconds", answers).isNaN)
    #expect(try sum("router_requests", answers) / 2 == 432.4137931034483 / 2)

    let router = TrafficQueries(
      settings: PrometheusSettings(
        endpoint: "", dynamoNamespace: "", source: .router, isDisaggregated: true),
      modelName: nil)
    let outputLength = router.requestMean(
      .outputLength, fromLegs: try sum("router_avg_output_sequence_tokens", answers))
    #expect(abs(outputLength - (try sum("avg_output_sequence_tokens", answers))) < 1e-9)
  }

  @Test("tell idle, absent and refused apart") func idleAndAbsent() throws {
    let idle = try answers("v161_09b_idle_40s")
    #expect(try sum("requests", idle) == 0)
    #expect(try sum("avg_time_to_first_token_seconds", idle).isNaN)
    let absent = try answers("v100_00_no_workers")
    #expect(try result("requests", absent).isEmpty)
  }

  private struct Answer {
    var status: Int
    /// The JSON; nil where the server answered plain text.
    var body: Data?
  }

  private func answers(_ tag: String) throws -> [String: Answer] {
    let file = try JSONSerialization.jsonObject(
      with: try Fixture.data("captures/\(tag).prom_api.json"))
    let queries = try #require((file as? [String: Any])?["queries"] as? [String: [String: Any]])
    return try queries.mapValues { query in
      Answer(
        status: try #require(query["http_status"] as? Int),
        body: try (query["body"] as? [String: Any])
          .map { try JSONSerialization.data(withJSONObject: $0) })
    }
  }

  private func result(_ name: String, _ answers: [String: Answer]) throws
    -> [PrometheusAnswer.Series]
  {
    let body = try #require(answers[name]?.body)
    return try #require(JSONDecoder().decode(PrometheusAnswer.self, from: body).data?.result)
  }

  private func sum(_ name: String, _ answers: [String: Answer]) throws -> Double {
    let values = try result(name, answers).map { try #require($0.value).text }
    return try values.map { try #require(DecimalText.value($0)) }.reduce(0, +)
  }
}
