import Invocation
import Planning
import TestSupport
import Testing

@Suite("Roles and models of a deployment's components")
struct GraphRolesTests {
  /// A v1beta1 deployment with components of these names and types.
  private func beta(_ components: [(String, String?)]) throws -> JSON {
    try resource("v1beta1_disagg").with([
      (
        "spec/components",
        .array(
          components.map { name, type in
            var component: JSON = ["name": .string(name), "replicas": .number(7)]
            if let type { component["type"] = .string(type) }
            return component
          })
      )
    ])
  }

  /// A v1alpha1 deployment with services of these names, types and subtypes.
  private func alpha(_ services: [(String, String?, String?)]) throws -> JSON {
    var list: JSON = [:]
    for (name, type, subtype) in services {
      list[name] = ["replicas": 7]
      if let type { list[name]?["componentType"] = .string(type) }
      if let subtype { list[name]?["subComponentType"] = .string(subtype) }
    }
    return try resource("v1alpha1_disagg").with([("spec/services", list)])
  }

  @Test(
    "a component is found by its role, its traditional name, or as the only worker",
    arguments: [
      ([("a", "prefill"), ("b", "decode")], DeploymentMode.disagg, "vllm"),
      ([("VllmPrefillWorker", "worker"), ("VllmDecodeWorker", nil)], .disagg, "vllm"),
      ([("TRTLLMPrefillWorker", nil), ("TRTLLMDecodeWorker", "worker")], .disagg, "trtllm"),
      ([("prefill", nil), ("decode", "worker")], .disagg, "sglang"),
      ([("prefill", "worker"), ("decode", "worker")], .disagg, "mocker"),
      ([("anything", "worker")], .agg, "vllm"),
      ([("anything", "decode")], .agg, "vllm"),
      ([("x", "worker"), ("VllmDecodeWorker", "worker")], .agg, "vllm"),
    ] as [([(String, String?)], DeploymentMode, String)])
  func found(
    _ components: [(String, String?)], _ mode: DeploymentMode, _ backend: String
  ) async throws {
    let status = try await observed(try beta(components), mode, backend: backend)
    #expect(status.components.count == mode.components.count)
    #expect(status.components.values.allSatisfy { $0.replicas == 7 })
  }

  @Test(
    "v1alpha1 states roles in the subtype",
    arguments: [
      ([("a", "worker", "prefill"), ("b", "worker", "decode")], DeploymentMode.disagg),
      ([("a", "prefill", nil), ("b", "decode", nil)], .disagg),
      ([("VllmPrefillWorker", "worker", nil), ("VllmDecodeWorker", "worker", "")], .disagg),
      ([("Frontend", "frontend", nil), ("w", "worker", nil)], .agg),
    ] as [([(String, String?, String?)], DeploymentMode)])
  func foundInAlpha(
    _ services: [(String, String?, String?)], _ mode: DeploymentMode
  ) async throws {
    let status = try await observed(try alpha(services), mode)
    #expect(status.components.count == mode.components.count)
  }

  @Test(
    "two of a role, or none, is an error that names what is there",
    arguments: [
      (
        [("a", "prefill"), ("b", "prefill"), ("c", "decode")], DeploymentMode.disagg, "'a' and 'b'"
      ),
      ([("a", "worker"), ("b", "worker")], .agg, "'a' and 'b'"),
      ([("a", "worker"), ("b", "epp"), ("c", nil)], .disagg, "a (worker), b (epp), c (no role)"),
      (
        [("VllmPrefillWorker", "frontend"), ("d", "decode")], .disagg,
        "VllmPrefillWorker (frontend)"
      ),
      ([], .agg, "it has: none"),
    ] as [([(String, String?)], DeploymentMode, String)])
  func notFound(
    _ components: [(String, String?)], _ mode: DeploymentMode, _ message: String
  ) async throws {
    let deployment = try beta(components)
    let error = await expectRefusal(.misconfigured) { try await observed(deployment, mode) }
    #expect(error.contains(message), "\(error)")
  }

  @Test(
    "the model's name is the one it is served under",
    arguments: [
      (["--served-model-name", "a", "--model", "b"], "a"),
      (["--model", "b", "--model-name=c"], "c"), (["--model=org/b"], "org/b"),
      (["--model-path", "d"], "d"), (["python3 -m dynamo.vllm --model 'e f' --x"], "e f"),
      (["--served-model-name", "--model", "b"], "b"), (["--served-model-name"], nil),
      (["--model", "$(MODEL)"], nil), (["--model", ""], nil), ([], nil),
      (["exec serve \\\n --model g"], "g"), (["--model \"never closed"], "never closed"),
    ] as [([String], String?)])
  func modelName(_ arguments: [String], _ expected: String?) async throws {
    let deployment = try resource("v1beta1_agg").with([
      ("status/components/worker/servedModelName", nil),
      (
        "spec/components/1/podTemplate/spec/containers/0/args",
        .array(arguments.map(JSON.string))
      ),
    ])
    #expect(try await observed(deployment, .agg).modelName == expected)
  }

  @Test("arguments may be one shell string, and a name behind a stale status is not used")
  func shellString() async throws {
    let alpha = try resource("v1alpha1_agg").with([
      (
        "spec/services/decode/extraPodSpec/mainContainer/args",
        "python3 -m dynamo.sglang --served-model-name Big"
      )
    ])
    #expect(try await observed(alpha, .agg).modelName == "Big")
    let stale = try resource("v1beta1_agg").with([
      ("status/components/worker/servedModelName", "old"), ("status/observedGeneration", 3),
    ])
    #expect(try await observed(stale, .agg).modelName == "qwen3-8b")
  }

  @Test("workers that serve different models are a warning, different case is not")
  func contradiction() async throws {
    let different = try resource("v1beta1_disagg").with([
      ("status/components/prefill/servedModelName", "other")
    ])
    let status = try await observed(different)
    #expect(status.modelName == nil)
    #expect(status.warnings.first?.contains("'prefill' and 'decode'") == true)
    let upper = try resource("v1beta1_disagg").with([
      ("status/components/prefill/servedModelName", "QWEN3-8B")
    ])
    #expect(try await observed(upper).modelName == "QWEN3-8B")
  }
}
