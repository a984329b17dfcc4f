import Foundation
import GRDB
import Invocation
import Testing

@testable import StateStore

@Suite("What stands in the way of writing")
struct ObstacleTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  @Test(
    "a file that another process has locked is given up after a while, with the reason",
    arguments: [
      (StateJournal.wal, Database.TransactionKind.immediate), (.delete, .immediate),
      (.delete, .exclusive),
    ])
  func lockedFile(journal: StateJournal, kind: Database.TransactionKind) throws {
    try scene.fill(journal)
    let other = try DatabaseQueue(path: scene.path)
    try other.writeWithoutTransaction { db in
      try db.beginTransaction(kind)
      expectError("unusable", saying: "locked for 0.05 s") {
        let store = scene.store {
          $0.journal = journal
          $0.lockPatienceSeconds = 0.05
        }
        _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
      }
      try db.rollback()
    }
    #expect(throws: Never.self) {
      try scene.store { $0.journal = journal }.begin(owner: "a", now: now, leaseSeconds: 60)
    }
  }

  @Test("a full disk loses the step but nothing before it, and later steps work")
  func fullDisk() throws {
    try scene.fill()
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    try store.connection.write { try $0.execute(sql: "PRAGMA max_page_count = 1") }
    let large = "\"\(String(repeating: "x", count: 1_000_000))\""
    expectError("unusable", saying: "disk is full") {
      try store.save(
        LearnedStep(
          observations: [.sample(1_789_995_060)], parts: [.plan: large], now: now))
    }
    #expect(try store.observations(intervalSeconds: 180, limit: 9).count == 2)
    try store.connection.write { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
    _ = try store.save(LearnedStep(parts: [.plan: large], now: now, endsLease: true))
    #expect(try store.begin(owner: "b", now: now, leaseSeconds: 60).parts[.plan] == large)
  }

  @Test("without the permission to write, the error says so and nothing is left behind")
  func permissions() throws {
    try scene.fill()
    chmod(scene.folder.path, 0o555)
    chmod(scene.path, 0o444)
    defer { chmod(scene.folder.path, 0o755) }
    withoutPrivileges {
      for (path, advice) in [
        ("planner.sqlite", "can't be written"), ("new.sqlite", "can't be opened"),
        ("a/b.sqlite", "Create it"),
      ] {
        expectError("unusable", saying: advice) {
          try scene.store(path: scene.folder.path + "/" + path).begin(
            owner: "a", now: now, leaseSeconds: 60)
        }
      }
    }
    #expect(try scene.files().keys.sorted() == ["planner.sqlite"])
  }

  @Test("a file in rollback mode that may only be read can be looked at")
  func readOnlyFile() throws {
    try scene.fill(.delete)
    chmod(scene.folder.path, 0o555)
    chmod(scene.path, 0o444)
    defer { chmod(scene.folder.path, 0o755) }
    try withoutPrivileges {
      let decisions = try scene.store().decisions(limit: 9)
      #expect(decisions.count == 2)
      expectError("unusable", saying: "can't be written") {
        try scene.store { $0.journal = .delete }.begin(owner: "a", now: now, leaseSeconds: 60)
      }
    }
  }

  @Test("a file that may not even be read is an error")
  func unreadableFile() throws {
    try scene.fill()
    chmod(scene.path, 0)
    withoutPrivileges {
      expectError("unusable", saying: "can't be opened") { try scene.store().decisions(limit: 9) }
    }
  }

  @Test("a damaged file in a folder that can't be written is not lost when set aside fails")
  func recoveryWithoutPermission() throws {
    try scene.replace(with: Data("damaged".utf8))
    chmod(scene.folder.path, 0o555)
    defer { chmod(scene.folder.path, 0o755) }
    withoutPrivileges {
      expectError("unusable", saying: "can't be renamed") {
        try scene.store { $0.recoversFromDamage = true }
          .begin(owner: "a", now: now, leaseSeconds: 60)
      }
    }
    #expect(try scene.bytes() == Data("damaged".utf8))
  }

  struct Code: Sendable, CustomTestStringConvertible {
    let code: ResultCode
    let kind: String
    let text: String
    var testDescription: String { "\(code)" }
  }

  @Test(
    "each of SQLite's complaints becomes a sentence",
    arguments: [
      Code(code: .SQLITE_CORRUPT, kind: "corrupt", text: "damaged"),
      Code(code: .SQLITE_CORRUPT_INDEX, kind: "corrupt", text: "damaged"),
      Code(code: .SQLITE_NOTADB, kind: "corrupt", text: "damaged"),
      Code(code: .SQLITE_IOERR_SHORT_READ, kind: "corrupt", text: "damaged"),
      Code(code: .SQLITE_ERROR, kind: "corrupt", text: "tables"),
      Code(code: .SQLITE_FULL, kind: "unusable", text: "disk is full"),
      Code(code: .SQLITE_IOERR_FSYNC, kind: "unusable", text: "volume"),
      Code(code: .SQLITE_READONLY_DIRECTORY, kind: "unusable", text: "can't be written"),
      Code(code: .SQLITE_CANTOPEN, kind: "unusable", text: "can't be opened"),
      Code(code: .SQLITE_BUSY_RECOVERY, kind: "unusable", text: "locked for 3.0 s"),
      Code(code: .SQLITE_PROTOCOL, kind: "unusable", text: "locked"),
      Code(code: .SQLITE_CONSTRAINT_CHECK, kind: "unusable", text: "refuses"),
      Code(code: .SQLITE_NOMEM, kind: "unusable", text: "code 7"),
    ])
  func messages(_ code: Code) throws {
    let error = try #require(
      StateError(DatabaseError(resultCode: code.code), path: "x.sqlite", waited: 3))
    #expect(error.kind == code.kind)
    #expect(error.description.contains("'x.sqlite'"))
    #expect(error.description.contains(code.text))
    #expect(error.description.last == ".")
  }
}

@_silgen_name("setfsuid") private func setFileSystemUser(_ user: UInt32) -> Int32

/// Runs `body` with the rights of an ordinary user, also where the tests run as root. Linux keeps
/// the user that counts for files per thread, and `body` stays on this one.
private func withoutPrivileges(_ body: () throws -> Void) rethrows {
  guard geteuid() == 0 else { return try body() }
  _ = setFileSystemUser(65_534)
  defer { _ = setFileSystemUser(0) }
  try body()
}
