/// Made-up traffic of which everything is known, as a Prometheus that scrapes every 15 s would
/// have stored it. Rates are constant within an interval, so that `increase` is exact.
struct TrafficHistory {
  static let intervalSeconds = 180
  /// Start of interval 1, a multiple of 180.
  static let start = 1_699_999_920
  static let scrapeSeconds = 15

  /// What one component counts in an interval.
  struct Load {
    var requests: Double
    var ttft = 0.0
    var itl = 0.0
    var duration = 0.0
    var isl = 0.0
    var osl = 0.0
  }

  private var lines: [String] = []

  /// The end of an interval.
  static func end(_ interval: Int) -> Int { start + interval * intervalSeconds }

  /// The file promtool reads.
  var openMetrics: String { lines.joined(separator: "\n") + "\n# EOF\n" }

  /// Adds a counter.
  ///
  /// - Parameters:
  ///   - series: name and labels.
  ///   - intervals: those in which it grows; it exists from one interval before.
  ///   - isScraped: whether there is a sample at a time.
  ///   - resets: times at which the counter starts again at 0, just after the sample before.
  ///   - increment: how much it grows in an interval.
  mutating func add(
    _ series: String, in intervals: ClosedRange<Int>, isScraped: (Int) -> Bool = { _ in true },
    resets: [Int] = [], growingBy increment: (Int) -> Double
  ) {
    let perInterval = Self.intervalSeconds / Self.scrapeSeconds
    var value = 100_000.0
    let first = (intervals.lowerBound - 2) * perInterval
    for tick in first...(intervals.upperBound * perInterval) {
      let time = Self.start + tick * Self.scrapeSeconds
      let interval = (tick + perInterval - 1) / perInterval
      if resets.contains(time) { value = 0 }
      if intervals.contains(interval) { value += increment(interval) / Double(perInterval) }
      if isScraped(time) { lines.append("\(series) \(value) \(time)") }
    }
  }

  /// Adds the scrapes of a target that fail, at the times of the intervals 1…41.
  mutating func addFailing(_ labels: String, isFailing: (Int) -> Bool) {
    for time in stride(from: Self.start, through: Self.end(41), by: Self.scrapeSeconds)
    where isFailing(time) {
      lines.append("up{\(labels)} 0 \(time)")
    }
  }

  /// Adds the request counter and the five histograms of a frontend.
  mutating func addFrontend(
    _ labels: String, in intervals: ClosedRange<Int>, isScraped: (Int) -> Bool = { _ in true },
    resets: [Int] = [], load: (Int) -> Load
  ) {
    func add(_ name: String, _ extra: String = "", _ increment: (Load) -> Double) {
      self.add(
        "dynamo_frontend_\(name){\(labels)\(extra)}", in: intervals, isScraped: isScraped,
        resets: resets
      ) { increment(load($0)) }
    }
    add("requests_total", #",status="success""#) { $0.requests }
    add("time_to_first_token_seconds_sum") { $0.requests * $0.ttft }
    add("time_to_first_token_seconds_count") { $0.requests }
    add("inter_token_latency_seconds_sum") { $0.requests * $0.osl * $0.itl }
    add("inter_token_latency_seconds_count") { $0.requests * $0.osl }
    add("request_duration_seconds_sum") { $0.requests * $0.duration }
    add("request_duration_seconds_count") { $0.requests }
    add("input_sequence_tokens_sum") { $0.requests * $0.isl }
    add("input_sequence_tokens_count") { $0.requests }
    add("output_sequence_tokens_sum") { $0.requests * $0.osl }
    add("output_sequence_tokens_count") { $0.requests }
  }

  /// Adds a router that counts two legs for each request.
  ///
  /// - Parameter phases: whether it labels the input length with the leg (1.6.1) or not (1.0.0).
  mutating func addDisaggregatedRouter(
    _ labels: String, in intervals: ClosedRange<Int>, phases: Bool, load: (Int) -> Load
  ) {
    func add(_ name: String, _ extra: String = "", _ increment: (Load) -> Double) {
      self.add("dynamo_component_router_\(name){\(labels)\(extra)}", in: intervals) {
        increment(load($0))
      }
    }
    add("requests_total") { 2 * $0.requests }
    for leg in phases ? ["decode", "prefill"] : [""] {
      let label = phases ? #",phase="\#(leg)",model="tiny-llama""# : ""
      add("input_sequence_tokens_sum", label) { $0.requests * $0.isl * (phases ? 1 : 2) }
      add("input_sequence_tokens_count", label) { $0.requests * (phases ? 1 : 2) }
    }
    add("output_sequence_tokens_sum") { $0.requests * ($0.osl + 1) }
    add("output_sequence_tokens_count") { 2 * $0.requests }
    add("time_to_first_token_seconds_sum") { 2 * $0.requests * $0.ttft }
    add("time_to_first_token_seconds_count") { 2 * $0.requests }
    add("inter_token_latency_seconds_sum") { _ in 0 }
    add("inter_token_latency_seconds_count") { _ in 0 }
  }
}
