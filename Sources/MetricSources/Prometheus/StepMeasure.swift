/// A series of the frontend's that short steps are made of.
enum StepMeasure: String, CaseIterable {
  case completed = "requests_total"
  case started = "requests_started_total"
  case inFlight = "inflight_requests"
  case queued = "queued_requests"
  case inputTokens = "input_sequence_tokens_sum"
  case inputs = "input_sequence_tokens_count"
  case outputTokens = "output_sequence_tokens_sum"
  case outputs = "output_sequence_tokens_count"
  case firstTokenSeconds = "time_to_first_token_seconds_sum"
  case firstTokens = "time_to_first_token_seconds_count"
  case tokenSeconds = "inter_token_latency_seconds_sum"
  case laterTokens = "inter_token_latency_seconds_count"

  /// Whether it only grows, and begins at 0 again when the frontend restarts.
  var isCounter: Bool { self != .inFlight && self != .queued }

  /// The selector of all of them.
  static func selector(_ queries: TrafficQueries) -> String {
    let names = allCases.map(\.rawValue).joined(separator: "|")
    return queries.selector(["__name__=~\"\(queries.prefix)(\(names))\""])
  }

  /// Which one a series is; nil for another.
  init?(_ labels: [String: String], prefix: String) {
    guard let name = labels["__name__"], name.hasPrefix(prefix) else { return nil }
    self.init(rawValue: String(name.dropFirst(prefix.count)))
  }
}
