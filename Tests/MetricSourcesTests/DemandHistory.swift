/// Made-up frontends of both generations of which every arrival is known, scraped every few seconds
/// at a phase of their own, as a Prometheus would have stored them.
struct DemandHistory {
  static let intervalSeconds = 180
  /// Start of interval 1, a multiple of 180.
  static let start = 1_699_999_920

  /// One frontend.
  struct Frontend {
    /// Labels of its series, besides those of the metric.
    var labels: String
    var countsStarts = true
    var hasGauges = true
    var scrapeSeconds = 5
    /// Seconds of the first scrape after a multiple of `scrapeSeconds`.
    var phase = 2
    /// Intervals in which it exists.
    var intervals: ClosedRange<Int>
    /// Requests that arrive in a second, Unix seconds.
    var arrivals: (Int) -> Int
    /// Most requests that it completes in a second.
    var capacity: Int
    /// Seconds at which it restarts: everything in flight is lost.
    var restarts: Set<Int> = []
    /// Refused requests a second.
    var refused = 0
    /// Whether a scrape succeeds.
    var isScraped: (Int) -> Bool = { _ in true }
  }

  private var lines: [String] = []

  /// The file promtool reads.
  var openMetrics: String { lines.joined(separator: "\n") + "\n# EOF\n" }

  /// The end of an interval.
  static func end(_ interval: Int) -> Int { start + interval * intervalSeconds }

  /// Runs a frontend through its intervals; its requests have 100…1699 prompt tokens.
  mutating func add(_ frontend: Frontend) {
    var counts = Counts()
    let first = Self.end(frontend.intervals.lowerBound - 1)
    for second in first..<Self.end(frontend.intervals.upperBound) {
      if (second - frontend.phase) % frontend.scrapeSeconds == 0, frontend.isScraped(second) {
        show(frontend, counts, at: second)
      }
      if frontend.restarts.contains(second) { counts = Counts() }
      let arriving = frontend.arrivals(second)
      counts.started += arriving + frontend.refused
      counts.refused += frontend.refused
      counts.inFlight += arriving
      let done = min(counts.inFlight, frontend.capacity)
      counts.inFlight -= done
      counts.completed += done
      for _ in 0..<done {
        counts.requests += 1
        let isl = 100 + 100 * (counts.requests % 16)
        counts.islSum += isl
        counts.isl = zip(counts.isl, Self.bounds).map { $0 + ($1 >= isl ? 1 : 0) }
      }
    }
  }

  static let bounds = [0, 100, 210, 430, 870, 1800]

  private struct Counts {
    var started = 0
    var refused = 0
    var completed = 0
    var inFlight = 0
    var requests = 0
    var islSum = 0
    /// Cumulative.
    var isl = DemandHistory.bounds.map { _ in 0 }
  }

  private mutating func show(_ frontend: Frontend, _ counts: Counts, at time: Int) {
    func add(_ name: String, _ extra: String, _ value: Int) {
      lines.append("dynamo_frontend_\(name){\(frontend.labels)\(extra)} \(value) \(time)")
    }
    let request = #",endpoint="chat_completions",request_type="stream""#
    add("requests_total", request + #",error_type="",status="success""#, counts.completed)
    add("requests_total", request + #",error_type="validation",status="error""#, counts.refused)
    if frontend.countsStarts { add("requests_started_total", request, counts.started) }
    if frontend.hasGauges {
      add("inflight_requests", "", counts.inFlight)
      add("queued_requests", "", counts.inFlight / 2)
    }
    for (bound, count) in zip(Self.bounds, counts.isl) {
      add("input_sequence_tokens_bucket", ",le=\"\(bound)\"", count)
    }
    add("input_sequence_tokens_bucket", #",le="+Inf""#, counts.completed)
    add("input_sequence_tokens_sum", "", counts.islSum)
    add("input_sequence_tokens_count", "", counts.completed)
  }
}
