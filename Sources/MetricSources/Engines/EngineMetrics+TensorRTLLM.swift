extension EngineMetrics {
  /// TensorRT-LLM, `/prometheus/metrics` of its server with `return_perf_metrics: true`; what is in
  /// flight is told only with `enable_iter_perf_stats: true`.
  ///
  /// Names and meanings after its collector (facts in `captures/engine_metrics.md` of the project's
  /// data; not tried on a running server). Everything of a request is written when it ends, so the
  /// arrivals are those that ended plus the change of those in flight. There is no time between two
  /// tokens, only the mean of each request, and no histogram of lengths. Before 1.1 the names had no
  /// `trtllm_` in front, which only Dynamo added.
  public static let tensorRTLLM = EngineMetrics(
    title: "TensorRT-LLM", arrivals: .finishedAndInFlight,
    firstToken: ["trtllm_time_to_first_token_seconds", "trtllm:time_to_first_token_seconds"],
    interToken: ["trtllm_time_per_output_token_seconds", "trtllm:time_per_output_token_seconds"],
    requestDuration: ["trtllm_e2e_request_latency_seconds", "trtllm:e2e_request_latency_seconds"],
    promptLength: Mean(
      sum: ["trtllm_prompt_tokens_total"], count: ["trtllm_request_success_total"]),
    outputLength: Mean(
      sum: ["trtllm_generation_tokens_total"], count: ["trtllm_request_success_total"]),
    finished: ["trtllm_request_success_total", "trtllm:request_success_total"], failed: nil,
    running: ["trtllm_num_requests_running"], waiting: [["trtllm_num_requests_waiting"]],
    kvUsage: ["trtllm_kv_cache_utilization"], kvSize: .gauge(["trtllm_kv_cache_max_blocks"]),
    prefixQueries: ["trtllm_prompt_tokens_total"],
    prefixHits: ["trtllm_prompt_cached_tokens_total"],
    draftTokens: ["trtllm_spec_decode_num_draft_tokens_total"],
    acceptedDraftTokens: ["trtllm_spec_decode_num_accepted_tokens_total"])
}
