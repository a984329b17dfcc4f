import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

@Suite("Whose workers a page shows")
struct RouterPageIdentityTests {
  private static let blocks = "dynamo_frontend_worker_active_decode_blocks"
  private static let tokens = "dynamo_frontend_worker_active_prefill_tokens"
  private static let registered = "dynamo_component_router_worker_registered"

  private func page(_ lines: [String]) throws -> RouterPage {
    try RouterPage.parse(Array(lines.joined(separator: "\n").utf8))
  }

  private func sample(
    _ pages: [[String]], url: String = "http://f:8000/metrics", at time: Double = 1000
  ) async throws -> WorkerReport {
    let client = StandInHTTPClient { _, number in
      .success(
        HTTPResponse(
          status: 200, body: Array(pages[number % pages.count].joined(separator: "\n").utf8)))
    }
    return try await RouterPageSource(
      client: client, dynamoNamespace: "dynamo", now: { time }, sleep: { _ in }
    ).sampleWorkers(url: url, modelName: "m", count: 1, spacingSeconds: 0)
  }

  @Test("a registered worker without gauges is idle; one with last_* alone was killed")
  func idle() throws {
    let found = try page([
      "\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"} 7",
      "dynamo_frontend_worker_last_inter_token_latency_seconds"
        + "{worker_id=\"3\",worker_type=\"decode\"} 0.01",
      "\(Self.registered){router_worker_id=\"1\",worker_id=\"f\",worker_type=\"decode\"} 1",
      "\(Self.registered){router_worker_id=\"2\",worker_id=\"f\",dp_rank=\"0\",worker_type=\"decode\"} 1",
      "\(Self.registered){router_worker_id=\"2\",worker_id=\"f\",dp_rank=\"1\",worker_type=\"decode\"} 1",
      "\(Self.registered){router_worker_id=\"3\",worker_id=\"f\",worker_type=\"decode\"} 1",
      "\(Self.registered){router_worker_id=\"4\",worker_id=\"f\",worker_type=\"prefill\"} 0",
      "\(Self.registered){router_worker_id=\"5\",dynamo_namespace=\"far\",worker_type=\"decode\"} 1",
    ]).workers(modelName: "m", dynamoNamespace: "dynamo")
    #expect(
      found.live == [
        WorkerGauges(workerID: "1", component: .decode, activeDecodeBlocks: 7),
        WorkerGauges(
          workerID: "2", component: .decode, activePrefillTokens: 0, activeDecodeBlocks: 0),
      ])
    #expect(found.fault == nil && found.mismatch == nil && found.warnings.isEmpty)
  }

  @Test("two models on one page can't be told apart, unless both are meant")
  func twoModels() throws {
    let page = try RouterPage.parse(
      Array(try Fixture.data("captures/v161_two_models.prom")))
    #expect(page.facts.models == ["tiny-llama", "tiny-mistral"])
    for name in ["tiny-llama", nil] {
      let fault = page.workers(modelName: name, dynamoNamespace: "dynamo").fault
      #expect(fault?.contains("serves the models 'tiny-llama', 'tiny-mistral'") == true)
    }
    let both = page.workers(modelName: "tiny-llama,tiny-m*", dynamoNamespace: "dynamo")
    #expect(both.fault == nil && both.live.count == 4)
  }

  @Test("two models in two namespaces are told apart by what the router has registered")
  func twoNamespaces() throws {
    func lines(_ worker: Int, _ namespace: String, _ model: String) -> [String] {
      [
        "\(Self.blocks){worker_id=\"\(worker)\",worker_type=\"decode\"} 5",
        "\(Self.registered){router_worker_id=\"\(worker)\",dynamo_namespace=\"\(namespace)\","
          + "worker_type=\"decode\"} 1",
        "dynamo_frontend_model_total_kv_blocks{model=\"\(model)\"} 100",
      ]
    }
    let found = try page(lines(1, "dynamo", "m") + lines(2, "other", "n"))
      .workers(modelName: "m", dynamoNamespace: "dynamo")
    #expect(found.live.map(\.workerID) == ["1"] && found.fault == nil)
  }

  @Test("names that clients merely sent are no models of the page") func namesFromClients() throws {
    let found = try page([
      "\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"} 7",
      #"dynamo_frontend_requests_total{model="nope",error_type="not_found"} 3"#,
      #"dynamo_frontend_model_total_kv_blocks{model="m"} 100"#,
    ]).workers(modelName: "m", dynamoNamespace: "dynamo")
    #expect(found.fault == nil && found.live.count == 1)
  }

  @Test(
    "a page without worker gauges is unknown, never a deployment without workers",
    arguments: ["", "# nothing yet\n", "up 1\n", "dynamo_frontend_inflight_requests 0\n"])
  func emptyPage(_ text: String) async throws {
    let report = try await sample([[text]])
    #expect(report.samples.isEmpty)
    #expect(
      report.failure?.contains("none of the gauges dynamo_frontend_worker_active_*") == true)
  }

  @Test("gauges under another prefix are named") func otherPrefix() async throws {
    let report = try await sample([["nv_llm_worker_active_decode_blocks{worker_id=\"1\"} 7"]])
    #expect(report.failure?.contains("it has nv_llm_worker_active_decode_blocks instead") == true)
  }

  @Test("the pages of several frontends add up") func severalPages() async throws {
    let report = try await sample(
      [
        [
          "\(Self.blocks){worker_id=\"1\",dp_rank=\"0\",worker_type=\"decode\"} 100",
          "\(Self.tokens){worker_id=\"2\",dp_rank=\"0\",worker_type=\"prefill\"} 30",
        ],
        ["\(Self.blocks){worker_id=\"1\",dp_rank=\"0\",worker_type=\"decode\"} 70"],
      ], url: "http://a:8000/metrics,http://b:8000/metrics")
    #expect(report.failure == nil)
    #expect(
      report.samples.last?.workers == [
        WorkerGauges(workerID: "2", component: .prefill, activePrefillTokens: 30),
        WorkerGauges(workerID: "1", component: .decode, activeDecodeBlocks: 170),
      ])
  }

  @Test("one page of several that can't be read makes the load unknown") func onePageMissing()
    async throws
  {
    let client = StandInHTTPClient { request, _ in
      request.url.contains("//b")
        ? .success(HTTPResponse(status: 503))
        : .success(
          HTTPResponse(
            status: 200,
            body: Array("\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"} 1".utf8)))
    }
    let report = try await RouterPageSource(
      client: client, dynamoNamespace: "", now: { 0 }, sleep: { _ in }
    ).sampleWorkers(
      url: "http://a/metrics,http://b/metrics", modelName: nil, count: 1, spacingSeconds: 0)
    #expect(report.samples.isEmpty && report.failure?.contains("http://b/metrics") == true)
  }

  @Test("a page that contradicts itself is not decided on; one that repeats itself is")
  func contradiction() async throws {
    let line = "\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"}"
    let report = try await sample([["\(line) 7", "\(line) 900"]])
    #expect(
      report.failure
        == "The page contradicts itself: \(Self.blocks) of worker '1' is 7.0, and 900.0 on line 2.")
    #expect(report.samples.isEmpty)
    #expect(try await sample([["\(line) 7", "\(line) 7"]]).failure == nil)
  }

  @Test(
    "samples dated long ago are no load of now",
    arguments: [
      ("1699999990000", true), ("1699999990", true), ("1699999000000", false),
      ("1699999000", false), ("", true),
    ])
  func oldSamples(_ stamp: String, _ isFresh: Bool) async throws {
    let report = try await sample(
      [["\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"} 7 \(stamp)"]], at: 1_700_000_000)
    #expect((report.failure == nil) == isFresh, "\(report.failure ?? "")")
    if !isFresh { #expect(report.failure?.contains("dated up to 1000 s ago") == true) }
  }
}
