import Planning
import Testing

@Suite("A stale backlog")
struct StaleBacklogTests {
  private static func traffic(
    _ end: Int, inFlight: Double? = 7, queued: Double? = 7, requests: Double = 0,
    arrivals: Double = 0
  ) -> TrafficObservation {
    var observation = TrafficObservation(intervalEnd: end, requestCount: requests)
    observation.arrivals = Arrivals(count: arrivals, basis: .completedAndInFlight)
    observation.inFlightRequests = inFlight
    observation.queuedRequests = queued
    return observation
  }

  private static func workers(_ tokens: Double?, _ blocks: Double?) -> WorkerSample {
    WorkerSample(
      time: 360,
      workers: [
        WorkerGauges(workerID: "1", component: .prefill, activePrefillTokens: tokens),
        WorkerGauges(workerID: "2", component: .decode, activeDecodeBlocks: blocks),
      ])
  }

  /// Captures v100_08d, 09a and 09b: 7 in flight and queued long after the load had stopped.
  @Test("is one that doesn't move while nothing arrives and the workers are idle")
  func stale() throws {
    let found = try #require(
      StaleBacklog.find(
        newest: Self.traffic(360), previous: [Self.traffic(180)], workers: Self.workers(0, 0)))
    #expect(found == StaleBacklog(inFlightRequests: 7, queuedRequests: 7))
    let rest = found.removed(from: Self.traffic(540, inFlight: 10, queued: 8))
    #expect(rest.inFlightRequests == 3 && rest.queuedRequests == 1)
    #expect(found.sentence.contains("7 requests are counted as in flight"))
  }

  @Test(
    "is none where anything moves, or where it can't be told",
    arguments: [
      (traffic(360, inFlight: 8), traffic(180), workers(0, 0)),
      (traffic(360, queued: 6), traffic(180), workers(0, 0)),
      (traffic(360, requests: 1), traffic(180), workers(0, 0)),
      (traffic(360, arrivals: 1), traffic(180), workers(0, 0)),
      (traffic(360), traffic(180), workers(100, 0)), (traffic(360), traffic(180), workers(0, 1)),
      (traffic(360), traffic(180), nil), (traffic(360), nil, workers(0, 0)),
      (traffic(360), traffic(180), WorkerSample(time: 360, workers: [])),
      (traffic(360, inFlight: 0, queued: 0), traffic(180, inFlight: 0, queued: 0), workers(0, 0)),
      (traffic(360, inFlight: nil), traffic(180, inFlight: nil), workers(0, 0)),
    ] as [(TrafficObservation, TrafficObservation?, WorkerSample?)])
  func alive(
    _ newest: TrafficObservation, _ previous: TrafficObservation?, _ workers: WorkerSample?
  ) {
    #expect(
      StaleBacklog.find(newest: newest, previous: previous.map { [$0] } ?? [], workers: workers)
        == nil)
  }

  @Test("must not have moved for two intervals where nobody reads the workers")
  func withoutWorkers() {
    let intervals = [0, 180, 360].map { Self.traffic($0) }
    func find(_ previous: [TrafficObservation]) -> StaleBacklog? {
      StaleBacklog.find(newest: intervals[2], previous: previous, workers: nil)
    }
    #expect(find([intervals[0], intervals[1]])?.inFlightRequests == 7)
    #expect(find([intervals[1]]) == nil)
    #expect(find([Self.traffic(0, inFlight: 9), intervals[1]]) == nil)
    #expect(find([intervals[0], Self.traffic(180, requests: 2)]) == nil)
  }
}
