#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension TrafficPlan {
  /// The requests of the first `seconds` seconds: a Poisson process whose rate is looked up every
  /// second. Two equal seeds give equal requests.
  ///
  /// - Throws: ``TraceError`` when there would be none, or too many.
  func trace(seconds: Double, seed: UInt64) throws(TraceError) -> RequestTrace {
    guard seconds <= TraceShaping.longestTrace else { throw .tooLong(seconds) }
    let expected = expectedRequests(seconds: seconds)
    guard expected <= Double(RequestTrace.mostRequests) else {
      throw .tooManyRequests(Int(min(expected, 1e18)))
    }
    var rates = SimulationRandom(seed: seed, stream: 11)
    var arrivals = SimulationRandom(seed: seed, stream: 12)
    var lengths = SimulationRandom(seed: seed, stream: 13)
    var slow = WanderingFactor(drift, &rates)
    var fast = WanderingFactor(flicker, &rates)
    var trace = RequestTrace()
    for second in 0..<Int(seconds.rounded(.up)) {
      let start = Double(second)
      let surge = surges.reduce(0) { $0 + $1.added(at: start) }
      let rate = level(at: start) * slow.next(&rates) * fast.next(&rates) * (1 + surge)
      guard rate > 0, let phase = phases.last(where: { $0.start <= start }) else { continue }
      var time = start + arrivals.exponential(mean: 1 / rate)
      while time < min(start + 1, seconds) {
        guard trace.count < RequestTrace.mostRequests else {
          throw .tooManyRequests(trace.count + 1)
        }
        if let request = phase.request(&lengths) {
          trace.append(arrival: time, isl: request.isl, osl: request.osl)
        }
        time += arrivals.exponential(mean: 1 / rate)
      }
    }
    guard !trace.isEmpty else { throw .empty(skippedLines: 0) }
    return trace
  }
}

extension TrafficPlan {
  /// Requests on average in the first `seconds` seconds, but for surges: too many are better found
  /// out before the first one is made.
  private func expectedRequests(seconds: Double) -> Double {
    let step = max(1, seconds / 10_000)
    return stride(from: 0, to: seconds, by: step).reduce(0) { $0 + level(at: $1) } * step
  }
}

extension TrafficPlan.Phase {
  /// The lengths of a request of one of the kinds; nil where there is no kind.
  func request(_ random: inout SimulationRandom) -> (isl: Int32, osl: Int32)? {
    var left = random.uniform() * kinds.reduce(0) { $0 + $1.weight }
    for kind in kinds {
      left -= kind.weight
      if left < 0 { return kind.lengths(&random) }
    }
    return kinds.last?.lengths(&random)
  }
}

/// A ``TrafficPlan/Wander`` on its way, second by second.
private struct WanderingFactor {
  private let deviation: Double
  private let memory: Double
  private var logarithm: Double

  init(_ wander: TrafficPlan.Wander, _ random: inout SimulationRandom) {
    deviation = wander.deviation
    memory = exp(-1 / wander.memorySeconds)
    logarithm = deviation * random.normal()
  }

  mutating func next(_ random: inout SimulationRandom) -> Double {
    let news = deviation * (1 - memory * memory).squareRoot()
    logarithm = memory * logarithm + news * random.normal()
    return exp(logarithm - deviation * deviation / 2)
  }
}
