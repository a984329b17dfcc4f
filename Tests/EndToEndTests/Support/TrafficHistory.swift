/// Made-up traffic of which everything is known, as a Prometheus that scrapes every 15 s would
/// have stored it. Rates are constant within an interval, so that `increase` is exact.
struct TrafficHistory {
  static let intervalSeconds = 180
  /// Start of interval 1, a multiple of 180.
  static let start = 1_699_999_920
  static let intervals = 1...112

  /// What the requests of one model are like.
  struct Load: Sendable {
    var requests: @Sendable (_ interval: Int) -> Double
    var isl = 2134.0
    var osl = 1726.0
    var ttft = 0.05
    var itl = 0.015
    var duration = 30.0
  }

  /// What is scraped at a time.
  enum Sample: Sendable { case value, nan, nothing }

  private static let scrapeSeconds = 15
  private static let scrapes = intervalSeconds / scrapeSeconds
  private var lines: [String] = []

  /// The end of an interval, Unix seconds.
  static func end(_ interval: Int) -> Int { start + interval * intervalSeconds }

  /// The file that promtool reads.
  var openMetrics: String { lines.joined(separator: "\n") + "\n# EOF\n" }

  /// Adds what a frontend shows of one model, from one interval before the first.
  mutating func add(
    model: String, _ load: Load,
    sample: (_ time: Int, _ interval: Int) -> Sample = { _, _ in .value }
  ) {
    let labels = "model=\"\(model)\""
    add("requests_total", labels + ",status=\"success\"", sample) { load.requests($0) }
    for (name, mean) in [
      ("time_to_first_token_seconds", load.ttft), ("request_duration_seconds", load.duration),
      ("input_sequence_tokens", load.isl), ("output_sequence_tokens", load.osl),
    ] {
      add(name + "_sum", labels, sample) { load.requests($0) * mean }
      add(name + "_count", labels, sample) { load.requests($0) }
    }
    // One latency between every two tokens of an answer.
    add("inter_token_latency_seconds_sum", labels, sample) {
      load.requests($0) * load.osl * load.itl
    }
    add("inter_token_latency_seconds_count", labels, sample) { load.requests($0) * load.osl }
  }

  private mutating func add(
    _ name: String, _ labels: String, _ sample: (Int, Int) -> Sample,
    growingBy increment: (Int) -> Double
  ) {
    var value = 100_000.0
    for scrape in -Self.scrapes...(Self.intervals.upperBound * Self.scrapes) {
      let time = Self.start + scrape * Self.scrapeSeconds
      let interval = (scrape + Self.scrapes - 1) / Self.scrapes
      if scrape > 0 { value += increment(interval) / Double(Self.scrapes) }
      switch sample(time, interval) {
      case .value: lines.append("dynamo_frontend_\(name){\(labels)} \(value) \(time)")
      case .nan: lines.append("dynamo_frontend_\(name){\(labels)} NaN \(time)")
      case .nothing: break
      }
    }
  }
}
