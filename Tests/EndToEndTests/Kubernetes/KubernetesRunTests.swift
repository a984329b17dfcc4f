import Foundation
import Invocation
import Planning
import Synchronization
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("A run")
  struct RunTests {
    @Test(
      "reads deployment and traffic, scales, records it and gives the lease back",
      arguments: ["v1beta1", "v1alpha1"], [true, false])
    func scales(_ version: String, _ hasAdapters: Bool) async throws {
      let scene = try await ClusterScene(version, hasAdapters: hasAdapters)
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.deployment == ClusterScene.deployment)
      #expect(document.components.mapValues(\.current) == [.prefill: 2, .decode: 3])
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 2])
      #expect(document.gpus.before == 26 && document.gpus.after == 19)
      #expect(document.observed?.requestCount == 9000)
      #expect(document.ownWarnings == [])
      #expect(scene.asked("prefill") == 3)
      #expect(scene.asked("decode") == 2)
      #expect(try scene.state.documents() == [document])

      let event = try #require(scene.events.first)
      #expect(scene.events.count == 1)
      #expect(event["reason"] == "Scaled")
      let message = try #require(event["message"]?.string)
      #expect(message.contains("prefill 2 → 3") && message.contains("decode 3 → 2"))
      let explanations = [Component.prefill, .decode].compactMap {
        document.components[$0]?.explanation
      }
      #expect(message == explanations.joined(separator: " "))
      #expect(event[path: "involvedObject/name"] == "chat")
      #expect(scene.leaseHolder == "")
    }

    @Test("that changes nothing takes four requests, because it remembers the API versions")
    func requests() async throws {
      let scene = try await ClusterScene()
      _ = try await scene.run(after: 10).decided(.applied)
      scene.operate()
      let before = scene.cluster.calls.count
      _ = try await scene.run(after: 10).decided(.unchanged)
      let root = "/apis/nvidia.com/v1beta1/namespaces/serving/dynamographdeployments/chat"
      let lease = "/apis/coordination.k8s.io/v1/namespaces/serving/leases/chat-planner"
      #expect(
        Array(scene.cluster.calls.dropFirst(before)) == [
          "PATCH \(lease)", "GET \(root)",
          "GET /apis/nvidia.com/v1beta1/namespaces/serving/dynamographdeploymentscalingadapters",
          "PUT \(lease)",
        ])
      #expect(try scene.state.memory()[.connector]?.contains("v1beta1") == true)
    }

    @Test("asks for the API versions again when they have changed")
    func upgrade() async throws {
      let scene = try await ClusterScene("v1alpha1")
      _ = try await scene.run(after: 10).decided(.applied)
      let newer = try JSON(try Fixture.data("kubernetes/v1beta1_disagg.json"))
      scene.cluster.with { state in
        state.version = "v1beta1"
        state.add(deployment: newer)
      }
      let document = try await scene.planner(after: 10).with(["model-name": KnownTraffic.wave])
        .run().decided(.applied)
      #expect(document.components[.prefill]?.final == 3)
      #expect(try scene.state.memory()[.connector]?.contains("v1beta1") == true)
    }

    @Test("finds the router through the deployment and scales by load")
    func router() async throws {
      var scene = try await ClusterScene()
      let page = RouterPage(prefill: [5000, 5200], decode: [1200, 1300, 1400])
      let samples = Mutex(0)
      // Nobody resolves the name of a Service here, so a proxy is asked for it by name.
      let proxy = try StandInServer { request in
        guard request.target == "http://chat-frontend:8000/metrics" else { return .hangUp }
        let number = samples.withLock { count in
          count += 1
          return count
        }
        return .text(page.scaled(by: min(number, Router.samples), of: Router.samples).text)
      }
      scene.planner.environment["http_proxy"] = proxy.url
      scene.planner.environment["no_proxy"] = "127.0.0.1"
      scene.planner.flags["enable-loadbased-scaling"] = ""
      scene.planner.flags["disable-throughput-scaling"] = ""
      scene.planner.flags["loadbased-metric-samples"] = "\(Router.samples)"
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 4])
      #expect(proxy.requests.count == Router.samples)
    }

    @Test("that is dry writes nothing, not even the lease, and needs no right to")
    func dryRun() async throws {
      let scene = try await ClusterScene()
      scene.cluster.with {
        $0.forbidden = [
          "patch dynamographdeploymentscalingadapters/scale", "patch dynamographdeployments",
          "get leases", "update leases", "patch leases", "create events",
        ]
      }
      let document = try await scene.planner(after: 10).with(["dry-run": ""]).run().decided(.dryRun)
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 2])
      #expect(scene.writes() == [])
      #expect(!scene.cluster.calls.contains { $0.contains("leases") })
    }

    /// Peer faults 34 and 36: the original says nothing and counts it as applied.
    @Test("holds while the deployment is not ready or still scaling, and says why")
    func notReady() async throws {
      let unready = try await ClusterScene {
        $0[path: "status/conditions/0/status"] = "False"
        $0[path: "status/conditions/0/message"] = "0/1 pods"
      }
      let held = try await unready.run(after: 10).decided(.held)
      let said = "'chat' is not ready (all_resources_are_ready: 0/1 pods)."
      #expect(held.components.values.contains { $0.explanation.contains(said) }, "\(held)")
      #expect(unready.writes().allSatisfy { $0.contains("leases") })

      let scene = try await ClusterScene(hasAdapters: false)
      _ = try await scene.run(after: 10).decided(.applied)
      // The operator has not taken up the change yet.
      let waiting = try await scene.run(after: 11).decided(.held)
      #expect(waiting.components.values.contains { $0.explanation.contains("operator") })
      scene.operate()
      _ = try await scene.run(after: 11).decided(.applied)
      #expect(scene.asked("prefill") == 1)
    }

    @Test("with the operator down, its own unfinished order is no other writer's")
    func operatorDown() async throws {
      let scene = try await ClusterScene()
      _ = try await scene.run(after: 10).decided(.applied)
      let held = try await scene.run(after: 11).decided(.held)
      #expect(held.components[.prefill]?.explanation.contains("has not passed that on") == true)
      #expect(held.components[.prefill]?.final == 3)
      #expect(scene.asked("prefill") == 3 && scene.asked("decode") == 2)
      scene.operate()
      _ = try await scene.run(after: 11).decided(.applied)
      #expect(scene.asked("prefill") == 1)
    }

    @Test("a decision that was applied when the process was killed is not applied twice")
    func killed() async throws {
      let scene = try await ClusterScene(hasAdapters: false)
      let gate = StandInServer.Gate()
      scene.cluster.on("POST", "events", .answer(.after(gate, .text("", status: 500))))
      let process = try scene.planner(after: 10).start()
      try await waitUntil("the deployment is patched") { scene.asked("prefill") == 3 }
      process.kill()
      gate.open()
      #expect(try scene.state.decisions().map(\.status) == ["pending"])
      scene.operate()

      try await scene.run(after: 10).refused(75, "Wait for it to end")
      try scene.expireLeases()
      _ = try await scene.run(after: 10).decided(.unchanged)
      #expect(try scene.state.decisions().map(\.status) == ["applied", "unchanged"])
      #expect(scene.writes().filter { $0.contains("dynamographdeployments") }.count == 1)
      #expect(scene.leaseHolder == "")
    }

    @Test("that is stopped while the cluster works on a change finishes it")
    func stopped() async throws {
      let scene = try await ClusterScene(hasAdapters: false)
      let gate = StandInServer.Gate()
      scene.cluster.on(
        "PATCH", "deployments/chat", .interference { _ in while !gate.isOpen { usleep(1000) } })
      let process = try scene.planner(after: 10).start()
      try await waitUntil("the decision is pending") {
        (try? scene.state.decisions().map(\.status)) == ["pending"]
      }
      process.send(signal: SIGTERM)
      try await waitUntil("the signal has arrived") { process.errorOutput.contains("Stopping") }
      gate.open()
      _ = try await process.finished().decided(.applied)
      #expect(scene.asked("prefill") == 3)
      #expect(scene.leaseHolder == "")
    }

    @Test("that is stopped before it has decided gives the lease back")
    func stoppedEarly() async throws {
      let scene = try await ClusterScene()
      scene.cluster.on("GET", "deployments/chat", .answer(.silence))
      let process = try scene.planner(after: 10).start()
      try await waitUntil("the deployment is asked for") {
        scene.cluster.calls.contains { $0.hasSuffix("deployments/chat") }
      }
      process.send(signal: SIGTERM)
      try await process.finished().refused(143, "nothing was changed")
      #expect(scene.leaseHolder == "")
      #expect(try scene.state.decisions().isEmpty)
    }
  }
}
