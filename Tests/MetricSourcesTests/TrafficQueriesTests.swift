import Testing

@testable import MetricSources

@Suite("PromQL for traffic")
struct TrafficQueriesTests {
  private func queries(
    _ source: PrometheusSettings.Source = .frontend, model: String? = "m", namespace: String = "",
    isDisaggregated: Bool = true
  ) -> TrafficQueries {
    TrafficQueries(
      settings: PrometheusSettings(
        endpoint: "http://x", dynamoNamespace: namespace, source: source,
        isDisaggregated: isDisaggregated), modelName: model)
  }

  @Test("of frontends counts what was not refused, of the model whatever its case")
  func frontend() {
    let queries = queries(model: "Qwen/Qwen3-0.6B", namespace: "my-ns")
    #expect(
      queries.text(for: .requests, seconds: 180)
        == #"sum (increase(dynamo_frontend_requests_total{model=~"(?i:Qwen/Qwen3-0\\.6B)","#
        + #"dynamo_namespace=~"|my[-_]ns([-_][0-9a-f]{8})?","#
        + #"error_type!~"validation|not_found"}[180s]))"#)
    #expect(
      queries.text(for: .timeToFirstToken, seconds: 180)
        == #"sum (increase(dynamo_frontend_time_to_first_token_seconds_sum{"#
        + #"model=~"(?i:Qwen/Qwen3-0\\.6B)","#
        + #"dynamo_namespace=~"|my[-_]ns([-_][0-9a-f]{8})?"}[180s]))"#
        + #" / sum (increase(dynamo_frontend_time_to_first_token_seconds_count{"#
        + #"model=~"(?i:Qwen/Qwen3-0\\.6B)","#
        + #"dynamo_namespace=~"|my[-_]ns([-_][0-9a-f]{8})?"}[180s]))"#)
  }

  @Test("groups by model when none is named") func grouped() {
    let queries = queries(model: nil)
    #expect(
      queries.text(for: .requests, seconds: 30)
        == #"sum by (model) (increase(dynamo_frontend_requests_total{"#
        + #"error_type!~"validation|not_found"}[30s]))"#)
    #expect(
      queries.text(for: .outputLength, seconds: 30)
        == "sum by (model) (increase(dynamo_frontend_output_sequence_tokens_sum[30s])) / "
        + "sum by (model) (increase(dynamo_frontend_output_sequence_tokens_count[30s]))")
  }

  @Test("looks for samples in half an interval, at least in 65 s")
  func presence() {
    #expect(
      queries(model: nil).text(for: .presence, seconds: 180)
        == #"count by (model) (count_over_time(dynamo_frontend_requests_total{"#
        + #"error_type!~"validation|not_found"}[90s]))"#)
    #expect(TrafficQueries.reach(180) == 90)
    #expect(TrafficQueries.reach(181) == 91)
    #expect(TrafficQueries.reach(1) == 65)
    #expect(TrafficQueries.reach(130) == 65)
  }

  @Test("of a disaggregated router counts one leg of each request") func router() {
    let queries = queries(.router, model: "m", namespace: "ns")
    let mine = #"model=~"|(?i:m)",dynamo_namespace=~"|ns([-_][0-9a-f]{8})?""#
    #expect(
      queries.text(for: .requests, seconds: 60)
        == "sum (increase(dynamo_component_router_input_sequence_tokens_count{\(mine),"
        + #"phase=~"decode|aggregated"}[60s])) or "#
        + "sum (increase(dynamo_component_router_requests_total{\(mine)}[60s])) / 2")
    #expect(
      queries.text(for: .inputLength, seconds: 60)
        == "sum (increase(dynamo_component_router_input_sequence_tokens_sum{\(mine),"
        + #"phase!="prefill"}[60s])) / "#
        + "sum (increase(dynamo_component_router_input_sequence_tokens_count{\(mine),"
        + #"phase!="prefill"}[60s]))"#)
    #expect(queries.requestMean(.outputLength, fromLegs: 77.5) == 154)
    #expect(queries.requestMean(.inputLength, fromLegs: 77.5) == 77.5)
  }

  @Test("peer fault 15: a router has no request duration to ask for") func noDuration() {
    #expect(!queries(.router).measures.contains(.requestDuration))
    #expect(queries(.router).measures.count == 6)
    #expect(queries(.frontend).measures.count == 7)
  }

  @Test("of an aggregated router takes its counters as they are, and no model") func aggregated() {
    let queries = queries(.router, model: nil, isDisaggregated: false)
    #expect(
      queries.text(for: .requests, seconds: 60)
        == "sum (increase(dynamo_component_router_requests_total[60s]))")
    #expect(queries.requestMean(.outputLength, fromLegs: 77.5) == 77.5)
  }

  @Test(
    "quotes names for the regular expression and for the string it stands in",
    arguments: [
      ("a.b", #""a\\.b""#), (#"a"b"#, #""a\"b""#), (#"a\b"#, #""a\\\\b""#), ("a\nb", #""a\nb""#),
      ("a+(b)|[c]{d}^$?*", #""a\\+\\(b\\)\\|\\[c\\]\\{d\\}\\^\\$\\?\\*""#), ("é/漢", #""é/漢""#),
    ])
  func quoting(_ name: String, _ literal: String) {
    #expect(PromQL.literal(PromQL.escapedPattern(name)) == literal)
  }

  @Test("lists label values where the filter found nothing") func listing() {
    #expect(
      queries().labelListing(seconds: 300)
        == #"count by (model, dynamo_namespace) (count_over_time(dynamo_frontend_requests_total{"#
        + #"error_type!~"validation|not_found"}[300s]))"#)
    #expect(
      queries(.router).labelListing(seconds: 300)
        == "count by (dynamo_namespace) "
        + "(count_over_time(dynamo_component_router_requests_total[300s]))")
  }
}
