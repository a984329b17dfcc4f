import Planning

/// What went through one frontend, as curves over time: how much had come by each of its scrapes.
///
/// Arrivals are what the frontend counts as started, or, where it doesn't (1.0.0), what is completed
/// and what is in flight: both stand on one page, so their sum is right at every scrape. Between two
/// scrapes the curves are straight. A frontend that restarted lost what it had in flight; what is
/// there afterwards came since.
struct FrontendFlow {
  /// What is summed up.
  enum Curve: CaseIterable {
    case arrivals, completed, inputTokens, inputs, outputTokens, outputs
    case firstTokenSeconds, firstTokens, tokenSeconds, laterTokens
  }

  /// When it was scraped, Unix seconds, ascending; at least one.
  let times: [Double]
  private var curves: [Curve: [Double]] = [:]
  private var inFlight: [Double]
  private var queued: [Double]
  /// Whether it shows how many requests are in flight.
  let hasGauges: Bool
  /// Whether it counts requests as they start.
  let countsStarts: Bool

  /// - Parameters:
  ///   - frontend: all its series of ``StepMeasure``.
  ///   - prefix: how their names begin.
  init(_ frontend: SampledFrontend, prefix: String) {
    times = frontend.times
    var values: [StepMeasure: [Double]] = [:]
    var refused = [Double](repeating: 0, count: times.count)
    var restarts = Set<Int>()
    for series in frontend.series {
      guard let measure = StepMeasure(series.labels, prefix: prefix) else { continue }
      let track = Self.track(series.samples, at: times)
      if measure.isCounter {
        restarts.formUnion(track.indices.dropFirst().filter { track[$0] < track[$0 - 1] })
      }
      if measure == .completed, Self.isRefusal(series.labels) {
        Self.add(track, to: &refused)
      } else {
        Self.add(track, to: &values[measure, default: refused.map { _ in 0 }])
      }
    }
    let nothing = refused.map { _ in 0.0 }
    hasGauges = values[.inFlight] != nil
    countsStarts = values[.started] != nil
    inFlight = values[.inFlight] ?? nothing
    queued = values[.queued] ?? nothing
    func grown(_ levels: [Double]) -> [Double] { Self.grown(levels, restarts: restarts) }
    let completed = values[.completed] ?? nothing
    let arrived =
      values[.started].map { zip($0, refused).map { $0 - $1 } }
      ?? zip(completed, inFlight).map { $0 + $1 }
    curves = [
      .arrivals: grown(arrived), .completed: grown(completed),
      .inputTokens: grown(values[.inputTokens] ?? nothing),
      .inputs: grown(values[.inputs] ?? nothing),
      .outputTokens: grown(values[.outputTokens] ?? nothing),
      .outputs: grown(values[.outputs] ?? nothing),
      .firstTokenSeconds: grown(values[.firstTokenSeconds] ?? nothing),
      .firstTokens: grown(values[.firstTokens] ?? nothing),
      .tokenSeconds: grown(values[.tokenSeconds] ?? nothing),
      .laterTokens: grown(values[.laterTokens] ?? nothing),
    ]
  }

  /// How much of a curve came between two times. Nothing is known of what came before the first
  /// scrape, and nothing came after the last one of a frontend that is gone.
  func amount(_ curve: Curve, from start: Double, to end: Double) -> Double {
    max(0, value(curve, at: end) - value(curve, at: start))
  }

  /// What was in flight, and without a first token, at the last scrape up to `time`; nothing once it
  /// is gone.
  func waiting(at time: Double, within seconds: Double) -> (inFlight: Double, queued: Double) {
    guard let index = times.lastIndex(where: { $0 <= time }), time - times[index] <= seconds else {
      return (0, 0)
    }
    return (inFlight[index], queued[index])
  }

  private func value(_ curve: Curve, at time: Double) -> Double {
    guard let levels = curves[curve], let first = levels.first, let last = levels.last else {
      return 0
    }
    guard let index = times.firstIndex(where: { $0 >= time }) else { return last }
    guard index > 0 else { return first }
    let part = (time - times[index - 1]) / (times[index] - times[index - 1])
    return levels[index - 1] + part * (levels[index] - levels[index - 1])
  }

  /// A series at the frontend's times. One that begins later, a counter of rare outcomes, was 0
  /// before; one that was missed once stays where it was.
  private static func track(_ samples: [SampleAnswer.Sample], at times: [Double]) -> [Double] {
    var track: [Double] = []
    var next = 0
    var value = 0.0
    for time in times {
      while next < samples.count, samples[next].time <= time {
        if samples[next].value.isFinite { value = max(0, samples[next].value) }
        next += 1
      }
      track.append(value)
    }
    return track
  }

  /// How much had come since the first time, over restarts: then all that is there is new.
  private static func grown(_ levels: [Double], restarts: Set<Int>) -> [Double] {
    var total = 0.0
    return levels.indices.map { index in
      guard index > 0 else { return 0 }
      total += max(0, restarts.contains(index) ? levels[index] : levels[index] - levels[index - 1])
      return total
    }
  }

  private static func add(_ track: [Double], to sum: inout [Double]) {
    for index in sum.indices { sum[index] += track[index] }
  }

  private static func isRefusal(_ labels: [String: String]) -> Bool {
    ["validation", "not_found"].contains(labels["error_type"] ?? "")
  }
}
