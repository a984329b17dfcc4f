import HTTPTransport
import Invocation
import Planning
import Testing

@testable import MetricSources

@Suite("PromQL for arrivals")
struct DemandQueriesTests {
  private func queries(
    _ source: PrometheusSettings.Source = .frontend, model: String? = "m",
    isDisaggregated: Bool = true, seconds: Int = 180
  ) -> DemandQueries {
    DemandQueries(
      traffic: TrafficQueries(
        settings: PrometheusSettings(
          endpoint: "http://x", dynamoNamespace: "", source: source,
          isDisaggregated: isDisaggregated), modelName: model),
      seconds: seconds)
  }

  @Test("has a part for everything that is added up") func parts() {
    let text = queries().text(for: .arrivals)
    for part in DemandQueries.Part.allCases {
      #expect(text.contains("\"part\", \"\(part.rawValue)\""))
    }
    #expect(text.contains(#"[90s] offset 180s)"#))
    #expect(text.contains(#"error_type=~"validation|not_found"}[180s]) and ignoring"#))
  }

  @Test("counts a router's prefill legs, or in aggregated serving all") func router() {
    #expect(
      queries(.router, model: nil).text(for: .arrivals)
        == #"label_replace(sum (increase(dynamo_component_router_input_sequence_tokens_count"#
        + #"{phase=~"prefill|aggregated"}[180s])), "part", "started", "model", ".*")"#)
    #expect(
      queries(.router, model: nil, isDisaggregated: false).text(for: .arrivals)
        == #"label_replace(sum (increase(dynamo_component_router_input_sequence_tokens_count"#
        + #"[180s])), "part", "started", "model", ".*")"#)
  }

  @Test("groups buckets by bound, and by model when none is named") func buckets() {
    #expect(
      queries(model: nil).text(for: .inputLength)
        == "sum by (le, model) (increase(dynamo_frontend_input_sequence_tokens_bucket[180s]))")
    #expect(
      queries(.router).text(for: .inputLength)
        == #"sum by (le) (increase(dynamo_component_router_input_sequence_tokens_bucket"#
        + #"{model=~"|(?i:m)",phase!="prefill"}[180s]))"#)
  }

  @Test(
    "divides an interval into whole seconds, or not at all",
    arguments: [(180, [12, 6]), (60, [12, 6]), (66, [6]), (30, [6]), (10, []), (1, [])])
  func divisions(_ seconds: Int, _ expected: [Int]) {
    let queries = queries(seconds: seconds)
    #expect(queries.divisions == expected)
    #expect(queries.measures.contains(.dispersion) == !expected.isEmpty)
  }
}

@Suite("What is made of answers about arrivals")
struct DemandAssemblyTests {
  private func demand(
    _ series: [DemandMeasure: [([String: String], String)]],
    source: PrometheusSettings.Source = .frontend
  ) -> IntervalDemand {
    let queries = DemandQueries(
      traffic: TrafficQueries(
        settings: PrometheusSettings(
          endpoint: "http://x", dynamoNamespace: "", source: source, isDisaggregated: true),
        modelName: "m"),
      seconds: 180)
    let answers = series.mapValues { series in
      Result<RangeAnswer, FetchFailure>.success(
        RangeAnswer(series: series.map { .init(labels: $0, texts: [$1]) }))
    }
    return DemandAssembly(queries: queries, answers: answers, intervals: 1).demand(0, model: "")
  }

  private func arrivals(_ parts: [DemandQueries.Part: String]) -> IntervalDemand {
    demand([.arrivals: parts.map { ([DemandQueries.partLabel: $0.rawValue], $1) }])
  }

  @Test("arrivals are never negative") func neverNegative() {
    #expect(arrivals([.started: "3", .refused: "5"]).arrivals?.count == 0)
    #expect(
      arrivals([.completed: "3", .after: "0", .before: "9", .earlier: "9"]).arrivals?.count == 0)
  }

  @Test("a frontend that was not there before brings all it has in flight") func newFrontend() {
    #expect(
      arrivals([.completed: "3", .after: "4", .earlier: "9"]).arrivals
        == Arrivals(count: 7, basis: .completedAndInFlight))
  }

  @Test(
    "what can't be right is missing, and arrivals then have a reason to be unknown",
    arguments: ["NaN", "+Inf", "-1", "abc", "", "1e999"])
  func refused(_ text: String) {
    for parts: [DemandQueries.Part: String] in [
      [.started: text], [.completed: "1", .after: text, .earlier: "1"],
      [.completed: "1", .after: "1", .earlier: text],
    ] {
      let demand = arrivals(parts)
      #expect(demand.arrivals == nil)
      #expect(demand.reason != nil)
    }
  }

  private func buckets(_ counts: [(String, String)]) -> BucketCounts? {
    demand([.timeToFirstToken: counts.map { (["le": $0], $1) }]).histograms[.timeToFirstToken]
  }

  @Test("buckets become counts, whatever their order, in milliseconds") func histogram() {
    #expect(
      buckets([("+Inf", "10"), ("0.0022", "1"), ("0", "0"), ("0.0047", "6.004")])
        == BucketCounts(upperBounds: [0, 2.2, 4.7], counts: [0, 1, 5, 4]))
  }

  @Test(
    "a histogram without values, without its end, or that does not add up is none",
    arguments: [
      [], [("1", "4")], [("1", "0"), ("+Inf", "0")], [("1", "9"), ("2", "4"), ("+Inf", "9")],
      [("1", "NaN"), ("+Inf", "9")], [("x", "1"), ("+Inf", "9")], [("1", "1"), ("+Inf", "+Inf")],
    ])
  func noHistogram(_ counts: [(String, String)]) {
    #expect(buckets(counts) == nil)
  }

  @Test("the router's prefill legs, which ask for one token, are no output lengths")
  func prefillLegs() {
    let series = [("0", "0"), ("100", "60"), ("210", "100"), ("+Inf", "100")]
    #expect(
      demand([.outputLength: series.map { (["le": $0], $1) }], source: .router)
        .histograms[.outputLength]
        == BucketCounts(upperBounds: [0, 100, 210], counts: [0, 10, 40, 0]))
  }
}
