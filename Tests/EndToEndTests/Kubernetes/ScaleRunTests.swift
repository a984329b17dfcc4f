import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  /// Plain workloads, no Dynamo.
  @Suite("A run on workloads with a scale subresource")
  struct ScaleRunTests {
    /// A Deployment as an API server returns it.
    private static func deployment(_ name: String, replicas: Int, gpus: Int) -> JSON {
      let count = JSON.number(Double(replicas))
      return [
        "spec": [
          "replicas": count, "selector": ["matchLabels": ["app": .string(name)]],
          "template": [
            "spec": [
              "containers": [
                [
                  "name": "vllm", "args": ["serve", "tiny-llama"],
                  "resources": ["limits": ["nvidia.com/gpu": .number(Double(gpus))]],
                ]
              ]
            ]
          ],
        ],
        "status": [
          "observedGeneration": 1, "replicas": count, "updatedReplicas": count,
          "readyReplicas": count, "availableReplicas": count,
        ],
      ]
    }

    /// The deployments of ``ClusterScene`` as plain ones.
    private func scene() async throws -> ClusterScene {
      var scene = try await ClusterScene()
      scene.cluster.with { state in
        state.served = ServedKind.usual
        state.add("deployments", "fill", Self.deployment("fill", replicas: 2, gpus: 1))
        state.add("deployments", "chat", Self.deployment("chat", replicas: 3, gpus: 8))
      }
      scene.planner.flags["environment"] = "scale"
      scene.planner.flags["deployment"] = nil
      scene.planner.flags["prefill"] = "deployment/fill"
      scene.planner.flags["decode"] = "deployment/chat"
      scene.planner.flags["model-name"] = KnownTraffic.wave
      return scene
    }

    private func asked(_ scene: ClusterScene, _ name: String) -> Int? {
      scene.cluster.object("apps/v1/namespaces/serving/deployments/\(name)")?[
        path: "spec/replicas"]?.int
    }

    @Test("scales them as it would a DynamoGraphDeployment, and idle it takes four requests")
    func scales() async throws {
      let scene = try await scene()
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.deployment == "serving/chat")
      #expect(document.components.mapValues(\.current) == [.prefill: 2, .decode: 3])
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 2])
      #expect(document.gpus.before == 26 && document.gpus.after == 19)
      #expect(asked(scene, "fill") == 3 && asked(scene, "chat") == 2)
      #expect(scene.events.count == 2)
      #expect(scene.leaseHolder == "")

      scene.cluster.with { state in
        state.operate("deployments", "fill")
        state.operate("deployments", "chat")
      }
      let before = scene.cluster.calls.count
      _ = try await scene.run(after: 10).decided(.unchanged)
      let root = "/apis/apps/v1/namespaces/serving/deployments"
      let lease = "/apis/coordination.k8s.io/v1/namespaces/serving/leases/chat-planner"
      #expect(
        Array(scene.cluster.calls.dropFirst(before)) == [
          "PATCH \(lease)", "GET \(root)/fill", "GET \(root)/chat", "PUT \(lease)",
        ])
    }

    @Test("an autoscaler's target ends with 78 and its name; a dry run decides and warns")
    func owned() async throws {
      let scene = try await scene()
      scene.cluster.with { state in
        state.add(
          "horizontalpodautoscalers", "by-cpu",
          [
            "spec": [
              "scaleTargetRef": ["kind": "Deployment", "name": "chat", "apiVersion": "apps/v1"]
            ]
          ])
      }
      try await scene.run(after: 10).refused(78, "HorizontalPodAutoscaler 'by-cpu'")
      #expect(asked(scene, "chat") == 3)
      let document = try await scene.planner(after: 10).with(["dry-run": ""]).run()
        .decided(.dryRun)
      #expect(document.ownWarnings.contains { $0.contains("by-cpu") })
    }

    @Test("the manifests' Role is enough for a run, and their Lease is the one it takes")
    func manifests() async throws {
      let scene = try await scene()
      var command = scene.planner.with(["into-namespace": "serving"])
      command.command = "manifests"
      let printed = try await command.run()
      #expect(printed.exit == .code(0), "\(printed)")
      let items = try #require(try JSON(printed.output)["items"]?.elements)
      #expect(
        items.compactMap { $0["kind"]?.string } == [
          "ServiceAccount", "Role", "RoleBinding", "Lease", "PersistentVolumeClaim", "CronJob",
        ])
      let role = try #require(items.first { $0["kind"] == "Role" })
      #expect(items.first { $0["kind"] == "Lease" }?[path: "metadata/name"] == "chat-planner")
      scene.cluster.with { $0.role = role }
      _ = try await scene.run(after: 10).decided(.applied)
      #expect(asked(scene, "fill") == 3 && asked(scene, "chat") == 2)
      let job = items.last?[path: "spec/jobTemplate/spec/template/spec/containers/0/args"]
      #expect(job?.elements.contains("--prefill=deployment/fill") == true)
      #expect(job?.elements.contains { $0.string?.hasPrefix("--state") == true } == false)
    }

    @Test("from nothing but a workload's name and the engine's metrics one command decides")
    func oneCommand() async throws {
      let capture = try VLLMCapture.load()
      let history = capture.openMetrics(["pod": "chat-7d9f-x2x4z", "namespace": "serving"])
      let prometheus = try await PrometheusServer(history: history)
      defer { prometheus.stop() }
      var scene = try await scene()
      scene.cluster.with { state in
        state.add("deployments", "chat", Self.deployment("chat", replicas: 1, gpus: 1))
      }
      scene.planner.flags = [
        "environment": "scale", "worker": "deployment/chat", "metrics": "vllm", "ttft": "500",
        "itl": "30", "no-operation": "", "prometheus-endpoint": prometheus.endpoint,
        "state": scene.folder.file("planner.sqlite"), "output": "json",
        // In the middle of the second surge: 32 sequences run, and more wait.
        "now": "1796057385",
      ]
      let run = try await scene.planner.run()
      #expect(run.exit == .code(0), "\(run)")
      let document = try JSONText.decode(DecisionDocument.self, from: run.output)
      #expect(document.mode == .agg)
      #expect(document.components[.decode]?.current == 1)
      #expect(document.components[.decode]?.reasons.load != .workersUnknown, "\(run)")
      #expect(scene.writes() == [])
    }
  }
}
