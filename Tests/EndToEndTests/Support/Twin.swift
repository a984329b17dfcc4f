import Invocation
import StateStore
import TestSupport
import Testing

/// A deployment over four invocations in three intervals, the second of which may be interrupted:
/// what becomes of it must be what becomes of its twin that nobody disturbed.
struct Twin: Sendable {
  /// The interval of the first invocation; every following one needs other replicas.
  static let first = 10
  /// When the third invocation comes: in the same interval as the second.
  static let secondsOfRetry = 130

  /// What must be the same.
  struct Result: Equatable, Sendable {
    var observations: [StoredTraffic]
    var memory: [StatePart: String]
    var scaling: VirtualScalingValues
    /// The decisions after the interruption.
    var decisions: [DecisionDocument]
  }

  /// The scene.
  let scene: Scene

  /// Makes the first decision and has it carried out.
  init(_ backend: Scene.Backend) async throws {
    scene = try Scene(backend)
    _ = try await scene.run(after: Self.first).decided(.applied)
    try await scene.acknowledge()
  }

  /// The second invocation.
  var second: Planner { scene.planner(after: Self.first + 1) }

  /// The third invocation: as the second, a little later, when its lease has run out.
  func retry() async throws -> PlannerRun {
    try await scene.state.letLeaseExpire()
    return try await scene.run(after: Self.first + 1, seconds: Self.secondsOfRetry)
  }

  /// Has what was decided carried out, and decides once more.
  func finish() async throws -> Result {
    try await scene.acknowledge()
    let last = try await scene.run(after: Self.first + 2).decided(.applied)
    var scaling = try await scene.scaling()
    // The second decision may have been made at the third invocation.
    scaling.decidedAt = nil
    return Result(
      observations: try scene.state.observations(), memory: try scene.state.memory(),
      scaling: scaling, decisions: [last.withoutIdentity])
  }

  /// What becomes of a deployment that nobody disturbs.
  static func undisturbed(_ backend: Scene.Backend) async throws -> Result {
    let twin = try await Twin(backend)
    _ = try await twin.second.run().decided(.applied)
    try await twin.scene.acknowledge()
    _ = try await twin.retry().decided(.unchanged)
    return try await twin.finish()
  }
}
