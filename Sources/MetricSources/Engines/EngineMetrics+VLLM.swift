extension EngineMetrics {
  /// vLLM, `/metrics` of its API server.
  ///
  /// Read off a running 0.32.0 (`Tests/Fixtures/captures/vllm`). A prompt's tokens are counted with its
  /// first token, so their mean is of the same requests as the time to first token; lengths of the
  /// output are counted when a request ends. What a client breaks off never reaches
  /// `request_success_total`: of 1,647 requests first tokens and waiting told 1,647, successes and
  /// what was in flight 1,606. Before 0.10 the time between tokens and the use of the KV cache had
  /// other names.
  public static let vllm = EngineMetrics(
    title: "vLLM", arrivals: .firstTokensAndWaiting,
    firstToken: ["vllm:time_to_first_token_seconds"],
    interToken: ["vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"],
    requestDuration: ["vllm:e2e_request_latency_seconds"],
    promptLength: Mean(
      sum: ["vllm:prompt_tokens_total"], count: ["vllm:time_to_first_token_seconds_count"]),
    outputLength: Mean(
      sum: ["vllm:request_generation_tokens_sum"], count: ["vllm:request_generation_tokens_count"]),
    promptLengths: ["vllm:request_prompt_tokens"],
    outputLengths: ["vllm:request_generation_tokens"],
    finished: ["vllm:request_success_total"], failed: #"finished_reason=~"abort|error""#,
    running: ["vllm:num_requests_running"], waiting: [["vllm:num_requests_waiting"]],
    kvUsage: ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
    kvSize: .label(of: "vllm:cache_config_info", "num_gpu_blocks"),
    prefixQueries: ["vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"],
    prefixHits: ["vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"],
    preemptions: ["vllm:num_preemptions_total"],
    draftTokens: ["vllm:spec_decode_num_draft_tokens_total"],
    acceptedDraftTokens: ["vllm:spec_decode_num_accepted_tokens_total"])
}
