/// A router's metrics page with some workers whose latencies follow their loads:
/// TTFT = 20 ms + 0.1 ms per prompt token that is queued or under way, ITL = 5 ms + 0.01 ms per
/// decode block. So TTFT reaches 500 ms at 4800 tokens, and ITL 15 ms at 1000 blocks.
struct RouterPage {
  private static let isl = 800

  /// Active prefill tokens of each prefill worker.
  var prefill: [Int] = []
  /// Active decode blocks of each decode worker.
  var decode: [Int] = []
  /// Active prefill tokens of each aggregated worker, besides the blocks in `decode`.
  var aggregated: [Int] = []
  var namespace: String?

  /// The page as the frontend shows it.
  var text: String {
    var lines = ["# TYPE dynamo_frontend_worker_active_prefill_tokens gauge"]
    for (index, tokens) in prefill.enumerated() {
      lines += worker(100 + index, "prefill", tokens: tokens, blocks: 0)
    }
    for (index, blocks) in decode.enumerated() {
      let tokens = index < aggregated.count ? aggregated[index] : nil
      lines += worker(200 + index, "decode", tokens: tokens, blocks: blocks)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same workers with a part of their load.
  func scaled(by part: Int, of whole: Int) -> RouterPage {
    func scaled(_ load: Int) -> Int { load * part / whole }
    return RouterPage(
      prefill: prefill.map(scaled), decode: decode.map(scaled), aggregated: aggregated.map(scaled),
      namespace: namespace)
  }

  private func worker(_ id: Int, _ type: String, tokens: Int?, blocks: Int) -> [String] {
    let extra = namespace.map { ",dynamo_namespace=\"\($0)\"" } ?? ""
    func line(_ gauge: String, _ value: Double) -> String {
      "dynamo_frontend_worker_\(gauge){dp_rank=\"0\",worker_id=\"\(id)\",worker_type=\"\(type)\"\(extra)} \(value)"
    }
    var lines = [
      line("active_prefill_tokens", Double(tokens ?? 0)),
      line("active_decode_blocks", Double(blocks)),
    ]
    if let tokens {
      let ttft = 20 + 0.1 * Double(tokens + Self.isl)
      lines.append(line("last_time_to_first_token_seconds", ttft / 1000))
      lines.append(line("last_input_sequence_tokens", Double(Self.isl)))
    }
    if type == "decode" {
      lines.append(
        line("last_inter_token_latency_seconds", (5 + 0.01 * Double(blocks)) / 1000))
    }
    return lines
  }
}
