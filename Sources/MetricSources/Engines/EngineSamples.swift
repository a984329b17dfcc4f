/// Raw samples of an engine's counters and gauges, and what they say of any two moments.
///
/// A scrape never comes at an interval's end, and `increase` makes up for that by the interval's mean
/// rate. Between the samples on both sides of a moment a straight line is nearer to the truth: over
/// the 14 minutes of varying load that a real vLLM was captured under, arrivals of 180 s were off by up
/// to 3.0 % with `increase` and by up to 1.2 % with the line, output lengths by 4.2 % and 1.7 %.
struct EngineSamples {
  private let byName: [String: [SampleAnswer.Series]]
  /// How far a value is carried on beyond the newest sample, in seconds: `increase` goes as far.
  private let reachSeconds: Double

  init(_ series: [SampleAnswer.Series], scrapeSeconds: Double?) {
    byName = Dictionary(grouping: series) { $0.labels["__name__"] ?? "" }
    reachSeconds = 1.1 * (scrapeSeconds ?? 0)
  }

  /// The series of the first of `names` that each server shows.
  func series(_ names: EngineMetrics.Names) -> [SampleAnswer.Series] {
    var found: [SampleAnswer.Series] = []
    var servers: Set<[String: String]> = []
    for name in names {
      let new = (byName[name] ?? []).filter { !servers.contains(Self.server($0)) }
      found += new
      servers.formUnion(new.map(Self.server))
    }
    return found
  }

  private static func server(_ series: SampleAnswer.Series) -> [String: String] {
    SampledFrontend.targetLabels(series.labels)
  }

  /// How much the counters grew; nil when there are none.
  func growth(_ names: EngineMetrics.Names, from start: Double, to end: Double) -> Double? {
    let series = series(names)
    guard !series.isEmpty else { return nil }
    return series.reduce(0) { $0 + growth(of: $1.samples, from: start, to: end) }
  }

  /// The sum of the gauges at a moment; nil when there are none.
  func value(_ names: EngineMetrics.Names, at time: Double) -> Double? {
    let values = series(names).compactMap { gauge($0.samples, at: time) }
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  /// Of one counter, which begins again at 0 where it falls.
  private func growth(
    of samples: [SampleAnswer.Sample], from start: Double, to end: Double
  ) -> Double {
    guard samples.count > 1 else { return 0 }
    var total = 0.0
    for (before, after) in zip(samples, samples.dropFirst()) {
      let step = after.value >= before.value ? after.value - before.value : after.value
      let seconds = after.time - before.time
      let shared = min(end, after.time) - max(start, before.time)
      guard step.isFinite, seconds > 0, shared > 0 else { continue }
      total += step * min(1, shared / seconds)
    }
    return total + beyond(samples, end, from: start)
  }

  /// What came after the newest sample, at the rate of the last few.
  private func beyond(
    _ samples: [SampleAnswer.Sample], _ end: Double, from start: Double
  ) -> Double {
    guard let last = samples.last, end > last.time, last.time > start,
      end - last.time <= reachSeconds
    else { return 0 }
    let recent = samples.suffix(4)
    guard let first = recent.first, last.value >= first.value, last.time > first.time else {
      return 0
    }
    return (last.value - first.value) / (last.time - first.time) * (end - last.time)
  }

  private func gauge(_ samples: [SampleAnswer.Sample], at time: Double) -> Double? {
    let before = samples.last { $0.time <= time }
    let after = samples.first { $0.time > time }
    switch (before, after) {
    case (let before?, let after?):
      let share = (time - before.time) / (after.time - before.time)
      return before.value + (after.value - before.value) * share
    // One that is gone has nothing any more; one that is late still has what it had.
    case (let before?, nil): return time - before.time <= max(reachSeconds, 15) ? before.value : nil
    default: return nil
    }
  }
}
