import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Leases and signals")
  struct LeaseAndSignalTests {
    private static let query = "/api/v1/query_range"

    /// A scene whose Prometheus answers when the gate is opened.
    private func gatedScene(
      _ gate: StandInServer.Gate
    ) throws -> (scene: Scene, proxy: Proxy) {
      var scene = try Scene()
      let proxy = try Proxy(to: Servers.current().prometheus.port) { _ in .held(gate) }
      scene.planner.flags["prometheus-endpoint"] = proxy.endpoint
      return (scene, proxy)
    }

    @Test("of two invocations at once, one works and the other exits with 75 and touches nothing")
    func twoAtOnce() async throws {
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let (scene, proxy) = try gatedScene(gate)
      defer { proxy.stop() }
      let first = try scene.planner(after: 10).start()
      try await proxy.waitForRequests(for: Self.query)
      let before = try await scene.state.contents()

      let unasked = try Proxy(to: Servers.current().prometheus.port)
      defer { unasked.stop() }
      let second = scene.planner(after: 10).with(["prometheus-endpoint": unasked.endpoint])
      try await second.run().refused(75, "nothing was changed", "lasts until 20")
      try await second.with(["dry-run": ""]).run().refused(75)
      #expect(unasked.requests.isEmpty)
      #expect(try await scene.state.contents() == before)

      gate.open()
      _ = try await first.finished().decided(.applied)
      #expect(try scene.state.decisions().count == 1)
      #expect(try await scene.scaling().decisionID == 0)
    }

    @Test(
      "a signal while observing ends the invocation with 143; nothing is saved, the lease is back",
      arguments: [SIGTERM, SIGINT])
    func signalWhileObserving(signal: Int32) async throws {
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let (scene, proxy) = try gatedScene(gate)
      defer { proxy.stop() }
      let process = try scene.planner(after: 10).start()
      try await proxy.waitForRequests(for: Self.query)
      process.send(signal: signal)
      let run = try await process.finished()
      run.refused(143, "nothing was changed")
      #expect(run.errorOutput.contains("Stopping: "))
      #expect(try scene.state.observations().isEmpty)
      #expect(try scene.state.decisions().isEmpty)
      #expect(try scene.state.memory().isEmpty)

      gate.open()
      _ = try await scene.run(after: 10).decided(.applied)
    }

    @Test("a signal while applying is answered by finishing")
    func signalWhileApplying() async throws {
      var scene = try Scene(.etcd)
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let proxy = try Proxy(to: Servers.current().etcd.port) {
        $0.path == "/v3/kv/txn" ? .held(gate) : .straight
      }
      defer { proxy.stop() }
      scene.planner.environment["ETCD_ENDPOINTS"] = proxy.endpoint
      let process = try scene.planner(after: 10).start()
      try await proxy.waitForRequests(for: "/v3/kv/txn")
      process.send(signal: SIGTERM)
      try await waitUntil("the signal is noticed") { process.errorOutput.contains("Stopping: ") }
      #expect(process.isRunning)
      #expect(try scene.state.decisions().map(\.status) == ["pending"])
      gate.open()
      _ = try await process.finished().decided(.applied)
      #expect(try await scene.scaling().decisionID == 0)
      #expect(try scene.state.decisions().map(\.status) == ["applied"])
    }

    @Test("a server that never answers costs the deadline, not more, and is a hold")
    func deadline() async throws {
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let (scene, proxy) = try gatedScene(gate)
      defer { proxy.stop() }
      let document = try await scene.planner(after: 10).with(["deadline": "1"]).run()
        .decided(.held)
      #expect(document.components[.decode]?.reasons.throughput == .trafficUnknown)
      let explanation = document.components[.decode]?.explanation ?? ""
      #expect(explanation.contains("gave no complete answer within"), "\(explanation)")
      #expect(document.components[.decode]?.final == nil)
      #expect(try await scene.scaling() == VirtualScalingValues())
    }
  }
}
