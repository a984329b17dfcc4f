import Planning
import Testing

@testable import MetricSources

@Suite("Samples of engines")
struct EngineSamplesTests {
  private func series(
    _ name: String, _ points: [(Double, Double)], _ labels: [String: String] = [:]
  ) -> SampleAnswer.Series {
    SampleAnswer.Series(
      labels: labels.merging(["__name__": name]) { $1 },
      samples: points.map { SampleAnswer.Sample(time: $0.0, value: $0.1) })
  }

  @Test("between two samples a counter grows evenly, and at a restart it begins at 0 again")
  func growth() {
    let samples = EngineSamples(
      [series("c", [(0, 10), (10, 30), (20, 5), (30, 25)])], scrapeSeconds: 10)
    #expect(samples.growth(["c"], from: 0, to: 10) == 20)
    #expect(samples.growth(["c"], from: 5, to: 10) == 10)
    // 5 of them came after the restart.
    #expect(samples.growth(["c"], from: 5, to: 25).map { abs($0 - (10 + 5 + 10)) < 1e-9 } == true)
    #expect(samples.growth(["d"], from: 0, to: 10) == nil)
  }

  @Test("beyond the newest sample it goes on for one scrape, and no further")
  func beyond() {
    let samples = EngineSamples([series("c", [(0, 0), (10, 20)])], scrapeSeconds: 10)
    #expect(samples.growth(["c"], from: 0, to: 15) == 30)
    #expect(samples.growth(["c"], from: 0, to: 30) == 20)
  }

  @Test("of the names of several releases each server's newest counts, once")
  func names() {
    let samples = EngineSamples(
      [
        series("new", [(0, 0), (10, 1)], ["pod": "a"]),
        series("old", [(0, 0), (10, 9)], ["pod": "a"]),
        series("old", [(0, 0), (10, 2)], ["pod": "b"]),
      ], scrapeSeconds: 10)
    #expect(samples.growth(["new", "old"], from: 0, to: 10) == 3)
  }

  @Test("a gauge of a server that is gone is nothing, of one that is late what it was")
  func gauges() {
    let samples = EngineSamples(
      [series("g", [(0, 4), (10, 6)], ["pod": "a"]), series("g", [(0, 1)], ["pod": "b"])],
      scrapeSeconds: 10)
    #expect(samples.value(["g"], at: 5) == 6)
    #expect(samples.value(["g"], at: 20) == 6)
    #expect(samples.value(["g"], at: 60) == nil)
  }

  // MARK: Engines

  private let targets: [Double] = Array(stride(from: -10, through: 70, by: 10))

  /// A server whose counters grow evenly by `rates` a minute from second 0 to 60.
  private func server(
    _ rates: [String: Double], gauges: [String: (Double, Double)], _ labels: [String: String] = [:]
  ) -> [SampleAnswer.Series] {
    rates.map { name, rate in
      series(name, targets.map { ($0, 1000 + rate * min(1, max(0, $0 / 60))) }, labels)
    }
      + gauges.map { name, ends in
        series(name, targets.map { ($0, $0 < 30 ? ends.0 : ends.1) }, labels)
      }
  }

  private func observation(
    _ engine: EngineMetrics, _ series: [SampleAnswer.Series],
    generating: [SampleAnswer.Series]? = nil
  ) throws -> (TrafficObservation, [String]) {
    let report = EngineTrafficAssembly(
      engine: engine, intervalSeconds: 60, series: series, generating: generating
    ).report([60])
    return (try #require(report.readings.first?.observation), report.warnings)
  }

  @Test("SGLang: every queue counts, latencies and lengths are its own")
  func sglang() throws {
    let (seen, warnings) = try observation(
      .sglang,
      server(
        [
          "sglang:time_to_first_token_seconds_count": 60,
          "sglang:time_to_first_token_seconds_sum": 12, "sglang:num_requests_total": 50,
          "sglang:prompt_tokens_total": 50_000, "sglang:generation_tokens_total": 10_000,
          "sglang:inter_token_latency_seconds_sum": 100,
          "sglang:inter_token_latency_seconds_count": 10_000,
        ],
        gauges: [
          "sglang:num_queue_reqs": (0, 5), "sglang:num_decode_transfer_queue_reqs": (1, 4),
          "sglang:num_running_reqs": (3, 8),
        ]))
    #expect(seen.arrivals?.count == 68 && seen.arrivals?.basis == .completedAndInFlight)
    #expect(seen.queuedRequests == 9 && seen.inFlightRequests == 17)
    #expect(seen.isl == 1000 && seen.osl == 200)
    #expect(seen.ttftMilliseconds == 200 && seen.itlMilliseconds == 10)
    #expect(warnings == [])
  }

  @Test(
    "TensorRT-LLM: arrivals are what ended and the change of what is in flight, where it is told")
  func tensorRTLLM() throws {
    let counters: [String: Double] = [
      "trtllm_request_success_total": 60, "trtllm_prompt_tokens_total": 30_000,
      "trtllm_generation_tokens_total": 6_000,
      "trtllm_time_to_first_token_seconds_sum": 30, "trtllm_time_to_first_token_seconds_count": 60,
      "trtllm_time_per_output_token_seconds_sum": 0.6,
      "trtllm_time_per_output_token_seconds_count": 60,
    ]
    let (seen, _) = try observation(
      .tensorRTLLM,
      server(
        counters,
        gauges: ["trtllm_num_requests_running": (2, 10), "trtllm_num_requests_waiting": (0, 20)]))
    #expect(seen.arrivals?.count == 88 && seen.arrivals?.basis == .completedAndInFlight)
    #expect(
      seen.isl == 500 && seen.osl == 100 && seen.itlMilliseconds.map { abs($0 - 10) < 1e-9 } == true
    )
    let (bare, warnings) = try observation(.tensorRTLLM, server(counters, gauges: [:]))
    #expect(bare.arrivals == Arrivals(count: 60, basis: .completed))
    #expect(warnings.first?.contains("trtllm_num_requests_running") == true)
    // Releases before 1.1 wrote other names.
    let (old, _) = try observation(
      .tensorRTLLM, server(["trtllm:request_success_total": 30], gauges: [:]))
    #expect(old.requestCount == 30 && old.isl == nil)
  }

  @Test("where prefill and decode are apart, requests count at one and tokens at the other")
  func disaggregated() throws {
    let prefill = server(
      [
        "vllm:time_to_first_token_seconds_count": 60, "vllm:time_to_first_token_seconds_sum": 6,
        "vllm:prompt_tokens_total": 60_000, "vllm:request_generation_tokens_sum": 60,
        "vllm:request_generation_tokens_count": 60,
      ], gauges: ["vllm:num_requests_waiting": (0, 0)], ["pod": "fill-0"])
    let decode = server(
      [
        "vllm:time_to_first_token_seconds_count": 60, "vllm:time_to_first_token_seconds_sum": 60,
        "vllm:request_generation_tokens_sum": 6_000, "vllm:request_generation_tokens_count": 60,
      ], gauges: ["vllm:num_requests_waiting": (0, 0)], ["pod": "chat-0"])
    let scope = EngineScope(pods: [.prefill: "fill-[0-9]+", .decode: "chat-[0-9]+"])
    let all = prefill + decode
    let (seen, _) = try observation(
      .vllm, all.filter { scope.has($0, in: EngineMetrics.vllm.entrance) },
      generating: all.filter { scope.has($0, in: .decode) })
    #expect(seen.requestCount == 60 && seen.ttftMilliseconds == 100)
    #expect(seen.isl == 1000 && seen.osl == 100)
  }

  @Test("preemptions of the newest interval are told of")
  func preemptions() throws {
    let (_, warnings) = try observation(
      .vllm,
      server(
        ["vllm:time_to_first_token_seconds_count": 60, "vllm:num_preemptions_total": 11],
        gauges: ["vllm:num_requests_waiting": (0, 0)]))
    #expect(warnings.first?.contains("11 running requests") == true)
  }

  @Test("servers are told to be prefill or decode by their pods, and others are left out")
  func components() {
    let query = EngineLoadQuery(
      engine: .vllm,
      scope: EngineScope(pods: [.prefill: "fill-[0-9]+", .decode: "chat-[a-z0-9]+-[a-z0-9]+"]),
      modelName: nil)
    func server(_ pod: String) -> EngineLoadQuery.Answer {
      [
        (["__name__": "vllm:num_requests_running", "pod": pod, "engine": "0"], "3"),
        (["__name__": "vllm:num_requests_waiting", "pod": pod, "engine": "0"], "2"),
        (["__name__": "vllm:kv_cache_usage_perc", "pod": pod, "engine": "0"], "0.5"),
        (["__name__": "vllm:kv_cache_usage_perc", "pod": pod, "engine": "1"], "0.25"),
        (
          [
            "__name__": "vllm:cache_config_info", "pod": pod, "engine": "0",
            "num_gpu_blocks": "100", "block_size": "16",
          ], "1"
        ),
        (
          [
            "__name__": "vllm:cache_config_info", "pod": pod, "engine": "1",
            "num_gpu_blocks": "100", "block_size": "16",
          ], "1"
        ),
        (["part": "prompt-tokens", "metric": "vllm:prompt_tokens_total", "pod": pod], "8000"),
        (
          ["part": "prompts", "metric": "vllm:time_to_first_token_seconds_count", "pod": pod], "20"
        ),
        (
          ["part": "first-tokens", "metric": "vllm:time_to_first_token_seconds_count", "pod": pod],
          "20"
        ),
        (
          [
            "part": "first-token-seconds", "metric": "vllm:time_to_first_token_seconds_sum",
            "pod": pod,
          ], "4"
        ),
      ]
    }
    let (workers, warnings) = query.workers(
      server("fill-0") + server("chat-7f-x") + server("chat-else-7f-x"), scope: query.scope,
      mode: .disagg)
    #expect(workers.map(\.workerID) == ["fill-0", "chat-7f-x"])
    #expect(workers.map(\.component) == [.prefill, .decode])
    #expect(workers[0].activePrefillTokens == 800 && workers[0].activeDecodeBlocks == 75)
    #expect(workers[0].lastTTFTMilliseconds == 200 && workers[0].lastISL == 400)
    #expect(workers[0].lastITLMilliseconds == nil)
    #expect(warnings.first?.contains("chat-else-7f-x") == true)
  }
}
