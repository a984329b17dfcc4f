import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("What the cluster refuses")
  struct RefusalTests {
    private static let scale = "dynamographdeploymentscalingadapters/scale"

    @Test(
      "a missing right ends with 77 and the line of the Role that grants it",
      arguments: [
        ("get dynamographdeployments", true, #"resourceNames: ["chat"], verbs: ["get"]"#),
        ("update leases", true, #"resourceNames: ["chat-planner"], verbs: ["update"]"#),
      ])
    func forbidden(_ right: String, _ hasAdapters: Bool, _ line: String) async throws {
      let scene = try await ClusterScene()
      scene.cluster.with { $0.forbidden = [right] }
      let run = try await scene.run(after: 10)
      run.refused(77, "k8s/base/role.yaml", line, right)
      #expect(scene.asked("prefill") == 2)
    }

    @Test(
      "a missing right to scale ends with 77, too, and the decision says so",
      arguments: [("patch " + scale, true), ("patch dynamographdeployments", false)])
    func forbiddenScaling(_ right: String, _ hasAdapters: Bool) async throws {
      let scene = try await ClusterScene(hasAdapters: hasAdapters)
      scene.cluster.with { $0.forbidden = [right] }
      let document = try await scene.run(after: 10).decided(.failed, exit: 77)
      #expect(document.error?.contains("does not allow the planner to \(right)") == true)
      #expect(try scene.state.documents() == [document])
      #expect(scene.asked("prefill") == 2)
      #expect(scene.leaseHolder == "")
    }

    @Test("of two adapters of which one may not be written, neither is")
    func halfOfTheRights() async throws {
      let scene = try await ClusterScene()
      scene.cluster.on(
        "GET", "deployments/chat",
        .interference { state in
          state.role = [
            "rules": [
              [
                "apiGroups": ["nvidia.com", "coordination.k8s.io"],
                "resources": ["dynamographdeployments", "leases"],
                "verbs": ["get", "list", "update", "patch"],
              ],
              [
                "apiGroups": ["nvidia.com"], "resources": [.string(Self.scale)],
                "verbs": ["get", "patch"], "resourceNames": ["chat-decode"],
              ],
            ]
          ]
        })
      let document = try await scene.run(after: 10).decided(.failed, exit: 77)
      #expect(document.error?.contains(#"resourceNames: ["chat-prefill"]"#) == true)
      #expect(scene.asked("prefill") == 2 && scene.asked("decode") == 3)
    }

    @Test("without the right to record events the change is made, and the decision says so")
    func noEvents() async throws {
      let scene = try await ClusterScene()
      scene.cluster.with { $0.forbidden = ["create events"] }
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.ownWarnings.count == 1)
      #expect(document.ownWarnings.first?.contains("no Event could be recorded") == true)
      #expect(try scene.state.documents() == [document])
    }

    @Test("a deployment that isn't there is answered with those that are")
    func unknownDeployment() async throws {
      let scene = try await ClusterScene()
      let run = try await scene.planner(after: 10)
        .with(["deployment": "chatt", "kubernetes-lease": "chat-planner"]).run()
      run.refused(78, "'chatt' in namespace 'serving'", "there are: 'chat'")
    }

    @Test("a cluster without Dynamo says that the operator is missing")
    func noOperator() async throws {
      let scene = try await ClusterScene()
      scene.cluster.with { $0.version = "v1" }
      try await scene.run(after: 10).refused(78, "Install the Dynamo operator")
    }

    @Test("credentials that aren't accepted end with 77", arguments: ["old", "secret-token-2"])
    func unauthorized(token: String) async throws {
      let scene = try await ClusterScene()
      let file = try scene.kubeconfig(user: "{token: \(token)}")
      let run = try await scene.planner(after: 10).with(environment: ["KUBECONFIG": file]).run()
      run.refused(77, "401")
      #expect(!run.errorOutput.contains(token))
    }

    @Test("another writer in between means deciding once more on what there is now")
    func conflict() async throws {
      let scene = try await ClusterScene(hasAdapters: false)
      scene.cluster.on(
        "PATCH", "deployments/chat",
        .interference { state in
          state.change(state.deploymentPath("chat")) { $0[path: "spec/components/2/replicas"] = 7 }
          state.change(state.deploymentPath("chat")) { object in
            object[path: "status/observedGeneration"] = object[path: "metadata/generation"]
            for field in ["updatedReplicas", "readyReplicas", "availableReplicas"] {
              object[path: "status/components/prefill/\(field)"] = 7
            }
          }
        })
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.id == 2)
      #expect(document.components[.prefill]?.current == 7)
      #expect(scene.asked("prefill") == 3)
      #expect(try scene.state.decisions().map(\.status) == ["failed", "applied"])
    }

    @Test("too many requests and errors that pass are waited for")
    func busy() async throws {
      let scene = try await ClusterScene()
      scene.cluster.on(
        "GET", "deployments/chat",
        .answer(
          .refusal(429, "TooManyRequests", "slow down", headers: [("Retry-After", "0")])))
      scene.cluster.on(
        "PATCH", "chat-prefill/scale", .answer(.refusal(500, "InternalError", "etcd stumbled")))
      scene.cluster.on("PATCH", "chat-decode/scale", .afterwards(.hangUp))
      _ = try await scene.run(after: 10).decided(.applied)
      #expect(scene.asked("prefill") == 3)
      #expect(scene.asked("decode") == 2)
    }

    @Test("a server that stays away ends with 69, what was learned is kept")
    func unreachable() async throws {
      var scene = try await ClusterScene()
      scene.planner.flags["model-name"] = KnownTraffic.wave
      scene.cluster.on("GET", "deployments/chat", times: 50, .answer(.hangUp))
      try await scene.run(after: 10).refused(69, "The Kubernetes API server can't be used")
      #expect(try scene.state.observations().count == 5)
      let file = try scene.kubeconfig(server: "https://127.0.0.1:1")
      try await scene.planner(after: 10).with(environment: ["KUBECONFIG": file])
        .with(["deadline": "5"]).run().refused(69, "127.0.0.1:1")
    }

    // MARK: Two changes that need an order

    /// 2 + 3·8 GPUs, of which 3 + 2·8 are wanted: with 26 allowed, decode has to shrink first.
    private func tightScene() async throws -> ClusterScene {
      var scene = try await ClusterScene()
      scene.planner.flags["max-gpu-budget"] = "26"
      return scene
    }

    private func patches(_ scene: ClusterScene) -> [String] {
      scene.writes().filter { $0.hasPrefix("PATCH") && !$0.contains("leases") }.compactMap {
        $0.split(separator: "/").dropLast().last.map(String.init)
      }
    }

    @Test("the component that makes room is scaled first", arguments: [true, false])
    func shrinkFirst(hasAdapters: Bool) async throws {
      var scene = try await ClusterScene(hasAdapters: hasAdapters)
      scene.planner.flags["max-gpu-budget"] = "26"
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.components.mapValues(\.final) == [.prefill: 3, .decode: 2])
      #expect(scene.asked("prefill") == 3 && scene.asked("decode") == 2)
      if hasAdapters {
        #expect(patches(scene) == ["chat-decode", "chat-prefill"])
      } else {
        let bodies = scene.cluster.requests.filter {
          $0.method == "PATCH" && $0.path.hasSuffix("deployments/chat")
        }.map(\.text)
        #expect(bodies.count == 2)
        #expect(bodies.first?.contains("/spec/components/3/replicas") == true)
        #expect(bodies.first?.contains("/spec/components/2/replicas") == false)
      }
      #expect(scene.events.count == 2)
    }

    @Test("if it can't be scaled, the other one is left alone")
    func firstPhaseFails() async throws {
      let scene = try await tightScene()
      scene.cluster.on(
        "PATCH", "chat-decode/scale", .answer(.refusal(422, "Invalid", "no less than 3")))
      let document = try await scene.run(after: 10).decided(.failed, exit: 1)
      #expect(document.error?.contains("no less than 3") == true)
      #expect(patches(scene) == ["chat-decode"])
      #expect(scene.asked("prefill") == 2)
    }

    @Test("if only the second fails, the decision says which half is in place")
    func secondPhaseFails() async throws {
      let scene = try await tightScene()
      scene.cluster.on(
        "PATCH", "chat-prefill/scale", .answer(.refusal(422, "Invalid", "no more than 2")))
      let document = try await scene.run(after: 10).decided(.failed, exit: 1)
      #expect(document.error?.contains("prefill: ") == true)
      #expect(document.error?.contains("no more than 2") == true)
      #expect(document.error?.contains("decode was set to 2 all the same") == true)
      #expect(scene.asked("decode") == 2)
      // The next invocation settles it.
      scene.operate()
      _ = try await scene.run(after: 10).decided(.applied)
      #expect(scene.asked("prefill") == 3)
    }

    @Test("of two changes side by side one may fail")
    func partial() async throws {
      let scene = try await ClusterScene()
      scene.cluster.on(
        "PATCH", "chat-prefill/scale", .answer(.refusal(422, "Invalid", "no more than 2")))
      let document = try await scene.run(after: 10).decided(.failed, exit: 1)
      #expect(document.error?.contains("decode was set to 2 all the same") == true)
      #expect(try scene.state.documents() == [document])
    }
  }
}
