import Foundation
import Invocation
import StateStore
import TestSupport
import Testing

/// Looks into a state file, in passing: without taking the lease.
struct StateFile: Sendable {
  let path: String
  let deployment: String

  /// Everything that may not change while nothing is decided.
  struct Contents: Equatable {
    var observations: [StoredTraffic]
    var decisions: [StoredDecision]
    var memory: [StatePart: String]
    var scaling: VirtualScalingValues
  }

  /// The observations, oldest first.
  func observations() throws -> [StoredTraffic] {
    try store.observations(intervalSeconds: TrafficHistory.intervalSeconds, limit: 10_000)
  }

  /// The decisions, oldest first.
  func decisions() throws -> [StoredDecision] { try store.decisions(limit: 10_000).reversed() }

  /// The decisions as they were printed, oldest first.
  func documents() throws -> [DecisionDocument] {
    try decisions().map { try JSONText.decode(DecisionDocument.self, from: $0.document) }
  }

  /// What predictors, regressions and so on remember.
  func memory() throws -> [StatePart: String] {
    let folder = try TemporaryFolder()
    try store.exportSeed(to: folder.file("copy.sqlite"))
    let copy = SQLiteStateStore(
      StateFileSettings(path: folder.file("copy.sqlite")), deployment: deployment)
    return try copy.begin(owner: "a test", now: 9e10, leaseSeconds: 1).parts
  }

  /// The values of the embedded virtual connector.
  func scaling() async throws -> VirtualScalingValues {
    try await store.embeddedScalingStore(namespace: deployment, clock: { 0 }).read()
  }

  /// Reports the last decision of the embedded connector as in place.
  func acknowledgeScaling() async throws {
    try await store.embeddedScalingStore(namespace: deployment, clock: { 0 }).acknowledgeLatest()
  }

  /// Lets the lease of an invocation that was killed run out. It goes by the machine's clock.
  func letLeaseExpire() async throws {
    let outcome = try await ChildProcess.run("sqlite3", [path, "UPDATE lease SET expires = 0"])
    #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
  }

  /// All of it.
  func contents() async throws -> Contents {
    Contents(
      observations: try observations(), decisions: try decisions(), memory: try memory(),
      scaling: try await scaling())
  }

  private var store: SQLiteStateStore {
    SQLiteStateStore(StateFileSettings(path: path), deployment: deployment)
  }
}
