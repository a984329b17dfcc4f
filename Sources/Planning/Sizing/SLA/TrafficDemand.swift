import Forecasting

/// What the replicas are sized for: forecast arrivals, and the work that waits already.
struct TrafficDemand: Sendable {
  /// Requests a second that are forecast, or that came in the newest interval if those were more:
  /// what is there now has to be served until a worker that is ordered now is ready.
  let rate: Double
  /// Requests without a first token beyond those that a deployment within its targets would have.
  private(set) var prefillBacklog: Double
  /// Sequences in decode beyond those that a deployment within its targets would have.
  private(set) var decodeBacklog: Double
  /// Input lengths.
  let prompts: LengthMix
  /// What prefill has to work on of them: what no cache holds.
  let uncached: LengthMix
  /// Output lengths.
  let outputs: LengthMix
  /// Mean input length, tokens.
  let isl: Double
  /// Mean output length, tokens.
  let osl: Double
  /// Variance over mean of the arrivals in short times.
  let dispersion: Double

  /// The most that dispersion is taken for: above it the counts tell of a rate that changes, which
  /// is the forecast's affair, not of chance.
  static let largestDispersion = 8.0
  /// What dispersion is taken for where nobody measured it: requests seldom come singly.
  static let assumedDispersion = 2.0

  /// - Parameters:
  ///   - newest: the interval that just ended; nil if it is unknown.
  ///   - indexOfDispersion: variance over mean of the arrivals; nil if it is unknown.
  init(
    _ forecast: TrafficForecast, newest: TrafficObservation?, indexOfDispersion: Double?,
    intervalSeconds: Int, targets: LatencyTargets, cachedShare: Double = 0
  ) {
    let seconds = Double(max(1, intervalSeconds))
    func usable(_ value: Double) -> Double { value.isFinite && value > 0 ? value : 0 }
    isl = usable(forecast.isl)
    osl = usable(forecast.osl)
    prompts = LengthMix(mean: isl, histogram: newest?.spread?.isl)
    uncached = prompts.scaled(by: 1 - cachedShare)
    outputs = LengthMix(mean: osl, histogram: newest?.spread?.osl)
    dispersion =
      indexOfDispersion.map {
        $0.isNaN ? Self.assumedDispersion : min(max($0, 1), Self.largestDispersion)
      } ?? Self.assumedDispersion

    let observedRate = usable(newest?.arrivals?.count ?? newest?.requestCount ?? 0) / seconds
    rate = max(observedRate, usable(forecast.requestCount) / seconds)
    let queued = usable(newest?.queuedRequests ?? 0)
    prefillBacklog = max(0, queued - rate * targets.ttftMilliseconds / 1000)
    let inDecode = max(0, usable(newest?.inFlightRequests ?? 0) - queued)
    decodeBacklog = max(0, inDecode - rate * osl * targets.itlMilliseconds / 1000)
  }

  /// The same with nothing that waits.
  var withoutBacklog: TrafficDemand { withBacklog(times: 0) }

  /// The same with so many times as much that waits.
  func withBacklog(times factor: Double) -> TrafficDemand {
    var demand = self
    demand.prefillBacklog *= factor
    demand.decodeBacklog *= factor
    return demand
  }

  /// Whether anything waits beyond the usual.
  var hasBacklog: Bool { prefillBacklog > 0 || decodeBacklog > 0 }

  /// Requests that wait beyond the usual, as far as a component has to do their work: of the
  /// sequences that are late in decode half, because half of each is done.
  func waiting(for component: Component) -> Double {
    component == .prefill ? prefillBacklog : prefillBacklog + decodeBacklog / 2
  }

  /// Requests a second that a component has to serve: with room for more than the forecast, and
  /// what waits.
  func rate(of component: Component, headroom: Double, drainSeconds: Double) -> Double {
    rate * headroom + waiting(for: component) / drainSeconds
  }
}
