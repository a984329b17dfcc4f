/// Requests that are counted as waiting or in flight, but that nobody will ever serve.
///
/// A frontend whose worker died may keep the requests it had there: seen on a real 1.0.0 frontend,
/// `inflight_requests 7, queued_requests 7` for as long as anybody looked, after the clients had gone
/// and with all workers idle. Planned for as a backlog they would hold up replicas for ever.
public struct StaleBacklog: Codable, Sendable, Equatable {
  /// Requests in flight that don't move.
  public var inFlightRequests: Double
  /// Those of them without a first token.
  public var queuedRequests: Double

  /// Creates a stale backlog.
  public init(inFlightRequests: Double, queuedRequests: Double) {
    self.inFlightRequests = inFlightRequests
    self.queuedRequests = queuedRequests
  }

  /// Finds what is stale at the end of an interval; nil when nothing is, or when it can't be told.
  ///
  /// It is stale when it is as large as an interval before, nothing arrived and nothing was completed
  /// in between, and no worker has any load. A deployment that is merely slow completes something or
  /// has work on its workers; one whose workers are all gone has an outage, not a stale backlog.
  ///
  /// - Parameters:
  ///   - newest: the newest interval.
  ///   - previous: the known intervals before it, oldest first; the last two are looked at.
  ///   - workers: the newest sample of the workers' load; nil when nobody reads it. It then must not
  ///     have moved for two intervals.
  public static func find(
    newest: TrafficObservation, previous: [TrafficObservation], workers: WorkerSample?
  ) -> StaleBacklog? {
    let before = previous.filter { $0.intervalEnd < newest.intervalEnd }
      .suffix(workers == nil ? 2 : 1)
    guard let inFlight = newest.inFlightRequests, inFlight > 0,
      before.count == (workers == nil ? 2 : 1),
      before.allSatisfy({
        $0.inFlightRequests == inFlight && $0.queuedRequests == newest.queuedRequests
      }),
      ([newest] + before.dropFirst()).allSatisfy(isQuiet),
      workers.map({ !$0.workers.isEmpty && $0.workers.allSatisfy(isIdle) }) ?? true
    else { return nil }
    return StaleBacklog(
      inFlightRequests: inFlight, queuedRequests: min(inFlight, newest.queuedRequests ?? 0))
  }

  private static func isQuiet(_ observation: TrafficObservation) -> Bool {
    observation.requestCount == 0 && (observation.arrivals?.count ?? 0) == 0
  }

  private static func isIdle(_ worker: WorkerGauges) -> Bool {
    worker.activePrefillTokens ?? 0 == 0 && worker.activeDecodeBlocks ?? 0 == 0
  }

  /// The observation without what is stale in it.
  public func removed(from observation: TrafficObservation) -> TrafficObservation {
    var observation = observation
    observation.inFlightRequests = observation.inFlightRequests.map {
      max(0, $0 - inFlightRequests)
    }
    observation.queuedRequests = observation.queuedRequests.map { max(0, $0 - queuedRequests) }
    return observation
  }

  /// What a person should know.
  public var sentence: String {
    "\(Int(inFlightRequests.rounded())) requests are counted as in flight (\(Int(queuedRequests.rounded())) "
      + "without a first token), but they don't move while nothing arrives and all workers are idle: "
      + "they hang in a frontend since their worker died, and are not planned for. Restarting that "
      + "frontend clears them."
  }
}

extension LearnedMoment {
  /// Takes what is in flight from the newest step, where that ends after the newest interval.
  ///
  /// A backlog that grew since the interval ended is seen in seconds, and one that is gone is not
  /// planned for.
  mutating func takeNewestGauges() {
    guard case .known(var newest)? = newest,
      let step = observation.steps.steps.last?.observation,
      step.intervalEnd > newest.intervalEnd, let inFlight = step.inFlightRequests
    else { return }
    newest.inFlightRequests = inFlight
    newest.queuedRequests = step.queuedRequests
    self.newest = .known(newest)
  }

  /// Takes a stale backlog out of the newest interval, and says so where it has just been read.
  mutating func removeStaleBacklog(_ history: History) {
    guard case .known(let newest)? = newest else { return }
    let read = observation.traffic?.readings.compactMap(\.observation) ?? []
    let known =
      history.intervals
      + read.filter { reading in
        reading.intervalEnd > history.intervals.last?.intervalEnd ?? .min
      }
    guard
      let stale = StaleBacklog.find(
        newest: newest, previous: known, workers: observation.workers?.samples.last)
    else { return }
    self.newest = .known(stale.removed(from: newest))
    observation.traffic?.warnings.append(stale.sentence)
  }
}
