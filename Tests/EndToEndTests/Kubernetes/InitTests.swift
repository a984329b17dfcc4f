import Foundation
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("init")
  struct InitTests {
    private static let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    /// A folder with the manifests in it, as after a checkout.
    private func scene() async throws -> ClusterScene {
      let scene = try await ClusterScene()
      try FileManager.default.copyItem(
        atPath: Self.root + "/k8s", toPath: scene.folder.file("k8s"))
      return scene
    }

    private func initialise(_ scene: ClusterScene, _ flags: [String: String]) -> Planner {
      var planner = scene.planner
      planner.command = "init"
      planner.flags = flags
      return planner
    }

    private func text(_ scene: ClusterScene, _ file: String) throws -> String {
      try String(contentsOfFile: scene.folder.file(file), encoding: .utf8)
    }

    @Test("writes what validate takes as it is, with every value explained")
    func roundTrip() async throws {
      let scene = try await scene()
      let given = scene.planner.flags.filter {
        ["prometheus-endpoint", "profile-results-dir"].contains($0.key)
      }
      let run = try await initialise(
        scene, given.merging(["deployment": "chat", "ttft": "300"]) { $1 }
      ).run()
      #expect(run.exit == .code(0), "\(run)")
      #expect(run.output.contains("'chat' in 'serving' has 2 prefill of 1 GPU, 3 decode of 8 GPUs"))
      let file = try text(scene, "planner-chat/planner.yaml")
      #expect(file.contains("# As you said.\nttft: 300\n"))
      #expect(file.contains("# The default.\nitl: 50\n"))
      #expect(
        file.contains("# Found: twice the 26 GPUs that it holds, at least 8.\nmax_gpu_budget: 52\n")
      )
      #expect(file.contains("namespace: serving-chat\n"))
      let values = file.split(separator: "\n").filter { !$0.hasPrefix("#") }
      let comments = file.components(separatedBy: "\n\n").dropFirst()
      #expect(comments.allSatisfy { $0.hasPrefix("# ") } && comments.count == values.count)

      var validate = scene.planner(after: 10)
      validate.command = "validate"
      validate.flags = [
        "config": scene.folder.file("planner-chat/planner.yaml"),
        "state": scene.folder.file("planner.sqlite"),
        "now": validate.flags["now"] ?? "",
      ]
      let checked = try await validate.run()
      #expect(checked.exit == .code(0), "\(checked)")
      #expect(!checked.output.contains("configuration  warning"), "\(checked.output)")
      #expect(scene.writes().allSatisfy { $0.contains("/selfsubject") })
    }

    @Test("the overlay is the base with the deployment's names and rights")
    func overlay() async throws {
      let scene = try await scene()
      let run = try await initialise(
        scene, ["deployment": "chat", "namespace": "other-space"]
      ).with(environment: ["PROMETHEUS_ENDPOINT": "http://prometheus:9090"]).run()
      #expect(run.exit == .code(0), "\(run)")
      let built = try await ChildProcess.run(
        "kubectl", ["kustomize", scene.folder.file("planner-chat")])
      #expect(built.exit == .code(0), "\(built.errorOutput)")
      let text = built.output
      for part in [
        "namespace: serving\n", "name: chat-planner\n", "DYN_NAMESPACE: other-space",
        "PROMETHEUS_ENDPOINT: http://prometheus:9090", "- chat-prefill\n", "- chat-decode\n",
        "enable_loadbased_scaling: true", "there is no profile in",
      ] { #expect(text.contains(part), "\(part)") }
      #expect(!text.contains("sla-planner-profile"), "load alone needs no profile")
    }

    @Test("overwrites nothing unless it is told to, and says what is wrong with a deployment")
    func refuses() async throws {
      let scene = try await scene()
      let planner = initialise(scene, ["deployment": "chat"])
      #expect(try await planner.run().exit == .code(0))
      try await planner.run().refused(78, "--force")
      #expect(try await planner.with(["force": ""]).run().exit == .code(0))
      try await initialise(scene, ["deployment": "nobody"]).run().refused(78, "'chat'")
      try await initialise(scene, [:]).run().refused(78, "--deployment")
      try await initialise(scene, ["environment": "virtual"]).run().refused(
        78, "router-metrics-url")
    }
  }
}
