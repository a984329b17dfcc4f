import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@Suite("Reading a DynamoGraphDeployment")
struct GraphDeploymentTests {
  @Test(
    "both API versions of the same deployment say the same",
    arguments: ["v1beta1_disagg", "v1alpha1_disagg"])
  func bothVersions(_ name: String) async throws {
    let status = try await observed(try resource(name))
    #expect(
      status
        == DeploymentStatus(
          components: [
            .prefill: ComponentStatus(replicas: 2, ready: 2, isStable: true, gpusPerReplica: 1),
            .decode: ComponentStatus(replicas: 3, ready: 3, isStable: true, gpusPerReplica: 8),
          ],
          modelName: "qwen3-8b",
          routerMetricsURL: "http://chat-frontend:8000/metrics"))
  }

  @Test("an aggregated deployment that lacks capacity says so")
  func aggregatedBeta() async throws {
    let status = try await observed(try resource("v1beta1_agg"), .agg, backend: "sglang")
    #expect(
      status.components == [
        .decode: ComponentStatus(replicas: 2, ready: 1, isStable: false, gpusPerReplica: 2)
      ])
    #expect(
      status.readiness.waitReason
        == "'agg' is not ready (insufficient_capacity: worker: 1 of 2 replicas scheduled).")
    #expect(status.modelName == "qwen3-8b")
    #expect(status.routerMetricsURL == "http://agg-frontend:8000/metrics")
  }

  @Test("a status that is about an older spec is not believed")
  func aggregatedAlpha() async throws {
    let status = try await observed(try resource("v1alpha1_agg"), .agg, backend: "sglang")
    #expect(
      status.components == [
        .decode: ComponentStatus(replicas: 2, ready: 1, isStable: false, gpusPerReplica: 2)
      ])
    #expect(
      status.readiness.waitReason == "The operator has not taken up the newest spec of 'agg' yet.")
    #expect(status.modelName == "qwen3-8b")
  }

  @Test(
    "what stands in the way of scaling is found and named",
    arguments: [
      (Variant("nothing", []), nil),
      (Variant("no condition", [("status/conditions", [])]), "does not report yet"),
      (
        Variant("not ready", [("status/conditions/0/status", "False")]),
        "is not ready (all_resources_are_ready: All resources are ready)"
      ),
      (Variant("unknown", [("status/conditions/0/status", "Unknown")]), "is not ready"),
      (Variant("newer spec", [("metadata/generation", 8)]), "has not taken up the newest spec"),
      (Variant("never observed", [("status/observedGeneration", nil)]), "has not taken up"),
      (Variant("no status at all", [("status", nil)]), "has not taken up"),
      (
        Variant("rolling update", [("status/rollingUpdate", ["phase": "InProgress"])]),
        "A rolling update of 'chat' is under way (InProgress)"
      ),
      (Variant("about to roll", [("status/rollingUpdate", ["phase": "Pending"])]), "(Pending)"),
      (Variant("rolled", [("status/rollingUpdate", ["phase": "Completed"])]), nil),
      (Variant("failed to roll", [("status/rollingUpdate", ["phase": "Failed"])]), nil),
      (Variant("restart", [("status/restart", ["phase": "Restarting"])]), "restart of 'chat'"),
      (Variant("restarted", [("status/restart", ["phase": "Completed"])]), nil),
      (
        Variant("deletion", [("metadata/deletionTimestamp", "2026-11-20T08:15:04Z")]),
        "is being deleted"
      ),
      (
        Variant("a replica that is not ready", [("status/components/decode/readyReplicas", 2)]),
        "'decode' is still scaling or rolling out: 3 replicas asked for, 3 updated, 2 ready."
      ),
      (
        Variant("an old replica", [("status/components/decode/updatedReplicas", 2)]),
        "3 replicas asked for, 2 updated, 3 ready."
      ),
      (
        Variant("no updated replica", [("status/components/decode/updatedReplicas", nil)]),
        "0 updated"
      ),
      (
        Variant(
          "available counts before ready", [("status/components/prefill/availableReplicas", 1)]),
        "'prefill' is still scaling or rolling out: 2 replicas asked for, 2 updated, 1 ready."
      ),
      (
        Variant("no status of the component", [("status/components/decode", nil)]),
        "an unknown number of ready"
      ),
    ])
  func inProgress(_ variant: Variant, _ expected: String?) async throws {
    let status = try await observed(try resource("v1beta1_disagg").with(variant.changes))
    if let expected {
      let reason = status.readiness.waitReason
      #expect(reason?.contains(expected) == true, "\(reason ?? "nil")")
    } else {
      #expect(status.readiness.waitReason == nil)
    }
  }

  @Test(
    "more may be asked for while nothing but ready replicas is missing",
    arguments: [
      (Variant("nothing", []), false),
      (
        Variant(
          "starting",
          [
            ("status/components/decode/readyReplicas", 2), ("status/conditions/0/status", "False"),
          ]), true
      ),
      (
        Variant(
          "rolling",
          [
            ("status/components/decode/readyReplicas", 2),
            ("status/rollingUpdate", ["phase": "InProgress"]),
          ]), false
      ),
      (
        Variant(
          "newer spec",
          [("status/components/decode/readyReplicas", 2), ("metadata/generation", 8)]), false
      ),
      (
        Variant(
          "deletion",
          [
            ("status/components/decode/readyReplicas", 2),
            ("metadata/deletionTimestamp", "2026-11-20T08:15:04Z"),
          ]), false
      ),
      (Variant("an old replica", [("status/components/decode/updatedReplicas", 2)]), false),
      (Variant("another part", [("status/conditions/0/status", "False")]), false),
      (Variant("no status of the component", [("status/components/decode", nil)]), false),
    ] as [(Variant, Bool)])
  func mayGrow(_ variant: Variant, _ expected: Bool) async throws {
    let status = try await observed(try resource("v1beta1_disagg").with(variant.changes))
    #expect(status.readiness.isStarting == expected)
  }

  @Test("an absent number of replicas is 1, a number of 0 is 0")
  func absentReplicas() async throws {
    for (name, path) in [
      ("v1beta1_disagg", "spec/components/3/replicas"),
      ("v1alpha1_disagg", "spec/services/decode/replicas"),
    ] {
      let absent = try resource(name).with([(path, nil)])
      #expect(try await observed(absent).components[.decode]?.replicas == 1)
      let zero = try resource(name).with([(path, 0)])
      #expect(try await observed(zero).components[.decode]?.replicas == 0)
    }
  }

  @Test("only the component that the mode scales has to be stable and present")
  func otherComponentUnstable() async throws {
    let deployment = try resource("v1beta1_disagg").with([
      ("status/components/decode/readyReplicas", 1), ("spec/components/3/type", "worker"),
    ])
    let status = try await observed(deployment, .prefill)
    #expect(Array(status.components.keys) == [.prefill])
    #expect(status.readiness.waitReason == nil)
  }

  @Test(
    "GPUs come from the operator's count for this spec, else from the spec times the nodes",
    arguments: [
      (
        "v1beta1_disagg",
        Variant("older status", [("status/observedGeneration", 6)]), 8
      ),
      (
        "v1beta1_disagg",
        Variant(
          "requests only",
          [
            ("status/components/decode/gpusPerEngine", nil),
            ("status/components/decode/gpusPerReplica", nil),
            ("spec/components/3/podTemplate/spec/containers/0/resources/limits", nil),
            ("spec/components/3/multinode", nil),
          ]), 4
      ),
      (
        "v1beta1_disagg",
        Variant(
          "nodes by default",
          [
            ("status/components/decode/gpusPerEngine", 0),
            ("status/components/decode/gpusPerReplica", 0), ("spec/components/3/multinode", [:]),
          ]), 8
      ),
      (
        "v1beta1_disagg",
        Variant(
          "number instead of text",
          [
            ("status", nil),
            (
              "spec/components/3/podTemplate/spec/containers/0/resources/limits",
              ["nvidia.com/gpu": 2]
            ),
          ]), 4
      ),
      (
        "v1beta1_disagg",
        Variant(
          "a sidecar first",
          [
            ("status", nil),
            (
              "spec/components/3/podTemplate/spec/containers",
              [
                ["name": "logs", "resources": ["limits": ["nvidia.com/gpu": "7"]]],
                ["name": "main", "resources": ["limits": ["nvidia.com/gpu": "3"]]],
              ]
            ),
          ]), 6
      ),
      (
        "v1beta1_disagg",
        Variant(
          "a replica of more than an engine", [("status/components/decode/gpusPerReplica", 10)]),
        10
      ),
      (
        "v1beta1_disagg",
        Variant(
          "another vendor's",
          [
            ("status", nil),
            (
              "spec/components/3/podTemplate/spec/containers/0/resources/limits",
              ["amd.com/gpu": "3", "cpu": "8", "amd.com/gpu-memory": "64"]
            ),
          ]), 6
      ),
      (
        "v1beta1_disagg",
        Variant(
          "two drivers of one vendor",
          [
            ("status", nil),
            (
              "spec/components/3/podTemplate/spec/containers/0/resources/limits",
              ["gpu.intel.com/i915": "1", "gpu.intel.com/xe": "1"]
            ),
          ]), 4
      ),
      ("v1alpha1_disagg", Variant("older status", [("status/observedGeneration", 6)]), 8),
      (
        "v1alpha1_disagg",
        Variant(
          "requests only",
          [
            ("status", nil), ("spec/services/decode/resources/limits", nil),
            ("spec/services/decode/multinode", nil),
          ]), 4
      ),
      (
        "v1alpha1_disagg",
        Variant(
          "in the pod's spec",
          [
            ("status", nil), ("spec/services/decode/resources", nil),
            (
              "spec/services/decode/extraPodSpec/mainContainer/resources",
              ["limits": ["nvidia.com/gpu": "2"]]
            ),
          ]), 4
      ),
    ])
  func gpus(_ name: String, _ variant: Variant, _ expected: Int) async throws {
    let status = try await observed(try resource(name).with(variant.changes))
    #expect(status.components[.decode]?.gpusPerReplica == expected)
  }

  @Test("a number of replicas that no cluster holds is refused", arguments: [2_000_000_000, -3])
  func absurdCounts(_ count: Int) async throws {
    let deployment = try resource("v1beta1_disagg").with([
      ("spec/components/3/replicas", .number(Double(count)))
    ])
    let error = await #expect(throws: ConnectorError.self) { try await observed(deployment) }
    #expect(error?.description.contains("'decode' of the DynamoGraphDeployment 'chat' has") == true)
  }

  @Test("claims and parts of GPUs are named where no whole ones are counted")
  func uncountedDevices() async throws {
    let status = try await observed(
      try resource("v1beta1_disagg").with([
        ("status/components/decode/gpusPerEngine", nil),
        ("status/components/decode/gpusPerReplica", nil),
        (
          "spec/components/3/podTemplate/spec/containers/0/resources",
          [
            "limits": ["nvidia.com/gpu.shared": "1", "nvidia.com/mig-1g.5gb": "2"],
            "claims": [["name": "gpus"]],
          ]
        ),
      ]))
    #expect(status.components[.decode]?.gpusPerReplica == nil)
    #expect(
      status.warnings.first?.contains(
        "it asks for nvidia.com/gpu.shared, nvidia.com/mig-1g.5gb, the claim 'gpus'") == true)
  }

  private static let pods = """
    {"items": [
      {"metadata": {}, "status": {"podIP": "10.0.0.2",
       "conditions": [{"type": "Ready", "status": "True"}]}},
      {"metadata": {}, "status": {"podIP": "fd00::1",
       "conditions": [{"type": "Ready", "status": "True"}]}},
      {"metadata": {}, "status": {"podIP": "10.0.0.9",
       "conditions": [{"type": "Ready", "status": "False"}]}},
      {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"podIP": "10.0.0.8",
       "conditions": [{"type": "Ready", "status": "True"}]}}]}
    """

  private func severalFrontends(
    _ podList: HTTPResponse, arguments: JSON? = nil
  ) async throws -> DeploymentStatus {
    let deployment = try resource("v1beta1_disagg").with([
      ("spec/components/0/replicas", 2),
      ("spec/components/0/podTemplate/spec/containers/0/args", arguments),
    ])
    let body = deployment.text
    let client = ScriptedHTTPClient { request, _ in
      request.url.hasSuffix("scalingadapters")
        ? .json(200, #"{"items":[]}"#)
        : request.url.contains("/pods?") ? podList : .json(200, body)
    }
    let access = KubernetesAccess(
      server: "https://cluster", http: HTTPAccess(), namespace: "serving")
    let connector = try KubernetesConnector(
      api: KubernetesAPI(access: access, client: client),
      settings: .init(
        deploymentName: "chat", mode: .disagg, backend: "vllm", readsFrontends: true),
      discovery: discovery("v1beta1"))
    return try await connector.observe(at: 1)
  }

  @Test("of several frontends each ready pod's page is read")
  func severalFrontends() async throws {
    let status = try await severalFrontends(.json(200, Self.pods))
    #expect(
      status.routerMetricsURL
        == "http://10.0.0.2:8000/metrics,http://[fd00::1]:8000/metrics")
    #expect(status.frontends == 2 && status.warnings.isEmpty)
    #expect(status.unreadFrontends(url: status.routerMetricsURL ?? "") == nil)
    #expect(
      status.unreadFrontends(url: "http://chat-frontend:8000/metrics")?
        .hasPrefix("There are 2 frontends, and each one's router counts only the load") == true)
  }

  @Test("where the frontends' pods can't be listed, their number is known and the reason said")
  func unlistedFrontends() async throws {
    let status = try await severalFrontends(.json(404, #"{"kind":"Status","code":404}"#))
    #expect(status.routerMetricsURL == "http://chat-frontend:8000/metrics")
    #expect(status.frontends == 2)
    #expect(status.warnings.first?.contains("pods could not be listed") == true)
  }

  @Test("frontends that tell each other of their load are read as one")
  func synchronisedFrontends() async throws {
    let status = try await severalFrontends(
      .json(200, Self.pods), arguments: ["--router-replica-sync"])
    #expect(status.frontends == nil)
    #expect(status.routerMetricsURL == "http://chat-frontend:8000/metrics")
  }

  @Test(
    "a number of GPUs that is not stated stays unknown, with a warning",
    arguments: ["", "0", "-1", "half", "9223372036854775807"])
  func unknownGPUs(_ text: String) async throws {
    let deployment = try resource("v1alpha1_disagg").with([
      ("status/services/decode/gpusPerEngine", nil),
      ("status/services/decode/gpusPerReplica", nil),
      ("spec/services/decode/resources/limits/gpu", .string(text)),
    ])
    let status = try await observed(deployment)
    #expect(status.components[.decode]?.gpusPerReplica == nil)
    #expect(
      status.warnings == [
        "The component 'decode' of 'chat' states no number of GPUs (resources.limits.gpu)."
      ])
  }

  @Test("several frontends, none, and prefill workers in an aggregated mode are remarked")
  func remarks() async throws {
    let two = try await observed(
      try resource("v1beta1_disagg").with([("spec/components/1/type", "frontend")]))
    #expect(two.routerMetricsURL == "http://chat-frontend:8000/metrics")
    #expect(two.warnings.first?.contains("several frontends (Frontend, Planner)") == true)

    let none = try await observed(
      try resource("v1beta1_disagg").with([("spec/components/0/type", "epp")]))
    #expect(none.routerMetricsURL == nil)

    let aggregated = try await observed(try resource("v1beta1_disagg"), .agg)
    #expect(aggregated.warnings.first?.contains("prefill workers ('prefill')") == true)
  }

  @Test(
    "an answer that is no deployment is not taken for an empty one",
    arguments: [
      Variant("no metadata", [("metadata", nil)]), Variant("no spec", [("spec", nil)]),
      Variant("replicas as text", [("spec/components/3/replicas", "3")]),
      Variant("replicas with a fraction", [("spec/components/3/replicas", .number(2.5))]),
      Variant("components as a mapping", [("spec/components", ["decode": [:]])]),
    ])
  func nonsense(_ variant: Variant) async throws {
    let whole = try resource("v1beta1_disagg")
    var deployment = whole.with(variant.changes)
    if deployment["metadata"] == nil { deployment["metadata"] = [:] }
    let body = deployment.text
    let client = ScriptedHTTPClient { _, _ in .json(200, body) }
    let connector = try KubernetesConnector(
      api: KubernetesAPI(
        access: KubernetesAccess(
          server: "https://cluster", http: .init(), namespace: "serving"), client: client),
      settings: .init(deploymentName: "chat", mode: .disagg, backend: "vllm"),
      discovery: discovery("v1beta1"))
    await expectRefusal(.unreachable) { try await connector.observe(at: 1) }
  }
}

extension Readiness {
  /// Whether more workers may be asked for while some are starting.
  fileprivate var isStarting: Bool { if case .startingWorkers = self { true } else { false } }
}
