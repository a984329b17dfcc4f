import Foundation
import Invocation
import Testing

@testable import StateStore

@Suite("What is too old is forgotten")
struct RetentionTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  /// Decisions of 100 minutes, the newest a minute ago; observations of as many intervals.
  private func fill(_ deployment: String = "default/demo") throws {
    let store = scene.store(deployment) {
      $0.decisionRetentionDays = 0
      $0.observationRetentionDays = 0
    }
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    for minute in (1...100).reversed() {
      _ = try store.save(
        LearnedStep(
          observations: [
            .sample((Int(now) / 180 - minute) * 180),
            .sample((Int(now) / 60 - minute) * 60, seconds: 60),
          ], decision: .sample("unchanged", now - Double(minute) * 60), now: now))
    }
    try store.end(owner: "a")
  }

  private func save(days: Double, _ change: (inout StateFileSettings) -> Void) throws {
    let store = scene.store {
      $0.observationRetentionDays = 400
      change(&$0)
    }
    _ = try store.begin(owner: "b", now: now + days * 86_400, leaseSeconds: 60)
    _ = try store.save(LearnedStep(now: now + days * 86_400, endsLease: true))
  }

  private func count(_ table: String) throws -> Int {
    try scene.rows("SELECT 1 FROM \(table) WHERE deployment = 1").count
  }

  @Test("nothing is removed before its time, nor with a retention of 0")
  func retentionIsKept() throws {
    try fill()
    try save(days: 29.9) { _ in }
    try save(days: 4000) {
      $0.decisionRetentionDays = 0
      $0.observationRetentionDays = 0
    }
    #expect(try count("decision") == 100)
    #expect(try count("observation") == 200)
  }

  @Test("each save removes the oldest, and at most a batch")
  func batches() throws {
    try fill()
    try fill("other/demo")
    try save(days: 31) { _ in }
    #expect(try count("decision") == 100 - Retention.decisionBatch)
    #expect(try count("observation") == 200)
    #expect(try scene.rows("SELECT min(id) FROM decision") == ["\(Retention.decisionBatch + 1)"])
    for _ in 0..<10 { try save(days: 401) { _ in } }
    #expect(try count("decision") == 0)
    #expect(try count("observation") == 0)
    #expect(try scene.rows("SELECT count(*) FROM decision") == ["100"])
    #expect(try scene.rows("SELECT count(*) FROM observation") == ["200"])
  }

  @Test("decisions and observations have their own retention")
  func separateRetention() throws {
    try fill()
    try save(days: 5) {
      $0.decisionRetentionDays = 10
      $0.observationRetentionDays = 4
    }
    #expect(try count("decision") == 100)
    #expect(try count("observation") == 200 - Retention.observationBatch)
  }

  @Test("only what is older than the retention goes")
  func cutoff() throws {
    try fill()
    // Decisions lie a minute apart: 30 days after the fortieth, 60 are older than that.
    try save(days: 30 - 40.5 / 1440) { _ in }
    for _ in 0..<9 { try save(days: 30 - 40.5 / 1440) { _ in } }
    #expect(try count("decision") == 40)
  }

  @Test("a pending decision stays, however old, and numbers are not used again")
  func pendingDecisionsStay() throws {
    try scene.fill()
    try save(days: 5000) { _ in }
    let store = scene.store()
    let state = try store.begin(owner: "c", now: now + 5001 * 86_400, leaseSeconds: 60)
    #expect(state.pending?.id == 2)
    #expect(try store.decisions(limit: 10).map(\.id) == [2])
    #expect(
      try store.save(
        LearnedStep(
          settled: (2, "failed", "too late"), decision: .sample("held", now + 5001 * 86_400),
          now: now + 5001 * 86_400)) == 3)
    #expect(try store.decisions(limit: 10).map(\.id) == [3])
  }
}
