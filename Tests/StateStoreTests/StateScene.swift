import Foundation
import GRDB
import Invocation
import Planning
import Testing

@testable import StateStore

/// A folder of its own for each test, removed afterwards, and what is common in the tests here.
final class StateScene: Sendable {
  /// 2026-09-21T12:53:20Z, a moment that intervals of 180 s don't end at.
  static let now = 1_789_995_200.0

  let folder: URL
  let path: String

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("state-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appendingPathComponent("planner.sqlite").path
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// A store with a connection of its own, as another process would have.
  func store(
    _ deployment: String = "default/demo", path: String? = nil,
    _ change: (inout StateFileSettings) -> Void = { _ in }
  ) -> SQLiteStateStore {
    var settings = StateFileSettings(path: path ?? self.path, lockPatienceSeconds: 10)
    // Observations here end soon after 1970.
    settings.observationRetentionDays = 0
    change(&settings)
    return SQLiteStateStore(settings, deployment: deployment)
  }

  /// Leaves a state file with two observations, three memory parts and two decisions, one of them
  /// pending, in the way that two invocations would.
  func fill(_ journal: StateJournal = .wal) throws {
    let store = store { $0.journal = journal }
    _ = try store.begin(owner: "first", now: Self.now - 60, leaseSeconds: 30)
    _ = try store.save(
      LearnedStep(
        observations: [.sample(1_789_994_700)], decision: .sample("applied", Self.now - 60),
        now: Self.now - 60, endsLease: true))
    _ = try store.begin(owner: "second", now: Self.now - 30, leaseSeconds: 30)
    _ = try store.save(
      LearnedStep(
        observations: [.sample(1_789_994_880)],
        parts: [.predictors: #"{"level":900}"#, .load: "[]", .plan: #"{"prefill":2}"#],
        decision: .sample("pending", Self.now - 30), now: Self.now - 30, endsLease: true))
    try store.close()
  }

  /// Everything that lies in the folder, by name; the shared memory of a WAL is no content.
  func files() throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try names.filter { !$0.hasSuffix("-shm") }.reduce(into: [:]) { files, name in
      files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
    }
  }

  func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  func replace(with bytes: Data) throws { try bytes.write(to: URL(fileURLWithPath: path)) }

  /// Runs SQL over a connection that is not the store's.
  func execute(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// The rows that `sql` gives, each as text, over a connection that is not the store's.
  func rows(_ sql: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { db in
      try Row.fetchAll(db, sql: sql).map { row in
        row.databaseValues.map { $0.isNull ? "-" : "\($0)" }.joined(separator: "|")
      }
    }
  }
}

extension StoredTraffic {
  static func sample(_ end: Int, seconds: Int = 180, count: Double = 900.5) -> StoredTraffic {
    StoredTraffic(
      intervalSeconds: seconds,
      observation: TrafficObservation(
        intervalEnd: end, requestCount: count, isl: 3000, osl: nil, ttftMilliseconds: 210.25,
        itlMilliseconds: 18, requestDurationSeconds: nil))
  }
}

extension StoredDecision {
  static func sample(_ status: String, _ time: Double, error: String? = nil) -> StoredDecision {
    StoredDecision(
      time: time, status: status, isChange: status == "applied",
      document: #"{"schema":1,"status":"\#(status)"}"#, input: #"{"now":\#(time)}"#, error: error)
  }
}

extension StateError {
  /// The kind of error without its details.
  var kind: String {
    switch self {
    case .leased: "leased"
    case .unusable: "unusable"
    case .corrupt: "corrupt"
    case .newerSchema: "newerSchema"
    case .unreadablePart: "unreadablePart"
    }
  }
}

/// Expects `body` to throw a ``StateError`` of `kind` whose message contains `text`.
func expectError<Value>(
  _ kind: String, saying text: String = "", sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Value
) {
  do {
    _ = try body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch {
    #expect((error as? StateError)?.kind == kind, "\(error)", sourceLocation: sourceLocation)
    #expect(text.isEmpty || "\(error)".contains(text), sourceLocation: sourceLocation)
  }
}
