import Foundation
import GRDB
import Invocation
import Planning
import TestSupport
import Testing

@testable import StateStore

@Suite("Files that are no good")
struct DamagedFileTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  struct BadFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: String
    let make: @Sendable (StateScene) throws -> Void

    init(_ name: String, _ kind: String, _ make: @escaping @Sendable (StateScene) throws -> Void) {
      testDescription = name
      self.kind = kind
      self.make = make
    }
  }

  static let badFiles = [
    BadFile("a text file", "corrupt") {
      try $0.replace(with: Data(String(repeating: "interval,requests\n", count: 500).utf8))
    },
    BadFile("a short text file", "corrupt") { try $0.replace(with: Data("hello".utf8)) },
    BadFile("zeros", "corrupt") { try $0.replace(with: Data(count: 8192)) },
    BadFile("a header without a page", "corrupt") {
      try $0.replace(with: Data("SQLite format 3\0".utf8))
    },
    BadFile("truncated in the middle", "corrupt") {
      try $0.fill()
      try $0.replace(with: $0.bytes().prefix(5 * 4096 + 100))
    },
    BadFile("truncated to one page", "corrupt") {
      try $0.fill()
      try $0.replace(with: $0.bytes().prefix(4096))
    },
    BadFile("truncated by one byte", "corrupt") {
      try $0.fill()
      try $0.replace(with: $0.bytes().dropLast(4097))
    },
    BadFile("a header with another magic", "corrupt") {
      try $0.fill()
      var bytes = try $0.bytes()
      bytes[3] ^= 0x20
      try $0.replace(with: bytes)
    },
    BadFile("a first page of noise", "corrupt") {
      try $0.fill()
      var bytes = try $0.bytes()
      for index in 100..<4096 { bytes[index] = UInt8(truncatingIfNeeded: index &* 151) }
      try $0.replace(with: bytes)
    },
    BadFile("all pages but the first overwritten", "corrupt") {
      try $0.fill()
      let bytes = try $0.bytes()
      try $0.replace(with: bytes.prefix(4096) + Data(repeating: 0xA5, count: bytes.count - 4096))
    },
    BadFile("a table lost", "corrupt") {
      try $0.fill()
      try $0.execute("DROP TABLE memory")
    },
    BadFile("the database of a program without an identity", "unusable") {
      try $0.execute("CREATE TABLE song (title TEXT); INSERT INTO song VALUES ('Blue')")
    },
    BadFile("the database of a program with another identity", "unusable") {
      try $0.execute("PRAGMA application_id = 77; PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
    },
    BadFile("a newer schema", "newerSchema") {
      try $0.fill()
      try $0.execute("INSERT INTO grdb_migrations VALUES ('v99')")
    },
    BadFile("a newer schema that renumbered the steps", "newerSchema") {
      try $0.fill()
      try $0.execute("DELETE FROM grdb_migrations; INSERT INTO grdb_migrations VALUES ('w1')")
    },
  ]

  @Test("each has its error, and stays as it was to the last byte", arguments: badFiles)
  func badFile(_ file: BadFile) throws {
    try file.make(scene)
    let before = try scene.files()
    let store = scene.store()
    let uses: [() throws -> Void] = [
      { _ = try store.begin(owner: "a", now: now, leaseSeconds: 60) },
      { _ = try store.observations(intervalSeconds: 180, limit: 9) },
      { _ = try store.begin(owner: "a", now: now, leaseSeconds: 60) },
    ]
    for (number, use) in uses.enumerated() {
      // A lost table does not keep the others from being read.
      if number == 1, file.testDescription == "a table lost" { continue }
      expectError(file.kind, saying: scene.path) { try use() }
    }
    try store.close()
    #expect(try scene.files().filter { !$0.value.isEmpty } == before)
  }

  @Test("a newer version's file with a log left by a killed process is not touched either")
  func leftoverLog() throws {
    try scene.fill()
    let working = try DatabaseQueue(path: scene.path)
    try working.writeWithoutTransaction {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')")
    }
    let killed = try StateScene()
    try copy(from: scene, to: killed)
    try working.close()
    let before = try killed.files()
    #expect(before["planner.sqlite-wal"]?.isEmpty == false)
    #expect(throws: StateError.newerSchema(path: killed.path, version: "v99")) {
      try killed.store().begin(owner: "a", now: now, leaseSeconds: 60)
    }
    #expect(try killed.files() == before)
  }

  @Test(
    "an empty file, and one whose creation was cut short, are started afresh",
    arguments: ["", "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"])
  func unfinishedFile(sql: String) throws {
    try scene.replace(with: Data())
    try scene.execute(sql)
    #expect(try scene.store().decisions(limit: 1) == [])
    #expect(try scene.store().begin(owner: "a", now: now, leaseSeconds: 60) == StoredState())
  }

  @Test(
    "a path that can't be a state file is refused with the reason",
    arguments: [
      ("", "empty"), ("a\0b", "NUL"), ("{}", "folder"), ("{}/", "folder"),
      ("{}/missing/deeper/s.sqlite", "folder"),
      ("{}/file/s.sqlite", "Not a directory"), ("/dev/null", "regular"),
      ("/proc/sla-planner/s.sqlite", "folder"), ("{}/fifo", "regular"),
      ("{}/" + String(repeating: "x", count: 300), "too long"),
    ])
  func badPath(pattern: String, reason: String) throws {
    let path = pattern.replacing("{}", with: scene.folder.path)
    try Data("x".utf8).write(to: scene.folder.appendingPathComponent("file"))
    mkfifo(scene.folder.appendingPathComponent("fifo").path, 0o600)
    expectError("unusable", saying: reason) {
      try scene.store(path: path).begin(owner: "a", now: now, leaseSeconds: 60)
    }
  }

  @Test(
    "names that SQLite would read as something else are names of files",
    arguments: [
      ":memory:", "file:planner.sqlite?mode=memory", "planner 100%.sqlite",
    ])
  func namesAreNames(name: String) throws {
    let path = scene.folder.appendingPathComponent(name).path
    _ = try scene.store(path: path).begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(StateFileLocation(name).path == "./" + name)
  }

  // MARK: - Recovering

  @Test("a damaged file is set aside with its log when that was asked for, and only then")
  func recovering() throws {
    try scene.fill()
    let damaged = try scene.bytes().prefix(9000)
    try scene.replace(with: damaged)
    try Data("log".utf8).write(to: URL(fileURLWithPath: scene.path + "-wal"))
    let store = scene.store { $0.recoversFromDamage = true }
    let state = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    let aside = "planner.sqlite.damaged-20260921T125320Z"
    #expect(state.parts.isEmpty)
    let notice = try #require(state.notices.first)
    #expect(state.notices.count == 1)
    #expect(notice.contains(scene.path) && notice.contains(aside))
    let files = try scene.files()
    #expect(files[aside] == damaged)
    _ = try store.save(LearnedStep(parts: [.plan: "{}"], now: now, endsLease: true))
    #expect(try store.begin(owner: "b", now: now, leaseSeconds: 60).notices == [])
  }

  @Test("a name that is taken is not overwritten")
  func recoveringTwice() throws {
    for text in ["first", "second", "third"] {
      try scene.replace(with: Data(text.utf8))
      let store = scene.store { $0.recoversFromDamage = true }
      _ = try store.begin(owner: text, now: now, leaseSeconds: 60)
      try store.close()
      try FileManager.default.removeItem(atPath: scene.path)
    }
    let names = ["", "-2", "-3"].map { "planner.sqlite.damaged-20260921T125320Z" + $0 }
    let files = try scene.files()
    #expect(names.map { files[$0] } == ["first", "second", "third"].map { Data($0.utf8) })
  }

  @Test("what is not damaged but not ours is never set aside", arguments: badFiles)
  func recoveryIsForDamage(_ file: BadFile) throws {
    guard file.kind != "corrupt" else { return }
    try file.make(scene)
    let before = try scene.files()
    #expect(throws: StateError.self) {
      try scene.store { $0.recoversFromDamage = true }
        .begin(owner: "a", now: now, leaseSeconds: 60)
    }
    #expect(try scene.files().filter { !$0.value.isEmpty } == before)
  }

  @Test("a file with a record that can't be read can be set aside by whoever finds that")
  func settingAside() throws {
    try scene.fill()
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    let notice = try store.setAside(now: now)
    #expect(notice.contains("damaged-2026"))
    #expect(throws: StateError.self) { try store.save(LearnedStep(now: now)) }
    #expect(try store.begin(owner: "a", now: now, leaseSeconds: 60) == StoredState())
    #expect(throws: StateError.self) { try store.setAside(now: .nan) }
  }

  // MARK: - Damage anywhere

  @Test("one wrong bit anywhere is an error or harmless, never a crash")
  func flippedBits() throws {
    try scene.fill()
    let whole = try scene.bytes()
    var generator = SeededRandom(seed: 7)
    for _ in 0..<200 {
      var bytes = whole
      // Half of them in the header and the schema, where a bit can do the most.
      let range = generator.next() % 2 == 0 ? 0..<6000 : 0..<bytes.count
      let position = range.lowerBound + Int(generator.next() % UInt64(range.count))
      bytes[position] ^= 1 << UInt8(generator.next() % 8)
      try useDamaged(bytes, "bit in byte \(position)")
    }
  }

  @Test("a page of zeros, of ones or of another page is an error or harmless, never a crash")
  func overwrittenPages() throws {
    try scene.fill()
    let whole = try scene.bytes()
    let size = 4096
    for page in 1..<(whole.count / size) {
      let range = page * size..<(page + 1) * size
      let other = (page == 1 ? 2 : page - 1) * size
      for filling in [
        Data(count: size), Data(repeating: 0xFF, count: size), whole[other..<other + size],
      ] {
        var bytes = whole
        bytes.replaceSubrange(range, with: filling)
        try useDamaged(bytes, "page \(page)")
      }
    }
  }

  /// Does what an invocation does, on a damaged file; everything but a ``StateError`` fails.
  private func useDamaged(_ bytes: Data, _ what: String) throws {
    let damaged = try StateScene()
    try damaged.replace(with: bytes)
    let store = damaged.store()
    let uses: [() throws -> Void] = [
      { _ = try store.begin(owner: "a", now: now, leaseSeconds: 60) },
      {
        for traffic in try store.observations(intervalSeconds: 180, limit: 9) {
          #expect(traffic.observation.requestCount >= 0)
        }
      },
      {
        _ = try store.save(
          LearnedStep(
            observations: [.sample(1_789_995_060)], parts: [.plan: "{}"],
            settled: (2, "failed", nil), decision: .sample("pending", now), now: now + 1e8))
      },
      {
        try store.settleAndEnd(
          decision: 3, status: "applied", document: "{}", error: nil, parts: [:], owner: "a")
      },
      { _ = try store.decisions(limit: 9) },
      { try store.verify() },
    ]
    for use in uses {
      do {
        try use()
      } catch {
        #expect(error is StateError, "\(what): \(error)")
      }
    }
  }
}

/// Copies a state file with its log or journal as they are at this moment: what a process that is
/// killed now leaves behind.
func copy(from scene: StateScene, to other: StateScene) throws {
  for suffix in ["", "-wal", "-journal"]
  where FileManager.default.fileExists(atPath: scene.path + suffix) {
    try FileManager.default.copyItem(atPath: scene.path + suffix, toPath: other.path + suffix)
  }
}
