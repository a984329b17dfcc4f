import Invocation
import Testing

@testable import StateStore

@Suite("Reading long histories")
struct ReportReadingTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  /// A file with a decision at each of `times`, and an observation an interval.
  private func filled(_ times: [Double], intervals: [StoredTraffic] = []) throws -> SQLiteStateStore
  {
    let store = scene.store { $0.decisionRetentionDays = 0 }
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    for time in times {
      _ = try store.save(LearnedStep(decision: .sample("held", time), now: now))
    }
    _ = try store.save(LearnedStep(observations: intervals, now: now, endsLease: true))
    return store
  }

  @Test("of each part of the time the first decision is read, empty parts are passed over")
  func sampling() throws {
    let store = try filled([0, 1, 2, 10, 11, 55, 56, 99, 100])
    let sampled = try store.sampledDecisions(since: 0, until: 100, parts: 10)
    #expect(sampled.map(\.time) == [0, 10, 55, 99])
    #expect(sampled.map(\.id) == [1, 4, 6, 8])
    #expect(sampled[0].document.contains("held"))
    #expect(try store.sampledDecisions(since: 0, until: 101, parts: 1000).count == 9)
    #expect(try store.sampledDecisions(since: 0, until: 100, parts: 0) == [])
    #expect(try store.sampledDecisions(since: 100, until: 100, parts: 5) == [])
    #expect(try store.sampledDecisions(since: -.infinity, until: 100, parts: 5) == [])
  }

  @Test("the extent counts the decisions of a time, without its end")
  func extent() throws {
    let store = try filled([3, 1, 2, 5])
    #expect(try store.decisionExtent() == DecisionExtent(count: 4, times: 1...5))
    #expect(
      try store.decisionExtent(since: 2, until: 5) == DecisionExtent(count: 2, times: 2...3))
    #expect(try store.decisionExtent(since: 6) == DecisionExtent(count: 0, times: nil))
    #expect(try store.decisionSummaries(since: 2, until: 5).map(\.id) == [3, 1])
    #expect(try store.timeOfDecision(fromEnd: 2, until: 5) == 2)
    #expect(try store.timeOfDecision(fromEnd: 9, until: 5) == nil)
    #expect(try store.timeOfDecision(fromEnd: 0, until: 5) == nil)
  }

  @Test("observations are handed over oldest first, by their interval's length")
  func observations() throws {
    let store = try filled(
      [0], intervals: [.sample(360), .sample(180), .sample(540), .sample(600, seconds: 60)])
    #expect(try store.observedIntervalLengths() == [60, 180])
    var ends: [Int] = []
    try store.forEachObservation(intervalSeconds: 180) { ends.append($0.observation.intervalEnd) }
    #expect(ends == [180, 360, 540])
    ends = []
    try store.forEachObservation(intervalSeconds: 180, since: 360, until: 540) {
      ends.append($0.observation.intervalEnd)
    }
    #expect(ends == [360])
  }

  @Test("without a file, or without the deployment, there is nothing and no file is made")
  func nothing() throws {
    let store = scene.store()
    #expect(try store.decisionExtent().count == 0)
    #expect(try store.sampledDecisions(since: 0, until: 1, parts: 1) == [])
    #expect(try store.observedIntervalLengths() == [])
    try store.forEachObservation(intervalSeconds: 60) { _ in Issue.record("an observation") }
    #expect(try scene.files().isEmpty)
  }
}
