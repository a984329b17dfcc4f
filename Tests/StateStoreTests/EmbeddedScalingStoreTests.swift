import Foundation
import Invocation
import Testing

@testable import StateStore

@Suite("The embedded virtual connector's values")
struct EmbeddedScalingStoreTests {
  let scene: StateScene
  let store: SQLiteStateStore
  let scaling: EmbeddedScalingStore

  init() throws {
    scene = try StateScene()
    store = scene.store()
    scaling = store.embeddedScalingStore(namespace: "dynamo") { StateScene.now }
  }

  private func write(_ prefill: Int?, _ decode: Int?, _ id: Int, after expected: Int?) async throws
    -> Bool
  {
    try await scaling.write(
      VirtualScalingValues(prefillWorkers: prefill, decodeWorkers: decode, decisionID: id),
      ifDecisionIs: expected)
  }

  @Test("a decision is stored with its time, and is not acknowledged")
  func firstDecision() async throws {
    #expect(try await write(2, 3, 0, after: nil))
    let values = try await scaling.read()
    #expect(
      values
        == VirtualScalingValues(
          prefillWorkers: 2, decodeWorkers: 3, decisionID: 0, scaledDecisionID: nil,
          decidedAt: StateScene.now))
    #expect(!values.isAcknowledged)
  }

  @Test("counts that are nil stay as they are, and so does the acknowledgement")
  func partialWrite() async throws {
    #expect(try await write(2, nil, 0, after: nil))
    try await scaling.acknowledge(0)
    #expect(try await write(nil, 5, 1, after: 0))
    let values = try await scaling.read()
    #expect(values.prefillWorkers == 2)
    #expect(values.decodeWorkers == 5)
    #expect(values.decisionID == 1)
    #expect(values.scaledDecisionID == 0)
  }

  @Test("a writer that read something else writes nothing", arguments: [nil, 0, 2, Int.max])
  func lostRace(expected: Int?) async throws {
    #expect(try await write(1, 1, 1, after: nil))
    #expect(try await !write(9, 9, 3, after: expected))
    let values = try await scaling.read()
    #expect(values.prefillWorkers == 1)
    #expect(values.decisionID == 1)
  }

  @Test("of two writers with the same knowledge one wins")
  func concurrentWriters() async throws {
    _ = try await write(1, 1, 0, after: nil)
    let others = (0..<4).map { _ in
      scene.store().embeddedScalingStore(namespace: "dynamo") { 0 }
    }
    let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
      for (number, other) in others.enumerated() {
        group.addTask {
          try await other.write(
            VirtualScalingValues(prefillWorkers: number, decisionID: 1), ifDecisionIs: 0)
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(wins == 1)
  }

  @Test("acknowledging the latest, a given, and an older decision")
  func acknowledging() async throws {
    _ = try await write(1, 1, 0, after: nil)
    _ = try await write(2, 2, 1, after: 0)
    _ = try await write(3, 3, 2, after: 1)
    try await scaling.acknowledge(1)
    #expect(try await scaling.read().scaledDecisionID == 1)
    #expect(try await scaling.acknowledgeLatest() == 2)
    try await scaling.acknowledge(0)
    let values = try await scaling.read()
    #expect(values.scaledDecisionID == 2)
    #expect(values.isAcknowledged)
  }

  @Test("a decision that does not exist can't be acknowledged", arguments: [1, Int.max, -1])
  func acknowledgingTheFuture(id: Int) async throws {
    _ = try await write(1, 1, 0, after: nil)
    await #expect(
      throws: ConnectorError.misconfigured(
        "There is no revision \(id) to acknowledge for the namespace 'dynamo': "
          + "the last one has number 0.")
    ) { try await scaling.acknowledge(id) }
    #expect(try await scaling.read().scaledDecisionID == nil)
  }

  @Test("without a decision there is nothing to acknowledge, and no file is created")
  func acknowledgingNothing() async throws {
    let message =
      "There is no revision to acknowledge for the namespace 'dynamo' in "
      + "'\(scene.path)'. Check --namespace and --state."
    await #expect(throws: ConnectorError.misconfigured(message)) {
      try await scaling.acknowledge(0)
    }
    #expect(try scene.files().isEmpty)
    _ = try store.begin(owner: "a", now: StateScene.now, leaseSeconds: 60)
    await #expect(throws: ConnectorError.misconfigured(message)) {
      try await scaling.acknowledgeLatest()
    }
  }

  @Test("namespaces don't see each other")
  func namespaces() async throws {
    _ = try await write(1, 1, 0, after: nil)
    let other = store.embeddedScalingStore(namespace: "other") { 0 }
    #expect(try await other.read() == VirtualScalingValues())
  }

  @Test("impossible values are errors, not writes")
  func impossibleValues() async throws {
    await #expect(throws: ConnectorError.self) { try await write(-1, 1, 0, after: nil) }
    await #expect(throws: ConnectorError.self) {
      try await scaling.write(VirtualScalingValues(prefillWorkers: 1), ifDecisionIs: nil)
    }
    #expect(try await scaling.read() == VirtualScalingValues())
  }

  @Test("a file that can't be used is a connector error that says why")
  func unusableFile() async throws {
    try scene.replace(with: Data("not a database, but long enough to be looked at".utf8))
    await #expect {
      try await scaling.read()
    } throws: {
      "\($0)".contains("is damaged")
    }
  }
}
