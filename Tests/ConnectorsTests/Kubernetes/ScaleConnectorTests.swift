import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@Suite("Workloads with a scale subresource", .sharedCertificates)
struct ScaleConnectorTests {
  private let chat = ("deployments", "chat", Workloads.deployment("chat"))

  private func status(
    _ target: String, _ plural: String, _ object: JSON
  ) async throws -> DeploymentStatus {
    let session = try await ScaleSession([.decode: target], [(plural, "chat", object)])
    let status = try await session.connector.observe(at: 1)
    return withExtendedLifetime(session) { status }
  }

  // MARK: Reading

  @Test("a Deployment is read with its GPUs and its model, and written through its scale")
  func deployment() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    let status = try await session.connector.observe(at: 1)
    #expect(
      status.components == [
        .decode: ComponentStatus(replicas: 2, ready: 2, isStable: true, gpusPerReplica: 1)
      ])
    #expect(status.readiness == .ready && status.modelName == "qwen3-8b" && status.warnings == [])
    let outcome = try await session.connector.apply(order([.decode: 5], on: status, at: 1))
    #expect(outcome == ScalingOutcome(applied: [.decode]))
    #expect(session.replicas("deployments", "chat") == 5)
    let patch = try #require(session.cluster.requests.first { $0.method == "PATCH" })
    #expect(
      patch.target.hasSuffix(
        "/apis/apps/v1/namespaces/serving/deployments/chat/scale?fieldManager=sla-planner"))
    #expect(
      patch.text
        == #"[{"op":"test","path":"/metadata/resourceVersion","value":"700"},{"op":"test","path":"/spec/replicas","value":2},{"op":"add","path":"/spec/replicas","value":5}]"#
    )
    let event = session.cluster.object("events/chat.f4240.decode")
    #expect(event?[path: "involvedObject/kind"] == "Deployment")
    #expect(event?[path: "involvedObject/apiVersion"] == "apps/v1")
    #expect(
      session.cluster.object("deployments/chat")?[path: "metadata/managedFields/0/manager"]
        == "sla-planner")
  }

  @Test(
    "kinds are found by name, plural, short name and group",
    arguments: [
      ("deploy/chat", "deployments"), ("Deployment.apps/chat", "deployments"),
      ("statefulsets/chat", "statefulsets"), ("lws/chat", "leaderworkersets"),
      ("podclique.grove.io/chat", "podcliques"), ("enginepool/chat", "enginepools"),
    ], [true, false])
  func kinds(_ target: (String, String), _ answersForAllGroups: Bool) async throws {
    let session = try await ScaleSession([.decode: target.0], [])
    session.cluster.with { state in
      state.answersForAllGroups = answersForAllGroups
      state.add(target.1, "chat", Workloads.deployment("chat").with([("spec/size", 3)]))
    }
    let status = try await session.connector.observe(at: 1)
    #expect(status.components[.decode]?.replicas == (target.1 == "enginepools" ? 3 : 2))
    _ = try await session.connector.apply(order([.decode: 4], on: status, at: 1))
    let path = target.1 == "enginepools" ? "spec/size" : "spec/replicas"
    #expect(session.replicas(target.1, "chat", path) == 4)
    if answersForAllGroups {
      #expect(
        session.cluster.calls.filter { $0.hasPrefix("GET /apis") && !$0.contains("namespaces") }
          .count == 1)
    }
  }

  @Test(
    "what was discovered is kept, and an observation that changes nothing is one request a target")
  func requests() async throws {
    let objects = [chat, ("statefulsets", "fill", Workloads.deployment("fill"))]
    let targets: [Component: String] = [.decode: "deployment/chat", .prefill: "sts/fill"]
    let session = try await ScaleSession(targets, objects)
    _ = try await session.connector.observe(at: 1)
    let state = try #require(await session.connector.state)
    let before = session.cluster.calls.count
    let next = try ScaleSession.connector(to: session.cluster, targets)
    await next.resume(state)
    let status = try await next.observe(at: 2)
    #expect(
      try await next.apply(order([.decode: 2, .prefill: 2], on: status, at: 2))
        == ScalingOutcome(applied: []))
    #expect(session.cluster.calls.count - before == 2)
  }

  @Test(
    "a word that means no kind with a scale, or several, says what there is",
    arguments: [
      ("pod/chat", "knows no kind 'pod' that can be scaled; it has: deployment.apps,"),
      ("daemonset/chat", "DaemonSet (apps) has no scale subresource"),
    ])
  func unknownKind(_ target: String, _ words: String) async throws {
    let session = try await ScaleSession([.decode: target], [chat])
    let error = await expectRefusal(.misconfigured) { try await session.connector.observe(at: 1) }
    #expect(error.contains(words))
  }

  @Test("two groups with a kind of one name are told apart by the group")
  func ambiguous() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    session.cluster.with {
      $0.served.append(ServedKind("other.io", "v1", "deployments", "Deployment"))
    }
    let error = await expectRefusal(.misconfigured) { try await session.connector.observe(at: 1) }
    #expect(error.contains("deployments.apps, deployments.other.io"))
    let named = try ScaleSession.connector(to: session.cluster, [.decode: "deployments.apps/chat"])
    #expect(try await named.observe(at: 1).components[.decode]?.replicas == 2)
  }

  @Test("a target that isn't there names those that are")
  func missing() async throws {
    let session = try await ScaleSession([.decode: "deployment/chart"], [chat])
    let error = await expectRefusal(.misconfigured) { try await session.connector.observe(at: 1) }
    #expect(
      error.contains("There is no Deployment 'chart' in namespace 'serving'; there are: 'chat'"))
  }

  // MARK: GPUs

  @Test("GPUs are those of all pods of a replica, of any vendor")
  func gpus() async throws {
    // Leader 1 + 2 workers of 4.
    var found = try await status("lws/chat", "leaderworkersets", Workloads.leaderWorkerSet())
    #expect(found.components[.decode]?.gpusPerReplica == 9)
    found = try await status(
      "lws/chat", "leaderworkersets", Workloads.leaderWorkerSet(leader: nil))
    #expect(found.components[.decode]?.gpusPerReplica == 12)
    found = try await status(
      "deployment/chat", "deployments",
      Workloads.deployment("chat", pod: Workloads.pod(gpus: 2, resource: "amd.com/gpu")))
    #expect(found.components[.decode]?.gpusPerReplica == 2)
    var pod = Workloads.pod(gpus: 2)
    pod["initContainers"] = [
      [
        "name": "sidecar", "restartPolicy": "Always",
        "resources": ["limits": ["nvidia.com/gpu": 1]],
      ],
      ["name": "once", "resources": ["limits": ["nvidia.com/gpu": 8]]],
    ]
    found = try await status(
      "pclq/chat", "podcliques",
      ["spec": ["replicas": 1, "podSpec": pod], "status": Workloads.status(1)])
    #expect(found.components[.decode]?.gpusPerReplica == 3)
  }

  @Test("devices claimed from a template are counted once a pod, others are named")
  func claims() async throws {
    func pod(_ claim: JSON) -> JSON {
      [
        "containers": [
          ["name": "a", "resources": ["claims": [["name": "gpus"]]]],
          ["name": "b", "resources": ["claims": [["name": "gpus"]]]],
        ],
        "resourceClaims": [claim],
      ]
    }
    let template: JSON = [
      "spec": [
        "spec": [
          "devices": [
            "requests": [
              ["name": "g", "exactly": ["deviceClassName": "gpu.nvidia.com", "count": 4]],
              ["name": "n", "exactly": ["deviceClassName": "rdma.example.com", "count": 2]],
            ]
          ]
        ]
      ]
    ]
    let session = try await ScaleSession(
      [.decode: "deployment/chat"],
      [
        (
          "deployments", "chat",
          Workloads.deployment(
            "chat", pod: pod(["name": "gpus", "resourceClaimTemplateName": "four"]))
        ), ("resourceclaimtemplates", "four", template),
      ])
    let status = try await session.connector.observe(at: 1)
    #expect(status.components[.decode]?.gpusPerReplica == 4)
    let shared = try await self.status(
      "deployment/chat", "deployments",
      Workloads.deployment("chat", pod: pod(["name": "gpus", "resourceClaimName": "made"])))
    #expect(shared.components[.decode]?.gpusPerReplica == nil)
    #expect(shared.warnings.first?.contains("the claim 'gpus'") == true)
  }

  @Test("a workload without GPUs counts as one a replica, and says so")
  func noGPUs() async throws {
    let found = try await status(
      "deployment/chat", "deployments",
      Workloads.deployment("chat", pod: ["containers": [["name": "vllm"]]]))
    #expect(found.components[.decode]?.gpusPerReplica == 1)
    #expect(found.warnings.first?.contains("asks for no GPU") == true)
  }

  @Test(
    "the model is the name that it is served under",
    arguments: [
      (["--model", "a/b", "--served-model-name", "chat"], "chat"), (["serve", "a/b"], "a/b"),
      (["vllm serve a/b --port 8000"], "a/b"), (["--model-path=a/b"], "a/b"),
      (["trtllm-serve", "a/b"], "a/b"), (["serve", "$MODEL"], nil),
    ] as [([String], String?)])
  func model(_ arguments: [String], _ name: String?) async throws {
    let pod = Workloads.pod(arguments: arguments.map { .string($0) })
    let found = try await status(
      "deployment/chat", "deployments", Workloads.deployment("chat", pod: pod))
    #expect(found.modelName == name)
  }

  // MARK: Readiness

  private static let generation: [(String, JSON?)] = [("metadata/generation", 2)]

  @Test(
    "each kind's own word for a rollout and for what is still starting counts",
    arguments: [
      (
        "deployments", [("status/updatedReplicas", 1)],
        "A rollout of Deployment 'chat' is under way (1 of 2 replicas updated)."
      ),
      ("deployments", [("status/updatedReplicas", 1), ("spec/paused", true)], "and it is paused"),
      ("deployments", [("metadata/generation", 2)], "has not been taken up yet"),
      ("deployments", [("status/observedGeneration", nil)], "has not been taken up yet"),
      ("deployments", [("metadata/deletionTimestamp", "2026-11-30T00:00:00Z")], "is being deleted"),
      ("deployments", [("status/availableReplicas", 1)], "2 replicas asked for, 2 there, 1 ready"),
      ("deployments", [("status/availableReplicas", nil)], "2 there, 0 ready"),
      (
        "deployments",
        [("status/replicas", 1), ("status/updatedReplicas", 1), ("status/availableReplicas", 1)],
        "2 replicas asked for, 1 there, 1 ready"
      ),
      (
        "statefulsets",
        [
          ("status/currentRevision", "a"), ("status/updateRevision", "b"),
          ("status/updatedReplicas", 1),
        ], "1 of 2 replicas updated"
      ),
      (
        "statefulsets",
        [
          ("status/currentRevision", "a"), ("status/updateRevision", "b"),
          ("status/updatedReplicas", 1), ("spec/updateStrategy/rollingUpdate/partition", 1),
        ], nil
      ),
      (
        "statefulsets",
        [
          ("status/currentRevision", "a"), ("status/updateRevision", "b"),
          ("status/updatedReplicas", nil), ("spec/updateStrategy/type", "OnDelete"),
        ], nil
      ),
      (
        "leaderworkersets",
        [
          ("status/conditions", [["type": "UpdateInProgress", "status": "True"]]),
          ("status/updatedReplicas", 1),
        ], "1 of 2 groups updated"
      ),
      (
        "leaderworkersets",
        [("status/conditions", [["type": "UpdateInProgress", "status": "True"]])], nil
      ),
      ("leaderworkersets", [("status/observedGeneration", nil)], nil),
      (
        "podcliques",
        [
          ("status/updateProgress", ["updateStartedAt": "2026-11-30T00:00:00Z"]),
          ("status/updatedReplicas", 0),
        ], "0 of 2 pods updated"
      ),
      (
        "podcliques",
        [
          (
            "status/updateProgress",
            ["updateStartedAt": "2026-11-30T00:00:00Z", "updateEndedAt": "2026-11-30T00:01:00Z"]
          )
        ], nil
      ),
      ("enginepools", [("status/updatedReplicas", 1)], "1 of 2 replicas updated"),
      (
        "enginepools",
        [
          ("status/readyReplicas", nil), ("status/availableReplicas", nil),
          ("status/updatedReplicas", nil),
        ], nil
      ),
    ] as [(String, [(String, JSON?)], String?)])
  func readiness(_ plural: String, _ changes: [(String, JSON?)], _ reason: String?) async throws {
    let kinds = [
      "deployments": "deployment", "statefulsets": "statefulset", "podcliques": "podclique",
      "leaderworkersets": "leaderworkerset", "enginepools": "enginepool",
    ]
    let object = Workloads.deployment("chat", [("spec/size", 2)] + changes)
    let found = try await status("\(kinds[plural] ?? "")/chat", plural, object)
    if let reason {
      #expect(found.readiness.waitReason?.contains(reason) == true, "\(found.readiness)")
      #expect(found.components[.decode]?.isStable == false || reason.contains("deleted"))
    } else {
      #expect(found.readiness == .ready)
    }
    let isStarting =
      reason?.contains("2 there, 1 ready") == true || reason?.contains("2 there, 0 ready") == true
    if isStarting {
      guard case .startingWorkers = found.readiness else {
        Issue.record("\(found.readiness)")
        return
      }
    }
  }

  @Test("replicas of a Deployment past its progress deadline are not waited for")
  func failing() async throws {
    for (progressing, failing) in [("False", 1), ("True", nil)] as [(JSON, Int?)] {
      let changes: [(String, JSON?)] = [
        ("status/availableReplicas", 1),
        ("status/conditions", [["type": "Progressing", "status": progressing]]),
      ]
      let found = try await status(
        "deployment/chat", "deployments", Workloads.deployment("chat", changes))
      #expect(found.components[.decode]?.failing == failing)
    }
  }

  // MARK: Owners

  private func autoscaler(_ kind: String, _ name: String, version: String? = "apps/v1") -> JSON {
    var reference: JSON = ["kind": .string(kind), "name": .string(name)]
    reference["apiVersion"] = version.map(JSON.string)
    return ["spec": ["scaleTargetRef": reference]]
  }

  @Test("a target of an HPA or a ScaledObject is refused by name; a dry run is warned")
  func owners() async throws {
    for (plural, title, object) in [
      (
        "horizontalpodautoscalers", "HorizontalPodAutoscaler 'other'",
        autoscaler("Deployment", "chat")
      ),
      (
        "scaledobjects", "ScaledObject 'other'",
        ["spec": ["scaleTargetRef": ["name": "chat"]]] as JSON
      ),
    ] {
      let session = try await ScaleSession(
        [.decode: "deployment/chat"], [chat, (plural, "other", object)])
      let error = await expectRefusal(.misconfigured) { try await session.connector.observe(at: 1) }
      #expect(error.contains("Deployment 'chat' is scaled by the \(title) already"))
      let dry = try ScaleSession.connector(
        to: session.cluster, [.decode: "deployment/chat"], isDryRun: true)
      #expect(try await dry.observe(at: 1).warnings.first?.contains(title) == true)
    }
  }

  @Test("autoscalers of other targets are in nobody's way")
  func otherOwners() async throws {
    let session = try await ScaleSession(
      [.decode: "deployment/chat"],
      [
        chat, ("horizontalpodautoscalers", "a", autoscaler("Deployment", "chat2")),
        ("horizontalpodautoscalers", "b", autoscaler("StatefulSet", "chat")),
        ("horizontalpodautoscalers", "c", autoscaler("Deployment", "chat", version: "other.io/v1")),
      ])
    #expect(try await session.scale([.decode: 3]).applied == [.decode])
  }

  @Test("an autoscaler that appears after the decision was made is seen before the write")
  func ownerAppears() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    let status = try await session.connector.observe(at: 1)
    let owner = autoscaler("Deployment", "chat")
    session.cluster.with { $0.add("horizontalpodautoscalers", "new", owner) }
    await expectRefusal(.misconfigured) {
      try await session.connector.apply(order([.decode: 5], on: status, at: 1))
    }
    #expect(session.replicas("deployments", "chat") == 2)
    // Nor does a later decision overlook it once it has written the number.
    session.cluster.with { state in
      state.change(state.path("deployments", "chat")) {
        $0[path: "metadata/managedFields"] = [
          [
            "manager": "kube-controller-manager", "subresource": "scale",
            "fieldsV1": ["f:spec": ["f:replicas": [:]]],
          ]
        ]
      }
    }
    await expectRefusal(.misconfigured) { try await session.connector.observe(at: 2) }
  }

  @Test("a target that another controller manages is refused; a PodClique of its set is not")
  func controllers() async throws {
    func owned(_ kind: String) -> JSON {
      Workloads.deployment("chat").with([
        (
          "metadata/ownerReferences",
          [["kind": .string(kind), "name": "graph", "controller": true]]
        )
      ])
    }
    let dynamo = try await ScaleSession(
      [.decode: "deployment/chat"], [("deployments", "chat", owned("DynamoGraphDeployment"))])
    let error = await expectRefusal(.misconfigured) { try await dynamo.connector.observe(at: 1) }
    #expect(error.contains("managed by the DynamoGraphDeployment 'graph'"))
    #expect(error.contains("--environment kubernetes"))
    let clique = try await ScaleSession(
      [.decode: "pclq/chat"], [("podcliques", "chat", owned("PodCliqueSet"))])
    #expect(try await clique.connector.observe(at: 1).components[.decode]?.replicas == 2)
    let group = try await ScaleSession(
      [.decode: "pclq/chat"], [("podcliques", "chat", owned("PodCliqueScalingGroup"))])
    await expectRefusal(.misconfigured) { try await group.connector.observe(at: 1) }
  }

  @Test("two targets that select the same pods are refused, and so is one named twice")
  func sharedSelector() async throws {
    let session = try await ScaleSession(
      [.prefill: "deployment/fill", .decode: "deployment/chat"],
      [chat, ("deployments", "fill", Workloads.deployment("chat"))])
    let error = await expectRefusal(.misconfigured) { try await session.connector.observe(at: 1) }
    #expect(error.contains("Two targets select the same pods ('app=chat')"))
    #expect(throws: ConnectorError.self) {
      try ScaleSession.connector(
        to: session.cluster, [.prefill: "deployment/chat", .decode: "deployment/chat"])
    }
  }

  // MARK: Writing

  @Test("foreign status writes are in nobody's way, a changed number or spec is a conflict")
  func conflicts() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    session.cluster.on(
      "PATCH", "chat/scale", times: 20,
      .interference { state in
        state.change(state.path("deployments", "chat")) {
          $0[path: "status/beat"] = $0[path: "metadata/resourceVersion"]
        }
      })
    #expect(try await session.scale([.decode: 5]).applied == [.decode])
    #expect(session.replicas("deployments", "chat") == 5)

    for (path, value) in [("spec/replicas", 9), ("spec/template/metadata/labels/v", "2")]
      as [(String, JSON)]
    {
      let other = try await ScaleSession([.decode: "deployment/chat"], [chat])
      other.cluster.on(
        "PATCH", "chat/scale",
        .interference { state in
          state.change(state.path("deployments", "chat")) { $0[path: path] = value }
        })
      await expectRefusal(.conflict) { try await other.scale([.decode: 5]) }
      #expect(other.replicas("deployments", "chat") != 5)
    }
  }

  @Test("one that was deleted and made anew in between is another one")
  func recreated() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    session.cluster.on(
      "PATCH", "chat/scale",
      .interference { state in
        state.change(state.path("deployments", "chat")) { $0[path: "metadata/uid"] = "another" }
      })
    let error = await expectRefusal(.conflict) { try await session.scale([.decode: 5]) }
    #expect(error.contains("made anew"))
  }

  @Test("scales to 0 and from 0, and a lost answer counts as done")
  func zeroAndLost() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    #expect(try await session.scale([.decode: 0]).applied == [.decode])
    #expect(session.replicas("deployments", "chat") == 0)
    session.cluster.on("PATCH", "chat/scale", .afterwards(.hangUp))
    #expect(try await session.scale([.decode: 2]).applied == [.decode])
    #expect(session.replicas("deployments", "chat") == 2)
  }

  @Test("an objection of admission is passed on")
  func denied() async throws {
    let session = try await ScaleSession([.decode: "deployment/chat"], [chat])
    session.cluster.with { $0.denials["chat"] = "at most 3" }
    let error = await expectRefusal(.misconfigured) { try await session.scale([.decode: 5]) }
    #expect(error.contains("at most 3"))
  }

  // MARK: Rights

  @Test(
    "the generated Role is all that a run needs, and without any one right something is refused")
  func rights() async throws {
    let targets: [Component: String] = [.prefill: "enginepool/fill", .decode: "deployment/chat"]
    let objects = [
      chat, ("enginepools", "fill", Workloads.deployment("fill", [("spec/size", 2)])),
    ]
    let session = try await ScaleSession(targets, objects)
    _ = try await session.connector.observe(at: 1)
    let permissions = await session.connector.requiredPermissions(lease: nil, isDryRun: false)
    #expect(
      permissions.map { "\($0.verb) \($0.fullResource) \($0.name ?? "*")" } == [
        "get enginepools fill", "get enginepools/scale fill", "patch enginepools/scale fill",
        "get deployments chat", "patch deployments/scale chat",
        "list horizontalpodautoscalers *", "list scaledobjects *", "create events *",
      ])
    func role(without missing: KubernetesPermission?) -> JSON {
      .object([
        "rules": .array(
          permissions.filter { $0 != missing }.map { right in
            var rule: JSON = [
              "apiGroups": [.string(right.group)], "resources": [.string(right.fullResource)],
              "verbs": [.string(right.verb)],
            ]
            rule["resourceNames"] = right.name.map { [.string($0)] }
            return rule
          })
      ])
    }
    for missing in [nil] + permissions.map(Optional.some) {
      let session = try await ScaleSession(targets, objects)
      let granted = role(without: missing)
      session.cluster.with { $0.role = granted }
      do {
        let status = try await session.connector.observe(at: 1)
        let wanted = order([.prefill: 4, .decode: 4], on: status, at: 1)
        try await session.connector.checkRights(for: wanted)
        let outcome = try await session.connector.apply(wanted)
        #expect(missing == nil || missing?.verb == "create")
        #expect(outcome.warnings.isEmpty == (missing == nil))
        #expect(session.replicas("deployments", "chat") == 4)
      } catch let error as ConnectorError {
        #expect(Refusal(error) == .permissionDenied)
        #expect(error.description.contains(missing?.manifestLine ?? "nothing is missing"))
        // Whatever is missing, it is both or neither.
        #expect(session.replicas("deployments", "chat") == 2)
        #expect(session.replicas("enginepools", "fill", "spec/size") == 2)
      }
    }
  }
}
