import Foundation
import GRDB
import Invocation
import Testing

@testable import StateStore

@Suite("An invocation that dies")
struct CrashTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  @Test(
    "in the middle of a transaction it leaves no trace", arguments: [StateJournal.wal, .delete])
  func crashInATransaction(journal: StateJournal) throws {
    try scene.fill(journal)
    let killed = try StateScene()
    let store = scene.store { $0.journal = journal }
    struct Interrupted: Error {}
    #expect(throws: Interrupted.self) {
      try store.connection.write { db in
        // With next to no memory for pages, unfinished changes go to the disk before the commit.
        try db.execute(sql: "PRAGMA cache_size = 1")
        try db.execute(sql: "DELETE FROM observation; UPDATE decision SET status = 'failed'")
        for number in 0..<200 {
          try db.execute(
            sql: "INSERT INTO memory VALUES (1, ?, ?, 0)",
            arguments: ["part \(number)", "\"\(String(repeating: "x", count: 900))\""])
        }
        try copy(from: scene, to: killed)
        throw Interrupted()
      }
    }
    let unfinished = try killed.files()[
      journal == .wal ? "planner.sqlite-wal" : "planner.sqlite-journal"]
    #expect((unfinished?.count ?? 0) > 4096)

    let next = killed.store { $0.journal = journal }
    let state = try next.begin(owner: "next", now: now, leaseSeconds: 60)
    #expect(state.pending?.id == 2)
    #expect(state.parts.count == 3)
    #expect(try next.observations(intervalSeconds: 180, limit: 9).count == 2)
    try next.verify()
  }

  @Test(
    "after a transaction it leaves that transaction, closed or not",
    arguments: [StateJournal.wal, .delete])
  func crashAfterATransaction(journal: StateJournal) throws {
    let store = scene.store { $0.journal = journal }
    _ = try store.begin(owner: "dead", now: now, leaseSeconds: 60)
    _ = try store.save(
      LearnedStep(
        observations: [.sample(360)], parts: [.plan: "{}"], decision: .sample("pending", now),
        now: now))
    let killed = try StateScene()
    try copy(from: scene, to: killed)
    try store.settleAndEnd(
      decision: 1, status: "applied", document: "{}", error: nil, parts: [:], owner: "dead")

    let next = killed.store { $0.journal = journal }
    #expect(throws: StateError.leased(owner: "dead", until: now + 60)) {
      try next.begin(owner: "next", now: now + 1, leaseSeconds: 60)
    }
    let state = try next.begin(owner: "next", now: now + 61, leaseSeconds: 60)
    #expect(state.tookOverFrom == "dead")
    #expect(state.pending?.id == 1)
    #expect(state.lastIntervalEnd == 360)
  }

  @Test("a connection that is dropped inside a transaction gives everything back")
  func droppedConnection() throws {
    try scene.fill()
    do {
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let dropped = try DatabaseQueue(path: scene.path, configuration: configuration)
      try dropped.writeWithoutTransaction { db in
        try db.beginTransaction(.immediate)
        try db.execute(sql: "DELETE FROM decision; DELETE FROM memory")
      }
    }
    let state = try scene.store().begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(state.pending?.id == 2)
    #expect(state.parts.count == 3)
  }

  @Test("while the file is being created it leaves one that the next invocation finishes")
  func crashWhileCreating() throws {
    let creating = scene.store()
    _ = try creating.begin(owner: "a", now: now, leaseSeconds: 60)
    let killed = try StateScene()
    // Only the log exists in full: nothing was folded into the file yet.
    try copy(from: scene, to: killed)
    try Data().write(to: URL(fileURLWithPath: killed.path + "-wal"))
    #expect(throws: Never.self) {
      try killed.store { $0.recoversFromDamage = false }
        .begin(owner: "b", now: now, leaseSeconds: 60)
    }
  }
}
