import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("The deployment's Lease")
  struct LeaseTests {
    @Test("while another planner has it, a run ends with 75 and touches nothing")
    func held() async throws {
      let scene = try await ClusterScene()
      scene.cluster.with {
        $0.addLease("chat-planner", holder: "other/1/2", renewedAt: Date().timeIntervalSince1970)
      }
      let recording = scene.folder.file("recording")
      try await scene.planner(after: 10).with(["record": recording]).run()
        .refused(75, "other/1/2", "'chat-planner'", "lasts until 20")
      #expect(!FileManager.default.fileExists(atPath: recording))
      // Not one that was given back, and read to say whose it is.
      #expect(scene.cluster.calls.map { $0.prefix(3) } == ["PAT", "GET"])
      #expect(try scene.state.observations().isEmpty)
      #expect(try scene.state.decisions().isEmpty)
      #expect(scene.leaseHolder == "other/1/2")
    }

    @Test("it is taken over once it has run out")
    func expired() async throws {
      let scene = try await ClusterScene()
      scene.cluster.with {
        $0.addLease(
          "chat-planner", holder: "other/1/2", renewedAt: Date().timeIntervalSince1970 - 61)
      }
      _ = try await scene.run(after: 10).decided(.applied)
      #expect(scene.leaseHolder == "")
      #expect(
        scene.cluster.object("leases/chat-planner")?[path: "spec/leaseTransitions"]?.int == 2)
    }

    @Test("it bears the name that it is given, and has to exist")
    func named() async throws {
      let scene = try await ClusterScene()
      let planner = scene.planner(after: 10).with(["kubernetes-lease": "mine"])
      try await planner.run().refused(78, "'mine' does not exist", "k8s/base/lease.yaml")
      #expect(!scene.cluster.calls.contains { $0.contains("dynamographdeployments/") })
      scene.cluster.with { $0.addLease("mine") }
      _ = try await planner.run().decided(.applied)
      #expect(scene.cluster.object("leases/mine")?[path: "spec/holderIdentity"] == "")
    }

    @Test("the holder is this invocation, and for as long as it may take to end")
    func holder() async throws {
      let scene = try await ClusterScene()
      let gate = StandInServer.Gate()
      scene.cluster.on(
        "GET", "/apis/nvidia.com/v1beta1", .answer(.after(gate, .text("", status: 500))))
      let process = try scene.planner(after: 10).start()
      let spec = try await waitFor("the Lease is taken") {
        let spec = scene.cluster.object("leases/chat-planner")?["spec"]
        return spec?["holderIdentity"] == nil ? nil : spec
      }
      #expect(spec["holderIdentity"]?.string?.contains("/\(process.pid)/") == true)
      #expect(spec["leaseDurationSeconds"]?.int == 80)
      // A second planner with a state file of its own.
      try await scene.planner(after: 10).with(["state": scene.folder.file("other.sqlite")]).run()
        .refused(75, "/\(process.pid)/")
      gate.open()
      _ = try await process.finished().decided(.applied)
      #expect(scene.leaseHolder == "")
    }

    @Test("a run that uses up its time gives it back all the same")
    func late() async throws {
      let scene = try await ClusterScene()
      scene.cluster.on("GET", "deployments/chat", times: 99, .answer(.silence))
      let run = try await scene.planner(after: 10).with(["deadline": "3"]).run()
      #expect(run.exit == .code(69), "\(run)")
      #expect(scene.leaseHolder == "")
    }

    @Test("a Lease that can't be given back does not spoil the decision")
    func notGivenBack() async throws {
      let scene = try await ClusterScene()
      // The first update takes it.
      scene.cluster.on("PATCH", "chat-prefill/scale", .interference { _ in })
      scene.cluster.on(
        "POST", "events", .interference { $0.forbidden.insert("update leases") })
      let run = try await scene.run(after: 10)
      _ = try run.decided(.applied)
      #expect(run.errorOutput.contains("runs out by itself"))
    }
  }

  @Suite("GPUs of the deployment")
  struct GPUTests {
    /// Takes the GPU counts of the decode workers away.
    private static func withoutGPUs(_ deployment: inout JSON) {
      deployment[path: "spec/components/3/podTemplate/spec/containers/0/resources"] = nil
      deployment[path: "status/components/decode/gpusPerEngine"] = nil
      deployment[path: "status/components/decode/gpusPerReplica"] = nil
    }

    @Test("a count that nobody states is an error that names the flag")
    func unknown() async throws {
      let scene = try await ClusterScene("v1beta1", Self.withoutGPUs)
      try await scene.planner(after: 10).with(["model-name": KnownTraffic.wave]).run()
        .refused(78, "--decode-engine-num-gpu")
      #expect(scene.asked("decode") == 3)
      #expect(try scene.state.observations().count == 5)
    }

    @Test("with the flag it counts")
    func given() async throws {
      let scene = try await ClusterScene("v1beta1", Self.withoutGPUs)
      let document = try await scene.planner(after: 10).with(["decode-engine-num-gpu": "4"]).run()
        .decided(.applied)
      // ceil(14.2 / 4) engines.
      #expect(document.components[.decode]?.final == 4)
      #expect(document.gpus.before == 2 + 3 * 4)
    }

    @Test("a flag that the deployment contradicts is warned of, and the deployment counts")
    func contradicted() async throws {
      let scene = try await ClusterScene()
      let document = try await scene.planner(after: 10).with(["decode-engine-num-gpu": "1"]).run()
        .decided(.applied)
      #expect(document.components[.decode]?.final == 2)
      #expect(document.ownWarnings.count == 1)
      #expect(document.ownWarnings.first?.contains("states 8 GPUs for a decode replica") == true)
    }

    @Test("a budget that can't hold the minimum with them is an error")
    func budget() async throws {
      let scene = try await ClusterScene()
      try await scene.planner(after: 10).with(["max-gpu-budget": "8"]).run()
        .refused(78, "--max-gpu-budget is 8", "takes 9 GPUs")
      let document = try await scene.planner(after: 10).with(["max-gpu-budget": "9"]).run()
        .decided(.applied)
      #expect(document.components.mapValues(\.final) == [.prefill: 1, .decode: 1])
    }
  }
}
