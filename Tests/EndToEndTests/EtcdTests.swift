import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("etcd")
  struct EtcdTests {
    /// Peer fault 31: they stay when the planner has ended; the original's hang on its lease.
    @Test("the keys are those of the peer's client, their values decimal text")
    func keys() async throws {
      let scene = try Scene(.etcd)
      let etcd = try Servers.current().etcd
      _ = try await scene.run(after: 10).decided(.applied)
      let time = TrafficHistory.end(10) + 30
      #expect(
        try await etcd.keys(of: scene.namespace) == [
          "num_prefill_workers": "3", "num_decode_workers": "15", "decision_id": "0",
        ])
      let date = try await etcd.etcdctl(
        "get", "v1/\(scene.namespace)/sla-planner/decided_at", "--print-value-only")
      #expect(date == "\(time)\n")
      let leases = try await etcd.etcdctl(
        "get", "--prefix", "v1/\(scene.namespace)/", "--write-out", "fields")
      #expect(leases.contains("\"Lease\" : 0"))
      #expect(!leases.contains(/"Lease" : [1-9]/))
    }

    @Test("the mode's own component alone is written", arguments: ["prefill", "decode"])
    func oneComponent(mode: String) async throws {
      var scene = try Scene(.etcd)
      scene.planner.flags["mode"] = mode
      _ = try await scene.run(after: 10).decided(.applied)
      let keys = try await Servers.current().etcd.keys(of: scene.namespace)
      #expect(Set(keys.keys) == ["num_\(mode)_workers", "decision_id"])
    }

    @Test("a decision of another planner is waited for, and a dry run doesn't even date it")
    func undated() async throws {
      let scene = try Scene(.etcd)
      let etcd = try Servers.current().etcd
      let written = [
        ("num_prefill_workers", "2"), ("num_decode_workers", "2"), ("decision_id", "5"),
        ("scaled_decision_id", "4"),
      ]
      try await etcd.put(written.map { (key: $0.0, value: $0.1) }, of: scene.namespace)
      let before = try await etcd.keys(of: scene.namespace)
      let dry = try await scene.planner(after: 10).with(["dry-run": ""]).run().decided(.held)
      #expect(dry.components.mapValues(\.final) == [.prefill: 2, .decode: 2])
      #expect(try await etcd.keys(of: scene.namespace) == before)

      _ = try await scene.run(after: 10).decided(.held)
      let time = "\(TrafficHistory.end(10) + 30)"
      #expect(try await etcd.keys(of: scene.namespace) == before)
      let date = try await etcd.etcdctl(
        "get", "v1/\(scene.namespace)/sla-planner/decided_at", "--print-value-only")
      #expect(date == "\(time)\n")
      let later = try await scene.planner(after: 11).with(["scaling-max-wait-time": "180"]).run()
      _ = try later.decided(.applied)
      #expect(try await scene.scaling().decisionID == 6)
    }

    /// A scene in which another planner writes decision 7 between this one's reading and writing.
    private func lostRace(isAcknowledged: Bool) async throws -> (Scene, PlannerRun) {
      let scene = try Scene(.etcd)
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let etcd = try Servers.current().etcd
      let proxy = try Proxy(to: etcd.port) {
        $0.path == "/v3/kv/txn" ? .held(gate) : .straight
      }
      defer { proxy.stop() }
      let process = try scene.planner(after: 11)
        .with(environment: ["ETCD_ENDPOINTS": proxy.endpoint]).start()
      try await proxy.waitForRequests(for: "/v3/kv/txn")
      try await etcd.put(
        [("num_prefill_workers", "4"), ("num_decode_workers", "4"), ("decision_id", "7")]
          + (isAcknowledged ? [("scaled_decision_id", "7")] : []), of: scene.namespace)
      gate.open()
      return (scene, try await process.finished())
    }

    @Test("a lost race is decided again, on what the winner wrote")
    func lostRaceAcknowledged() async throws {
      let (scene, run) = try await lostRace(isAcknowledged: true)
      let document = try run.decided(.applied)
      #expect(document.components[.prefill]?.current == 4)
      #expect(document.components.mapValues(\.final) == [.prefill: 1, .decode: 6])
      let scaling = try await scene.scaling()
      #expect(scaling.decisionID == 8)
      #expect(scaling.decodeWorkers == 6)
      #expect(try scene.state.decisions().map(\.status) == ["applied", "failed", "applied"])
      #expect(run.errorOutput.contains("deciding again"))
    }

    @Test("a lost race whose winner is still at work is a hold")
    func lostRacePending() async throws {
      let (scene, run) = try await lostRace(isAcknowledged: false)
      let document = try run.decided(.held)
      #expect(document.components[.decode]?.reasons.throughput == .scalingInProgress)
      #expect(document.components.mapValues(\.final) == [.prefill: 4, .decode: 4])
      let scaling = try await scene.scaling()
      #expect(scaling.decisionID == 7)
      #expect(scaling.decodeWorkers == 4)
      #expect(try scene.state.decisions().map(\.status) == ["applied", "failed", "held"])
    }

    @Test("an etcd that can't be reached is an error, but what was observed is saved")
    func unreachable() async throws {
      let scene = try Scene(.etcd)
      let nobody = "http://127.0.0.1:\(try FreePort.next())"
      let planner = scene.planner(after: 10).with(environment: ["ETCD_ENDPOINTS": nobody])
      try await planner.run().refused(69, nobody, "ETCD_ENDPOINTS")
      #expect(try scene.state.observations().count == 5)
      #expect(try scene.state.decisions().isEmpty)
      let next = try await scene.run(after: 10).decided(.applied)
      #expect(next.observed?.requestCount.rounded() == KnownTraffic.waveRequests(10))
      #expect(try scene.state.observations().count == 5)
    }

    @Test("a decision that etcd does not confirm has failed, and is made again")
    func failedApply() async throws {
      let scene = try Scene(.etcd)
      let proxy = try Proxy(to: Servers.current().etcd.port) {
        $0.path == "/v3/kv/txn" ? .replaced(.text("no leader", status: 503)) : .straight
      }
      defer { proxy.stop() }
      let failed = try await scene.planner(after: 10)
        .with(environment: ["ETCD_ENDPOINTS": proxy.endpoint]).run().decided(.failed, exit: 1)
      #expect(failed.error?.contains("no leader") == true)
      #expect(try await scene.scaling() == VirtualScalingValues())
      #expect(try scene.state.documents() == [failed])
      let applied = try await scene.run(after: 10, seconds: 60).decided(.applied)
      #expect(applied.error == nil)
      #expect(try await scene.scaling().decisionID == 0)
    }

    @Test("a dead first endpoint is passed over")
    func failover() async throws {
      let scene = try Scene(.etcd)
      let live = try Servers.current().etcd.endpoint
      let planner = scene.planner(after: 10).with(environment: [
        "ETCD_ENDPOINTS": "http://127.0.0.1:\(try FreePort.next()),\(live)"
      ])
      _ = try await planner.run().decided(.applied)
      #expect(try await scene.scaling().decisionID == 0)
    }
  }
}
