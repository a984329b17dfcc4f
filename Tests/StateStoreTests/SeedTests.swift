import Foundation
import Invocation
import Testing

@testable import StateStore

@Suite("The seed of a recording")
struct SeedTests {
  let scene: StateScene
  let seed: String
  let now = StateScene.now

  init() throws {
    scene = try StateScene()
    seed = scene.folder.appendingPathComponent("recording/state.sqlite").path
  }

  @Test(
    "a replay begins and goes on as the original did",
    arguments: [StateJournal.wal, .delete], [true, false])
  func replay(journal: StateJournal, takesOver: Bool) async throws {
    try scene.fill(journal)
    let original = scene.store { $0.journal = journal }
    let scaling = original.embeddedScalingStore(namespace: "dynamo") { 5 }
    _ = try await scaling.write(
      VirtualScalingValues(prefillWorkers: 2, decodeWorkers: 3, decisionID: 0), ifDecisionIs: nil)
    if takesOver {
      _ = try scene.store().begin(owner: "dead", now: now - 20, leaseSeconds: 10)
    }
    // Decisions that were pruned have used up their numbers.
    try scene.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'decision'")

    let state = try original.begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(state.tookOverFrom == (takesOver ? "dead" : nil))
    try original.exportSeed(to: seed)
    let step = LearnedStep(
      observations: [.sample(1_789_995_060)], settled: (2, "applied", nil),
      decision: .sample("pending", now), now: now)
    let id = try original.save(step)
    #expect(id == 42)

    let replayed = scene.store(path: seed) { $0.journal = .delete }
    #expect(try replayed.begin(owner: "b", now: now, leaseSeconds: 60) == state)
    #expect(try replayed.observations(intervalSeconds: 180, limit: 99).count == 2)
    #expect(
      try await replayed.embeddedScalingStore(namespace: "dynamo") { 0 }.read()
        == scaling.read())
    #expect(try replayed.save(step) == id)
    #expect(try replayed.decisions(limit: 9).map(\.id) == [42, 2])
  }

  @Test("before the beginning, it holds the lease as it is")
  func seedBeforeBegin() throws {
    try scene.fill()
    _ = try scene.store().begin(owner: "busy", now: now, leaseSeconds: 60)
    try scene.store().exportSeed(to: seed)
    #expect(throws: StateError.leased(owner: "busy", until: now + 60)) {
      try scene.store(path: seed).begin(owner: "b", now: now, leaseSeconds: 60)
    }
  }

  @Test("it holds one deployment, and the newest observations of each interval length")
  func size() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    _ = try store.save(
      LearnedStep(
        observations: (1...30).flatMap { [.sample($0 * 180), .sample($0 * 60, seconds: 60)] },
        now: now))
    let other = scene.store("other/demo")
    _ = try other.begin(owner: "a", now: now, leaseSeconds: 60)
    _ = try other.save(LearnedStep(observations: [.sample(180)], parts: [.plan: "{}"], now: now))
    try store.exportSeed(to: seed, observationLimit: 10)
    let copy = scene.store(path: seed)
    #expect(try copy.deployments() == ["default/demo"])
    #expect(
      try copy.observations(intervalSeconds: 180, limit: 99).map(\.observation.intervalEnd)
        == (21...30).map { $0 * 180 })
    #expect(try copy.observations(intervalSeconds: 60, limit: 99).count == 10)
  }

  @Test("it is a file of its own that leaves the original as it was")
  func originalIsUntouched() throws {
    try scene.fill(.delete)
    let before = try scene.bytes()
    let store = scene.store { $0.journal = .delete }
    try store.exportSeed(to: seed)
    try store.close()
    #expect(try scene.bytes() == before)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: scene.folder.appendingPathComponent("recording").path)
    #expect(names == ["state.sqlite"])
  }

  @Test("without a state file it is an empty one, and none is created in the original's place")
  func nothingToCopy() throws {
    try scene.store().exportSeed(to: seed)
    #expect(!FileManager.default.fileExists(atPath: scene.path))
    let state = try scene.store(path: seed).begin(owner: "a", now: now, leaseSeconds: 60)
    #expect(state == StoredState())
  }

  @Test("an error about the seed names the seed")
  func unwritableSeed() throws {
    try scene.fill()
    let path = scene.path + "/seed.sqlite"
    expectError("unusable", saying: path) { try scene.store().exportSeed(to: path) }
  }

  @Test("an existing file is not overwritten")
  func existingFile() throws {
    try scene.fill()
    let before = try scene.bytes()
    #expect(throws: StateError.self) { try scene.store().exportSeed(to: scene.path) }
    #expect(try scene.bytes() == before)
  }
}
