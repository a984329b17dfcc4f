import EngineProfiles
import Presentation

/// Refuses what can't be true by what is known of engines, connections and time, and names it.
///
/// Sources refuse what is no number. A number may mean nothing all the same: 10¹² output tokens are a
/// counter that overflowed, and believed once they cost hours. What is refused is unknown: a request
/// count with its whole interval, any other value by itself.
struct Plausibility {
  /// No request takes longer: a day.
  static let longestSeconds = 86_400.0
  /// None is shorter: a millisecond.
  static let shortestSeconds = 0.001
  /// Connections of one process: Linux gives it no more descriptors (`fs.nr_open`).
  static let connectionsOfFrontend = 1_048_576.0
  /// The longest contexts of any model, tokens: what counts without a profile.
  static let longestContext = 10_000_000.0
  /// A length so many times as long as the longest that was profiled says nothing of these engines.
  static let lengthsBeyondProfile = 10.0
  /// KV caches full of prompts that may wait for one worker: at 945,029 tokens and 100,000 tokens a
  /// second more than two hours.
  static let waitingCaches = 1000.0

  /// The longest sequence that means anything, tokens.
  private let longest: (tokens: Double, why: String)
  /// Tokens that a KV cache holds.
  private let cache: Double
  private let connections: Double
  /// What was refused, in words: the first of a kind, why, and how many more.
  private var refused: [(what: String, value: String, why: String, more: Int)] = []

  init(profile: EngineProfile?, frontends: Int?) {
    cache = profile?.decode?.maximumKVTokens ?? Self.longestContext
    let profiled = [
      profile?.decode?.contextRange.upperBound, profile?.prefill?.islRange.upperBound,
    ]
    .compactMap { $0 }.max().map { $0 * Self.lengthsBeyondProfile }
    if let profiled, profiled < cache {
      longest = (profiled, "more than ten times the longest that was profiled")
    } else {
      longest = (
        cache,
        profile?.decode == nil ? "more than any model's context" : "more than a KV cache holds"
      )
    }
    connections = Self.connectionsOfFrontend * Double(max(1, frontends ?? 1))
  }

  /// `observation` without what can't be true.
  ///
  /// - Parameter stored: intervals from before those of the observation, oldest first.
  static func believed(
    _ observation: Observation, after stored: [TrafficObservation], profile: EngineProfile?
  ) -> Observation {
    var judge = Plausibility(profile: profile, frontends: observation.deployment?.frontends)
    var observation = observation
    if var traffic = observation.traffic {
      var before = stored.last
      traffic.readings = traffic.readings.map { reading in
        guard case .known(let seen) = reading else { return reading }
        let length = traffic.intervalSeconds ?? 0
        let previous = before.flatMap { $0.intervalEnd == seen.intervalEnd - length ? $0 : nil }
        let judged = judge.judge(seen, seconds: length, previous)
        before = judged.observation
        return judged
      }
      observation.traffic = traffic
    }
    // A step is for adding up: one with a value refused is missing.
    observation.steps.steps.removeAll { step in
      judge.judge(step.observation, seconds: step.seconds, nil) != .known(step.observation)
    }
    if observation.traffic?.warnings.append(contentsOf: judge.warnings) == nil {
      observation.steps.warnings += judge.warnings
    }
    judge.refused = []
    if var workers = observation.workers {
      for sample in workers.samples.indices {
        for index in workers.samples[sample].workers.indices {
          judge.judge(&workers.samples[sample].workers[index])
        }
      }
      workers.warnings += judge.warnings
      observation.workers = workers
    }
    return observation
  }

  /// One sentence for each kind of value that was refused.
  private var warnings: [String] {
    refused.map { refused in
      let others = refused.more > 0 ? " (and \(refused.more) more)" : ""
      return "The \(refused.what) \(refused.value)\(others) can't be right and was refused: "
        + "\(refused.why)."
    }
  }

  // MARK: Traffic

  private mutating func judge(
    _ seen: TrafficObservation, seconds: Int, _ before: TrafficObservation?
  ) -> TrafficReading {
    var seen = seen
    keep(
      &seen.requestDurationSeconds, "request duration", upTo: Self.longestSeconds, unit: "s", day)
    keep(&seen.ttftMilliseconds, "TTFT", upTo: 1000 * Self.longestSeconds, unit: "ms", day)
    keep(&seen.itlMilliseconds, "ITL", upTo: 1000 * Self.longestSeconds, unit: "ms", day)
    keep(&seen.isl, "input sequence length", upTo: longest.tokens, unit: "tokens", longest.why)
    keep(&seen.osl, "output sequence length", upTo: longest.tokens, unit: "tokens", longest.why)

    // 1,048,576 connections at 2 s a request carry 32 million requests in 60 s.
    let shortest = max(Self.shortestSeconds, seen.requestDurationSeconds ?? 0)
    let most = connections * (1 + Double(seconds > 0 ? seconds : 86_400) / shortest)
    let connected = "more than the frontends' connections can carry"
    var count: Double? = seen.requestCount
    guard keep(&count, "request count", upTo: most, connected) else {
      return .unknown(intervalEnd: seen.intervalEnd, reason: warnings.last ?? connected)
    }
    var arrived = seen.arrivals?.count
    if !keep(&arrived, "number of arrivals", upTo: most, connected) {
      seen.arrivals = Arrivals(count: seen.requestCount, basis: .completed)
    }
    let requests = max(seen.requestCount, seen.arrivals?.count ?? 0)
    // Variance over mean is largest when all come at once.
    var dispersion = seen.arrivals?.indexOfDispersion
    keep(
      &dispersion, "dispersion of arrivals", upTo: max(1, requests),
      "more than if all had come at once")
    seen.arrivals?.indexOfDispersion = dispersion
    judgeGauges(&seen, before, connected)
    judgeSpread(&seen, requests: requests, most: most)
    return .known(seen)
  }

  private mutating func judgeGauges(
    _ seen: inout TrafficObservation, _ before: TrafficObservation?, _ connected: String
  ) {
    keep(&seen.inFlightRequests, "number of requests in flight", upTo: connections, connected)
    if let before = before?.inFlightRequests, let arrivals = seen.arrivals,
      arrivals.basis == .started
    {
      // 10 before and 600 since can't be 100,000 now; twice as many and 100 for samples that are
      // not of the same second.
      keep(
        &seen.inFlightRequests, "number of requests in flight",
        upTo: 100 + 2 * (before + arrivals.count), "more than were there and came since")
    }
    keep(
      &seen.queuedRequests, "number of requests queued",
      upTo: seen.inFlightRequests.map { 100 + 2 * $0 } ?? connections, "more than are in flight")
  }

  /// A histogram of requests holds about as many values as there were requests, one of tokens as many
  /// as they had tokens.
  private mutating func judgeSpread(
    _ seen: inout TrafficObservation, requests: Double, most: Double
  ) {
    func isAbsurd(_ histogram: BucketCounts?, _ limit: Double) -> Bool {
      histogram.map { !(0...limit).contains($0.count) } ?? false
    }
    let values = min(most, 1000 + 10 * requests)
    if isAbsurd(seen.spread?.isl, values) { seen.spread?.isl = nil }
    if isAbsurd(seen.spread?.osl, values) { seen.spread?.osl = nil }
    if isAbsurd(seen.spread?.ttftMilliseconds, values) { seen.spread?.ttftMilliseconds = nil }
    if isAbsurd(seen.spread?.itlMilliseconds, most * longest.tokens) {
      seen.spread?.itlMilliseconds = nil
    }
  }

  // MARK: Workers

  private mutating func judge(_ worker: inout WorkerGauges) {
    let ranks = Double(max(1, worker.rankITLMilliseconds?.count ?? 1))
    // A block holds a token at least.
    keep(
      &worker.activeDecodeBlocks, "active_decode_blocks of worker \(worker.workerID):",
      upTo: cache * ranks, "more than the KV cache holds")
    keep(
      &worker.activePrefillTokens, "active_prefill_tokens of worker \(worker.workerID):",
      upTo: Self.waitingCaches * cache * ranks, "a thousand KV caches full")
    keep(
      &worker.lastISL, "last input length of worker \(worker.workerID):", upTo: longest.tokens,
      unit: "tokens", longest.why)
    keep(
      &worker.lastTTFTMilliseconds, "last TTFT of worker \(worker.workerID):",
      upTo: 1000 * Self.longestSeconds, unit: "ms", day)
    keep(
      &worker.lastITLMilliseconds, "last ITL of worker \(worker.workerID):",
      upTo: 1000 * Self.longestSeconds, unit: "ms", day)
  }

  private var day: String { "more than a day" }

  /// Takes `value` away where it is above `most` (or below 0, or no number).
  ///
  /// - Returns: whether it was kept.
  @discardableResult
  private mutating func keep(
    _ value: inout Double?, _ what: String, upTo most: Double, unit: String = "", _ why: String
  ) -> Bool {
    guard let seen = value, !(0...most).contains(seen) else { return true }
    value = nil
    let kind = what.split(separator: " of worker").first.map(String.init) ?? what
    if let index = refused.firstIndex(where: { $0.what.hasPrefix(kind) }) {
      refused[index].more += 1
    } else {
      refused.append(
        (what, Numbers.significant(seen) + (unit.isEmpty ? "" : " \(unit)"), why, 0))
    }
    return false
  }
}
