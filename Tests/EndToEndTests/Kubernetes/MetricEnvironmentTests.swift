import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("The metric environment")
  struct MetricEnvironmentTests {
    private func scene() async throws -> ClusterScene {
      var scene = try await ClusterScene()
      scene.planner.flags["environment"] = "metric"
      scene.planner.flags["metrics-textfile"] = scene.folder.file("planner.prom")
      // There is no Lease to take: none is needed.
      scene.cluster.with { $0.objects[$0.leasePath("chat-planner")] = nil }
      return scene
    }

    private func desired(_ scene: ClusterScene, _ component: String) throws -> Double? {
      MetricsText(
        text: try String(contentsOfFile: scene.folder.file("planner.prom"), encoding: .utf8))[
          "desired_replicas", "component=\"\(component)\""]
    }

    @Test("publishes what the deployment should be and writes nothing to the cluster")
    func publishes() async throws {
      let scene = try await scene()
      let document = try await scene.run(after: 10).decided(.published)
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 2])
      #expect(try desired(scene, "prefill") == 3)
      #expect(try desired(scene, "decode") == 2)
      #expect(scene.writes() == [])
      #expect(scene.events.isEmpty)
      #expect(scene.asked("prefill") == 2 && scene.asked("decode") == 3)
      #expect(try scene.state.decisions().map(\.status) == ["published"])
    }

    @Test("reads from the deployment what was made of it, and holds while it is being done")
    func readsWhatWasDone() async throws {
      let scene = try await scene()
      _ = try await scene.run(after: 10).decided(.published)
      // Nobody followed: the same is wanted again.
      _ = try await scene.run(after: 10).decided(.published)
      // An autoscaler follows; until its workers are ready, the counts asked for are published.
      scene.ask("prefill", 3)
      scene.ask("decode", 2)
      scene.operate()
      let followed = try await scene.run(after: 10).decided(.unchanged)
      #expect(followed.components.mapValues(\.current) == [.prefill: 3, .decode: 2])
      #expect(try desired(scene, "prefill") == 3)
    }

    @Test("a dry run of it publishes no counts to follow")
    func dryRun() async throws {
      let scene = try await scene()
      _ = try await scene.planner(after: 10).with(["no-operation": ""]).run().decided(.dryRun)
      #expect(try desired(scene, "prefill") == nil)
    }

    @Test("needs no right to write, and a place to publish")
    func rights() async throws {
      let scene = try await scene()
      scene.cluster.with {
        $0.forbidden = [
          "patch dynamographdeploymentscalingadapters", "update leases", "create events",
        ]
      }
      _ = try await scene.run(after: 10).decided(.published)
      var validate = scene.planner(after: 10)
      validate.command = "validate"
      let run = try await validate.run()
      #expect(run.exit == .code(0), "\(run)")
      #expect(!run.output.contains("leases") && !run.output.contains("patch "))
      try await scene.planner(after: 10).with(["metrics-textfile": nil]).run()
        .refused(78, "--environment metric applies nothing itself")
    }
  }
}
