import Foundation

/// The 14 minutes that a real vLLM was captured under, with the truth that the client knows.
public struct VLLMCapture: Decodable, Sendable {
  struct Series: Decodable, Sendable {
    var labels: [String: String]
    var runs: String

    var values: [String] {
      runs.split(separator: " ").flatMap { run -> [String] in
        let parts = run.split(separator: "*")
        return Array(repeating: String(parts[0]), count: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
      }
    }
  }

  var firstGridTime: Double
  var stepSeconds: Double
  var sampleLagSeconds: Double
  var series: [Series]
  var requests: [[Double?]]
  var tokenGaps: [[Double]]

  /// Reads it.
  public static func load() throws -> VLLMCapture {
    try Fixture.json(VLLMCapture.self, "captures/vllm/vllm0320_series.json")
  }

  /// The samples as promtool reads them.
  ///
  /// - Parameters:
  ///   - labels: put on every series besides its own.
  ///   - isScraped: whether there is a sample at a time.
  public func openMetrics(
    _ labels: [String: String] = [:], isScraped: (Double) -> Bool = { _ in true }
  ) -> String {
    var lines: [String] = []
    for series in series {
      let name = series.labels["__name__"] ?? ""
      let all = series.labels.filter { $0.key != "__name__" }.merging(labels) { $1 }
      let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        .joined(separator: ",")
      for (index, value) in series.values.enumerated() {
        let time = firstGridTime + Double(index) * stepSeconds - sampleLagSeconds
        if isScraped(time) { lines.append("\(name){\(text)} \(value) \(time)") }
      }
    }
    return lines.joined(separator: "\n") + "\n# EOF\n"
  }

  /// What the client knows of the time from `start` to `end`.
  public struct Truth: Sendable {
    /// Requests sent.
    public var arrivals = 0.0
    /// Mean prompt of those whose first token came, tokens.
    public var isl = 0.0
    /// Mean output of those that ended, tokens.
    public var osl = 0.0
    /// Mean time to first token.
    public var ttftMilliseconds = 0.0
    /// Mean time between tokens.
    public var itlMilliseconds = 0.0
    /// Mean duration of those that ended.
    public var durationSeconds = 0.0
    /// Requests without a first token at the end.
    public var waiting = 0.0
  }

  /// What the client saw between two times.
  public func truth(from start: Double, to end: Double) -> Truth {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
    let rows = requests.map { row in
      (
        begin: row[0] ?? 0, isl: row[1] ?? 0, osl: row[2] ?? 0, ttft: row[3],
        duration: row[4] ?? 0, ended: row[5] == 1
      )
    }
    let started = rows.filter { row in
      row.ttft.map { start < row.begin + $0 && row.begin + $0 <= end } ?? false
    }
    let ended = rows.filter {
      $0.ended && start < $0.begin + $0.duration && $0.begin + $0.duration <= end
    }
    let gaps = tokenGaps.filter { start < $0[0] && $0[0] <= end }
    return Truth(
      arrivals: Double(rows.count { start < $0.begin && $0.begin <= end }),
      isl: mean(started.map(\.isl)), osl: mean(ended.map(\.osl)),
      ttftMilliseconds: mean(started.map { ($0.ttft ?? 0) * 1000 }),
      itlMilliseconds: gaps.map { $0[1] }.reduce(0, +) / max(1, gaps.map { $0[2] }.reduce(0, +)),
      durationSeconds: mean(ended.map(\.duration)),
      waiting: Double(
        rows.count { $0.begin <= end && $0.begin + ($0.ttft ?? $0.duration) > end }))
  }
}
