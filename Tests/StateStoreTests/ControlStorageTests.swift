import Invocation
import Planning
import Testing

@testable import StateStore

@Suite("What people have said, and runs that failed, in the state file")
struct ControlStorageTests {
  private let scene: StateScene

  init() throws { scene = try StateScene() }

  private func pin(_ count: Int, until: Double? = nil) -> Control {
    Control(
      .pin, .decode, minimum: count, maximum: count, owner: "anna", reason: "load test", since: 5,
      until: until)
  }

  @Test("what is said is there for the next invocation, and it changes nothing of it")
  func roundTrip() throws {
    let store = scene.store()
    _ = try store.begin(owner: "run", now: StateScene.now, leaseSeconds: 60)
    try scene.store().changeControls(now: StateScene.now) { $0 + [pin(4)] }
    _ = try store.save(
      LearnedStep(parts: [.plan: "{}"], now: StateScene.now, endsLease: true))
    #expect(try scene.store().controls() == [pin(4)])
    let next = try scene.store().begin(owner: "next", now: StateScene.now, leaseSeconds: 60)
    #expect(
      try PlannerState(StoredState(parts: [.controls: #require(next.parts[.controls])])).controls
        == [pin(4)])
  }

  @Test("what is over is forgotten with the next word, and not before")
  func forgotten() throws {
    let store = scene.store()
    try store.changeControls(now: 10) { $0 + [pin(4, until: 100)] }
    #expect(try store.controls().count == 1)
    #expect(try store.changeControls(now: 100) { $0 + [pin(5)] } == [pin(5)])
  }

  @Test("a deployment has its own words, and a state file that is not there has none")
  func separate() throws {
    #expect(try scene.store().controls() == [])
    try scene.store("default/a").changeControls(now: 10) { $0 + [pin(4)] }
    #expect(try scene.store("default/b").controls() == [])
  }

  @Test("a list that can't be read is named")
  func unreadable() throws {
    let store = scene.store()
    try store.changeControls(now: 10) { $0 + [pin(4)] }
    try store.connection.write { try $0.execute(sql: "UPDATE memory SET document = '[1]'") }
    #expect { try store.controls() } throws: { "\($0)".contains("'controls'") }
  }

  @Test("equal failures in a row are one row with its count, a decision in between begins another")
  func failedRuns() throws {
    let store = scene.store()
    for time in [10.0, 20, 30] { try store.noteFailedRun(at: time, code: 69, error: "gone") }
    try store.noteFailedRun(at: 40, code: 78, error: "wrong")
    #expect(
      try store.failedRuns(limit: 10) == [
        FailedRun(first: 40, code: 78, error: "wrong"),
        FailedRun(first: 10, last: 30, count: 3, code: 69, error: "gone"),
      ])
    _ = try store.begin(owner: "run", now: 50, leaseSeconds: 60)
    _ = try store.save(LearnedStep(decision: .sample("held", 50), now: 50, endsLease: true))
    try store.noteFailedRun(at: 60, code: 78, error: "wrong")
    #expect(try store.failedRuns(limit: 10).count == 3)
    #expect(try store.failedRuns(since: 40, until: 60, limit: 10).map(\.first) == [40])
    #expect(try store.failedRuns(limit: 0) == [])
  }

  @Test("failed runs go with the decisions' retention")
  func retention() throws {
    let store = scene.store { $0.decisionRetentionDays = 1 }
    try store.noteFailedRun(at: 10, code: 69, error: "a")
    try store.noteFailedRun(at: 90_000, code: 69, error: "b")
    #expect(try store.failedRuns(limit: 10).map(\.error) == ["b"])
  }
}
