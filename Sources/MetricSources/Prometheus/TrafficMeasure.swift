/// What is asked of Prometheus for each interval, one query each.
enum TrafficMeasure: CaseIterable {
  case requests
  case timeToFirstToken
  case interTokenLatency
  case requestDuration
  case inputLength
  case outputLength
  /// Whether there are samples at all.
  case presence

  /// How messages call it.
  var title: String {
    switch self {
    case .requests: "request count"
    case .timeToFirstToken: "time to first token"
    case .interTokenLatency: "inter-token latency"
    case .requestDuration: "request duration"
    case .inputLength: "input sequence length"
    case .outputLength: "output sequence length"
    case .presence: "presence of samples"
    }
  }

  /// The histogram behind a mean, without its prefix; nil for what is no mean.
  var histogram: String? {
    switch self {
    case .requests, .presence: nil
    case .timeToFirstToken: "time_to_first_token_seconds"
    case .interTokenLatency: "inter_token_latency_seconds"
    case .requestDuration: "request_duration_seconds"
    case .inputLength: "input_sequence_tokens"
    case .outputLength: "output_sequence_tokens"
    }
  }

  /// Whether a mean of 0 can be true where there were requests: only when none of them got a
  /// token. No prompt, latency or request has no length.
  var canBeZeroWithTraffic: Bool { self == .outputLength }
}
