import Foundation
import Invocation
import Synchronization
import Testing

@testable import StateStore

@Suite("The lease on a deployment")
struct LeaseTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  @Test("a second invocation is refused, told by whom, and changes nothing")
  func secondInvocation() throws {
    let first = scene.store()
    _ = try first.begin(owner: "first", now: now, leaseSeconds: 60)
    let before = try scene.rows("SELECT * FROM lease")
    let second = scene.store()
    #expect(throws: StateError.leased(owner: "first", until: now + 60)) {
      try second.begin(owner: "second", now: now + 59, leaseSeconds: 60)
    }
    #expect(throws: StateError.self) { try second.save(LearnedStep(now: now)) }
    try second.end(owner: "second")
    #expect(try scene.rows("SELECT * FROM lease") == before)
  }

  @Test("a lease that was given back is free at once", arguments: [0, 1, 2])
  func endedLease(way: Int) throws {
    let first = scene.store()
    _ = try first.begin(owner: "first", now: now, leaseSeconds: 60)
    switch way {
    case 0: try first.end(owner: "first")
    case 1: _ = try first.save(LearnedStep(now: now, endsLease: true))
    default:
      let id = try first.save(LearnedStep(decision: .sample("pending", now), now: now))
      try first.settleAndEnd(
        decision: try #require(id), status: "applied", document: "{}", error: nil, parts: [:],
        owner: "first")
    }
    let state = try scene.store().begin(owner: "second", now: now, leaseSeconds: 60)
    #expect(state.tookOverFrom == nil)
    // Whoever has ended can end again, but takes nothing from the one who came after.
    try first.end(owner: "first")
    try first.end(owner: "second")
    #expect(try scene.rows("SELECT owner FROM lease") == [#""second""#])
    #expect(throws: StateError.self) { try first.save(LearnedStep(now: now)) }
  }

  @Test("an expired lease is taken over and its owner named")
  func expiredLease() throws {
    _ = try scene.store().begin(owner: "dead", now: now, leaseSeconds: 60)
    let state = try scene.store().begin(owner: "next", now: now + 60, leaseSeconds: 60)
    #expect(state.tookOverFrom == "dead")
  }

  @Test(
    "a lease from a clock that was far ahead doesn't count, and is told",
    arguments: [91, 86_400, 1e10])
  func leaseFromTheFuture(ahead: Double) throws {
    _ = try scene.store().begin(owner: "fast", now: now + ahead, leaseSeconds: 60)
    let memory = try scene.store().begin(owner: "next", now: now, leaseSeconds: 60)
    #expect(memory.tookOverFrom == "fast")
    #expect(memory.notices.count == 1 && memory.notices[0].contains("Check the clocks"))
    #expect(try scene.rows("SELECT owner, expires FROM lease") == [#""next"|\#(now + 60)"#])
  }

  @Test("a lease from a clock that was a little ahead is good for no longer than one's own")
  func leaseFromAClockAhead() throws {
    _ = try scene.store().begin(owner: "fast", now: now + 20, leaseSeconds: 60)
    #expect(throws: StateError.leased(owner: "fast", until: now + 60)) {
      try scene.store().begin(owner: "next", now: now, leaseSeconds: 60)
    }
    let memory = try scene.store().begin(owner: "next", now: now + 60, leaseSeconds: 60)
    #expect(memory.tookOverFrom == "fast" && memory.notices.isEmpty)
  }

  @Test("looking at the state changes nothing, and tells who has the lease")
  func looking() throws {
    #expect(try scene.store().look(now: now, leaseSeconds: 60) == nil)
    #expect(try scene.files().isEmpty)
    try scene.fill()
    let before = try scene.files()
    func looker(_ deployment: String = "default/demo") -> SQLiteStateStore {
      SQLiteStateStore(
        StateFileSettings(path: scene.path), deployment: deployment, isReadOnly: true)
    }
    #expect(try looker().look(now: now, leaseSeconds: 60)?.parts.count == 3)
    #expect(try looker("default/unknown").look(now: now, leaseSeconds: 60) == nil)
    #expect(throws: Never.self) { try looker().requireWritable() }
    #expect(try scene.files() == before)
    _ = try scene.store().begin(owner: "first", now: now, leaseSeconds: 60)
    #expect(throws: StateError.leased(owner: "first", until: now + 60)) {
      try looker().look(now: now, leaseSeconds: 60)
    }
  }

  @Test("an invocation that lost its lease can neither save nor settle nor prolong it")
  func lostLease() throws {
    let slow = scene.store()
    _ = try slow.begin(owner: "slow", now: now, leaseSeconds: 60)
    let id = try #require(
      try slow.save(LearnedStep(decision: .sample("pending", now), now: now)))
    let next = scene.store()
    _ = try next.begin(owner: "next", now: now + 61, leaseSeconds: 60)
    let lost = StateError.leased(owner: "next", until: now + 121)
    #expect(throws: lost) { try slow.save(LearnedStep(parts: [.plan: "{}"], now: now + 62)) }
    #expect(throws: lost) {
      try slow.settle(decision: id, status: "applied", document: "{}", error: nil, parts: [:])
    }
    #expect(throws: lost) { try slow.renew(owner: "slow", now: now + 62, leaseSeconds: 60) }
    #expect(try next.decision(id: id)?.status == "pending")
    #expect(try scene.rows("SELECT count(*) FROM memory") == ["0"])

    try next.end(owner: "next")
    expectError("leased") {
      try slow.save(LearnedStep(parts: [.plan: "{}"], now: now + 63))
    }
    try slow.end(owner: "slow")
  }

  @Test("a lease that has expired but was not taken over is still good")
  func lateInvocation() throws {
    let store = scene.store()
    _ = try store.begin(owner: "late", now: now, leaseSeconds: 1)
    _ = try store.save(LearnedStep(now: now + 100))
    try store.renew(owner: "late", now: now + 101, leaseSeconds: 50)
    #expect(throws: StateError.leased(owner: "late", until: now + 151)) {
      try scene.store().begin(owner: "other", now: now + 150, leaseSeconds: 60)
    }
  }

  @Test("its owner can begin again, and is not taken over from")
  func beginningAgain() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(try store.begin(owner: "a", now: now + 90, leaseSeconds: 60).tookOverFrom == nil)
  }

  @Test("nobody ends another's lease by settling")
  func settlingAsAnother() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    let id = try store.save(LearnedStep(decision: .sample("pending", now), now: now))
    expectError("unusable", saying: "lease") {
      try store.settleAndEnd(
        decision: try #require(id), status: "applied", document: "{}", error: nil, parts: [:],
        owner: "b")
    }
    #expect(try store.decision(id: 1)?.status == "pending")
  }

  @Test("nothing can be saved before the beginning")
  func savingFirst() throws {
    #expect(throws: StateError.self) { try scene.store().save(LearnedStep(now: now)) }
    #expect(throws: StateError.self) {
      try scene.store().settle(
        decision: 1, status: "applied", document: "{}", error: nil, parts: [:])
    }
    #expect(try scene.files().isEmpty)
  }

  @Test(
    "times and lengths that make no lease are refused",
    arguments: [
      ("", 1e9, 60), ("a", .nan, 60), ("a", .infinity, 60), ("a", 1e300, 60), ("a", -1, 60),
      ("a", 1e9, 0), ("a", 1e9, -1), ("a", 1e9, .nan), ("a", 1e9, .infinity),
    ])
  func impossibleLeases(owner: String, now: Double, seconds: Double) throws {
    #expect(throws: StateError.self) {
      try scene.store().begin(owner: owner, now: now, leaseSeconds: seconds)
    }
    #expect(try scene.files().isEmpty)
  }

  @Test(
    "of many at once exactly one gets it, also while the file is being created",
    arguments: [StateJournal.wal, .delete], [true, false])
  func race(journal: StateJournal, exists: Bool) throws {
    for _ in 0..<5 {
      let scene = try StateScene()
      if exists { try scene.fill(journal) }
      let outcomes = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { number in
        let store = scene.store { $0.journal = journal }
        do {
          _ = try store.begin(owner: "racer \(number)", now: now, leaseSeconds: 60)
          outcomes.withLock { $0.append("won") }
        } catch {
          let kind = (error as? StateError)?.kind;
          outcomes.withLock { $0.append(kind == "leased" ? "leased" : "\(error)") }
        }
      }
      #expect(
        outcomes.withLock { $0.sorted() } == Array(repeating: "leased", count: 7) + ["won"])
    }
  }

  @Test("invocations of several deployments save side by side, and nothing is lost")
  func concurrentDeployments() throws {
    let scene = scene
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { number in
      let store = scene.store("ns/\(number)")
      do {
        for step in 1...10 {
          let now = now + Double(step)
          _ = try store.begin(owner: "o\(number)", now: now, leaseSeconds: 60)
          let id = try store.save(
            LearnedStep(
              observations: [.sample(step * 180)], decision: .sample("pending", now), now: now))
          try store.settleAndEnd(
            decision: id ?? 0, status: "applied", document: "{}", error: nil,
            parts: [.plan: "\(step)"], owner: "o\(number)")
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(
      try scene.rows(
        "SELECT count(*), count(DISTINCT id), count(DISTINCT deployment) FROM decision")
        == ["60|60|6"])
    #expect(try scene.rows("SELECT count(*) FROM observation") == ["60"])
    #expect(try scene.rows("SELECT DISTINCT document FROM memory") == [#""10""#])
  }
}
