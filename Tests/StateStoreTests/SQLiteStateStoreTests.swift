import Foundation
import Invocation
import Planning
import Testing

@testable import StateStore

@Suite("The state of a deployment")
struct SQLiteStateStoreTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  @Test("a store that is only made creates nothing, and neither does reading")
  func creatingIsLeftToBegin() async throws {
    let store = scene.store()
    #expect(try store.observations(intervalSeconds: 180, limit: 10) == [])
    #expect(try store.decisions(limit: 10) == [])
    #expect(try store.decision(id: 1) == nil)
    #expect(try store.deployments() == [])
    try store.verify()
    let scaling = store.embeddedScalingStore(namespace: "dynamo") { 0 }
    #expect(try await scaling.read() == VirtualScalingValues())
    #expect(try scene.files().isEmpty)
  }

  @Test("the first invocation finds an empty state")
  func firstInvocation() throws {
    #expect(
      try scene.store().begin(owner: "a", now: now, leaseSeconds: 60) == StoredState())
  }

  @Test("the folder of the file is created, one level deep")
  func folderIsCreated() throws {
    let path = scene.folder.appendingPathComponent("state/planner.sqlite").path
    _ = try scene.store(path: path).begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test("what one invocation saves, the next one finds", arguments: [StateJournal.wal, .delete])
  func memorySurvives(journal: StateJournal) throws {
    try scene.fill(journal)
    let store = scene.store { $0.journal = journal }
    let state = try store.begin(owner: "third", now: now, leaseSeconds: 60)
    var pending = StoredDecision.sample("pending", now - 30)
    pending.id = 2
    #expect(
      state
        == StoredState(
          parts: [.predictors: #"{"level":900}"#, .load: "[]", .plan: #"{"prefill":2}"#],
          lastIntervalEnd: 1_789_994_880, pending: pending))
    #expect(
      try store.observations(intervalSeconds: 180, limit: 10)
        == [.sample(1_789_994_700), .sample(1_789_994_880)])
  }

  @Test("a decision is pending until it is settled with its document, error and state")
  func settling() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    let id = try #require(
      try store.save(LearnedStep(decision: .sample("pending", now), now: now)))
    #expect(try store.decision(id: id)?.status == "pending")
    try store.settle(
      decision: id, status: "failed", document: #"{"status":"failed"}"#, error: "no answer",
      parts: [.hold: #"{"since":1}"#])
    let settled = try #require(try store.decision(id: id))
    #expect(settled.status == "failed")
    #expect(settled.document == #"{"status":"failed"}"#)
    #expect(settled.error == "no answer")
    #expect(settled.input == #"{"now":\#(now)}"#)
    try store.end(owner: "a")
    let state = try store.begin(owner: "b", now: now, leaseSeconds: 60)
    #expect(state.pending == nil)
    #expect(state.parts == [.hold: #"{"since":1}"#])
  }

  @Test("a decision that an earlier invocation left pending is settled, also in its document")
  func settlingAnEarlierDecision() throws {
    try scene.fill()
    let store = scene.store()
    let pending = try store.begin(owner: "third", now: now, leaseSeconds: 60).pending
    let id = try #require(pending?.id)
    let next = try store.save(
      LearnedStep(
        settled: (id, "applied", nil), decision: .sample("pending", now), now: now))
    #expect(next == id + 1)
    let settled = try #require(try store.decision(id: id))
    #expect(settled.status == "applied")
    #expect(settled.document == #"{"schema":1,"status":"applied"}"#)
  }

  @Test("a decision can't be settled twice, nor one that was never made", arguments: [1, 2, 99])
  func settlingNeedsAPendingDecision(id: Int) throws {
    try scene.fill()
    let store = scene.store()
    _ = try store.begin(owner: "third", now: now, leaseSeconds: 60)
    try store.settle(decision: 2, status: "applied", document: "{}", error: nil, parts: [:])
    #expect(throws: StateError.self) {
      try store.settle(
        decision: id, status: "failed", document: "{}", error: nil, parts: [.plan: "{}"])
    }
    #expect(try store.decision(id: 2)?.status == "applied")
    #expect(try scene.rows("SELECT document FROM memory WHERE part = 'plan'").count == 1)
    #expect(try scene.rows("SELECT 1 FROM memory WHERE document = '{}'").isEmpty)
  }

  @Test("a deployment never has two pending decisions, and the refused step leaves no trace")
  func onePendingDecision() throws {
    try scene.fill()
    let store = scene.store()
    _ = try store.begin(owner: "third", now: now, leaseSeconds: 60)
    expectError("unusable") {
      try store.save(
        LearnedStep(
          observations: [.sample(1_789_995_060)], parts: [.plan: "{}"],
          decision: .sample("pending", now), now: now))
    }
    #expect(try store.observations(intervalSeconds: 180, limit: 10).count == 2)
    #expect(try store.decisions(limit: 10).count == 2)
  }

  @Test("an interval that is stored already is left as it was")
  func intervalsAreUnique() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    for count in [1.0, 2, 3] {
      _ = try store.save(
        LearnedStep(observations: [.sample(360, count: count), .sample(360, count: 9)], now: now))
    }
    #expect(try store.observations(intervalSeconds: 180, limit: 9) == [.sample(360, count: 1)])
  }

  @Test("observations come oldest first, the newest ones, of the interval length asked for")
  func observationsAreOrdered() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    let threes = [1080, 360, 720, 180, 540].map { StoredTraffic.sample($0) }
    let ones = [60, 120, 1140].map { StoredTraffic.sample($0, seconds: 60) }
    _ = try store.save(LearnedStep(observations: threes + ones, now: now))
    #expect(
      try store.observations(intervalSeconds: 180, limit: 3).map(\.observation.intervalEnd)
        == [540, 720, 1080])
    #expect(try store.observations(intervalSeconds: 60, limit: 99) == ones)
    #expect(try store.observations(intervalSeconds: 90, limit: 99) == [])
    #expect(try store.observations(intervalSeconds: 180, limit: 0) == [])
    #expect(try store.observations(intervalSeconds: 180, limit: -1) == [])
    #expect(try store.begin(owner: "a", now: now, leaseSeconds: 60).lastIntervalEnd == 1140)
  }

  @Test(
    "a value that can't be is refused as a whole step",
    arguments: [
      StoredTraffic.sample(360, count: .nan), .sample(360, count: .infinity),
      .sample(360, count: -1), .sample(361), .sample(360, seconds: 0), .sample(360, seconds: -180),
    ])
  func impossibleObservations(traffic: StoredTraffic) throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    expectError("unusable") {
      try store.save(LearnedStep(observations: [.sample(180), traffic], now: now))
    }
    #expect(try store.observations(intervalSeconds: 180, limit: 9) == [])
  }

  @Test(
    "text that is not JSON, and a status nobody knows, are refused",
    arguments: [
      LearnedStep(parts: [.load: "{"], now: 0),
      LearnedStep(decision: .sample("Pending", 0), now: 0),
      LearnedStep(decision: .sample("applied", .nan), now: 0),
    ])
  func impossibleDocuments(step: LearnedStep) throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(throws: StateError.self) { try store.save(step) }
  }

  @Test("deployments in one file don't see each other, but share the numbers of decisions")
  func severalDeployments() throws {
    try scene.fill()
    let other = scene.store("other/demo")
    #expect(try other.begin(owner: "x", now: now, leaseSeconds: 60) == StoredState())
    let id = try other.save(
      LearnedStep(
        observations: [.sample(360)], parts: [.plan: "{}"], decision: .sample("pending", now),
        now: now))
    #expect(id == 3)
    let first = scene.store()
    let state = try first.begin(owner: "y", now: now, leaseSeconds: 60)
    #expect(state.pending?.id == 2)
    #expect(state.parts[.plan] == #"{"prefill":2}"#)
    #expect(state.lastIntervalEnd == 1_789_994_880)
    #expect(try first.decisions(limit: 10).map(\.id) == [2, 1])
    #expect(try first.deployments() == ["default/demo", "other/demo"])
    #expect(throws: StateError.self) {
      try first.settle(decision: 3, status: "applied", document: "{}", error: nil, parts: [:])
    }
  }

  @Test("text of any kind comes back as it was")
  func textIsKept() throws {
    let text = #"{"note":"Größe 大 \u0000 'quoted' \"%s\" 🙂"}"#
    let store = scene.store("ns/дeпл🙂'; DROP TABLE lease; --")
    _ = try store.begin(owner: "хост:1:'x", now: now, leaseSeconds: 60)
    _ = try store.save(LearnedStep(parts: [.load: text], now: now, endsLease: true))
    let state = try store.begin(owner: "b", now: now, leaseSeconds: 60)
    #expect(state.parts == [.load: text])
  }

  @Test("a part that this version doesn't know is passed over and kept")
  func unknownPart() throws {
    try scene.fill()
    try scene.execute("INSERT INTO memory VALUES (1, 'tea', '{}', 0)")
    let store = scene.store()
    #expect(try store.begin(owner: "a", now: now, leaseSeconds: 60).parts.count == 3)
    _ = try store.save(LearnedStep(parts: [.load: "{}"], now: now))
    #expect(try scene.rows("SELECT part FROM memory WHERE part = 'tea'") == [#""tea""#])
  }

  @Test("a person can read the file with the sqlite3 shell")
  func viewsForPeople() throws {
    try scene.fill()
    let store = scene.store()
    _ = try store.begin(owner: "pod-7:1:abc", now: now, leaseSeconds: 60)
    #expect(
      try scene.rows("SELECT id, utc, deployment, status FROM decision_log LIMIT 1")
        == [#"2|"2026-09-21 12:52:50"|"default/demo"|"pending""#])
    #expect(
      try scene.rows("SELECT * FROM lease_log")
        == [#""default/demo"|"pod-7:1:abc"|"2026-09-21 12:54:20""#])
    #expect(
      try scene.rows("SELECT interval_end_utc, request_count, osl FROM traffic_log LIMIT 1")
        == [#""2026-09-21 12:48:00"|900.5|-"#])
  }
}
