extension EngineMetrics {
  /// SGLang, `/metrics` of its API server with `--enable-metrics`.
  ///
  /// Names and meanings after release 0.5.23 (facts in `captures/engine_metrics.md` of the project's
  /// data; not tried on a running server). Every rank of tensor and pipeline parallelism writes the
  /// scheduler's gauges, so one of them is kept; with priorities the empty one holds the total. In
  /// disaggregated serving the requests that wait stand in queues of their own, and prefill workers
  /// show no latencies. `num_requests_total` is counted at the end, what clients broke off among it.
  public static let sglang = EngineMetrics(
    title: "SGLang", arrivals: .firstTokensAndWaiting, entrance: .decode,
    firstToken: ["sglang:time_to_first_token_seconds"],
    interToken: ["sglang:inter_token_latency_seconds", "sglang:time_per_output_token_seconds"],
    requestDuration: ["sglang:e2e_request_latency_seconds"],
    promptLength: Mean(
      sum: ["sglang:prompt_tokens_total"], count: ["sglang:num_requests_total"]),
    outputLength: Mean(
      sum: ["sglang:generation_tokens_total"], count: ["sglang:num_requests_total"]),
    promptLengths: ["sglang:prompt_tokens_histogram"],
    outputLengths: ["sglang:generation_tokens_histogram"],
    finished: ["sglang:num_requests_total"], failed: nil,
    running: ["sglang:num_running_reqs"],
    waiting: [
      ["sglang:num_queue_reqs"], ["sglang:num_prefill_bootstrap_queue_reqs"],
      ["sglang:num_prefill_inflight_queue_reqs"], ["sglang:num_decode_prealloc_queue_reqs"],
      ["sglang:num_decode_transfer_queue_reqs"],
    ],
    kvUsage: ["sglang:token_usage"], kvSize: .gauge(["sglang:max_total_num_tokens"]),
    prefixQueries: ["sglang:prompt_tokens_total"], prefixHits: ["sglang:cached_tokens_total"],
    preemptions: ["sglang:num_retracted_requests_total"],
    matchers: [
      #"tp_rank=~"|0""#, #"pp_rank=~"|0""#, #"moe_ep_rank=~"|0""#, #"priority="""#,
      #"cache_source=~"|total""#,
    ])
}
