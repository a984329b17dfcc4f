import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Crashes")
  struct CrashTests {
    private static let undisturbed = [
      Scene.Backend.embedded: Task { try await Twin.undisturbed(.embedded) },
      .etcd: Task { try await Twin.undisturbed(.etcd) },
    ]

    private func undisturbed(_ backend: Scene.Backend) async throws -> Twin.Result {
      try #require(try await Self.undisturbed[backend]?.value)
    }

    /// Peer fault 31: the original forgets everything when it is restarted.
    @Test(
      "killed after any step, the next invocation loses, doubles and repeats nothing",
      arguments: Scene.Backend.allCases, InvocationStep.allCases)
    func step(_ backend: Scene.Backend, _ step: InvocationStep) async throws {
      let twin = try await Twin(backend)
      let scene = twin.scene
      let killed = try await twin.second
        .with(environment: ["SLA_PLANNER_CRASH_AFTER": step.rawValue]).run()
      #expect(killed.exit == .signal(SIGKILL))
      #expect(killed.output.isEmpty)

      let isSaved = [.saved, .applied, .settled].contains(step)
      let isApplied = [.applied, .settled].contains(step)
      #expect(try scene.state.observations().count == (isSaved ? 6 : 5))
      #expect(try scene.state.decisions().count == (isSaved ? 2 : 1))
      if isSaved {
        let left = try #require(scene.state.decisions().last)
        #expect(left.status == (step == .settled ? "applied" : "pending"))
      }
      #expect(try await scene.scaling().decisionID == (isApplied ? 1 : 0))

      if step != .settled { try await expectLeaseHolds(twin) }
      try await scene.acknowledge()

      let retried = try await twin.retry().decided(isApplied ? .unchanged : .applied)
      #expect(retried.components[.decode]?.final == KnownTraffic.waveReplicas(11).decode)
      let settled = try scene.state.decisions().map(\.status)
      #expect(
        settled
          == (isApplied
            ? ["applied", "applied", "unchanged"]
            : isSaved ? ["applied", "failed", "applied"] : ["applied", "applied"]))
      if step == .saved {
        #expect(
          try scene.state.decisions()[1].error
            == "The invocation ended before the decision was applied.")
      }
      #expect(try await twin.finish() == undisturbed(backend))
    }

    @Test("a killed invocation's lease runs out by itself, and who takes over says so")
    func leaseRunsOut() async throws {
      let twin = try await Twin(.embedded)
      _ = try await twin.second.with(["deadline": "1", "state-lease": "1.5"])
        .with(environment: ["SLA_PLANNER_CRASH_AFTER": "loaded"]).run()
      let next = try await waitFor("the lease has run out") {
        let run = try await twin.second.run()
        return run.exit == .code(75) ? nil : run
      }
      _ = try next.decided(.applied)
      #expect(next.errorOutput.contains("ended without giving its lease back"))
    }

    /// Until the lease of the dead invocation has run out, nobody else may begin.
    private func expectLeaseHolds(_ twin: Twin) async throws {
      let before = try await twin.scene.state.contents()
      try await twin.second.run().refused(75, "working on this deployment")
      #expect(try await twin.scene.state.contents() == before)
    }

    @Test(
      "killed between the transaction and its answer, the decision counts as applied",
      arguments: [Scene.Backend.etcd])
    func unansweredTransaction(_ backend: Scene.Backend) async throws {
      let twin = try await Twin(backend)
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let proxy = try Proxy(to: Servers.current().etcd.port) {
        $0.path == "/v3/kv/txn" ? .answerHeld(gate) : .straight
      }
      defer { proxy.stop() }
      let process = try twin.second.with(environment: ["ETCD_ENDPOINTS": proxy.endpoint]).start()
      try await waitUntil("the decision is in etcd") {
        try await twin.scene.scaling().decisionID == 1
      }
      process.kill()
      try await twin.scene.acknowledge()
      _ = try await twin.retry().decided(.unchanged)
      #expect(
        try twin.scene.state.decisions().map(\.status) == ["applied", "applied", "unchanged"])
      #expect(try await twin.finish() == undisturbed(backend))
    }

    @Test("a pending decision outlives an etcd that can't be reached, and is settled later")
    func pendingWithoutEtcd() async throws {
      let twin = try await Twin(.etcd)
      _ = try await twin.second.with(environment: ["SLA_PLANNER_CRASH_AFTER": "saved"]).run()
      try await twin.scene.state.letLeaseExpire()
      let nobody = "http://127.0.0.1:\(try FreePort.next())"
      try await twin.scene.planner(after: 11, seconds: 120)
        .with(environment: ["ETCD_ENDPOINTS": nobody]).run().refused(69, nobody)
      #expect(try twin.scene.state.decisions().map(\.status) == ["applied", "pending"])
      _ = try await twin.retry().decided(.applied)
      #expect(try twin.scene.state.decisions().map(\.status) == ["applied", "failed", "applied"])
      #expect(try await twin.finish() == undisturbed(.etcd))
    }

    @Test(
      "killed at a random moment, the next invocation loses, doubles and repeats nothing",
      arguments: 1...20)
    func randomMoment(seed: UInt64) async throws {
      var random = SeededRandom(seed: seed)
      let backend = Scene.Backend.allCases[Int(seed % 2)]
      let twin = try await Twin(backend)
      let milliseconds = UInt32.random(in: 1...8, using: &random)
      let prometheus = try Proxy(to: Servers.current().prometheus.port) { _ in
        .slow(milliseconds: milliseconds)
      }
      defer { prometheus.stop() }
      let etcd = try Proxy(to: Servers.current().etcd.port) { _ in
        .slow(milliseconds: milliseconds)
      }
      defer { etcd.stop() }
      var planner = twin.second.with(["prometheus-endpoint": prometheus.endpoint])
      if backend == .etcd { planner.environment["ETCD_ENDPOINTS"] = etcd.endpoint }
      let process = try planner.start()
      // Somewhere between the first request and a while after the last answer.
      let count = Int.random(in: 1...7, using: &random)
      let microseconds = UInt64.random(in: 0...60_000, using: &random)
      try await waitUntil("\(count) requests have arrived") {
        prometheus.requests.count >= count || !process.isRunning
      }
      try await Task.sleep(for: .microseconds(microseconds))
      process.kill()

      try await twin.scene.acknowledge()
      let retried = try await twin.retry()
      #expect(retried.exit == .code(0), "\(retried)")
      let applied = try twin.scene.state.decisions().filter { $0.status == "applied" }
      #expect(applied.count == 2, "after \(count) requests and \(microseconds) µs")
      #expect(try await twin.finish() == undisturbed(backend))
    }
  }
}
