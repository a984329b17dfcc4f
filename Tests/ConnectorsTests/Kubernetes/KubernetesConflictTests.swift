import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// Other writers, servers that stumble, and answers that are lost.
@Suite("Conflicts and faults in Kubernetes", .sharedCertificates)
struct KubernetesConflictTests {
  private let scaleDecode = "scalingadapters/chat-decode/scale"

  private func withoutAdapters(_ name: String) throws -> JSON {
    try resource(name).with(
      name.hasPrefix("v1beta1")
        ? [("spec/components/2/scalingAdapter", nil), ("spec/components/3/scalingAdapter", nil)]
        : [
          ("spec/services/prefill/scalingAdapter", nil),
          ("spec/services/decode/scalingAdapter", nil),
        ])
  }

  @Test("a status of the adapter that changes all the time is in nobody's way")
  func adapterStatusChanged() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", scaleDecode, times: 2,
      .interference { state in
        state.change(state.adapterPath("chat-decode")) {
          $0[path: "status/lastScaleTime"] = .string(
            $0[path: "metadata/resourceVersion"]?.text ?? "")
        }
      })
    #expect(try await session.scale([.decode: 5]).applied == [.decode])
    #expect(session.adapterReplicas("chat-decode") == 5)
    #expect(session.cluster.calls.count { $0 == "PATCH \(path(session, "chat-decode"))" } == 1)
  }

  private func path(_ session: ClusterSession, _ adapter: String) -> String {
    session.cluster.with { $0.adapterPath(adapter) } + "/scale"
  }

  @Test("somebody else's scaling in between is a conflict and stays")
  func otherScaler() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", scaleDecode,
      .interference { state in
        state.change(state.adapterPath("chat-decode")) { $0[path: "spec/replicas"] = 8 }
      })
    let error = await expectRefusal(.conflict) { try await session.scale([.decode: 5]) }
    #expect(error.contains("asks for 8 replicas by now"))
    #expect(session.adapterReplicas("chat-decode") == 8)
  }

  @Test("an adapter that already asks for the target counts as applied")
  func alreadyThere() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", scaleDecode,
      .interference { state in
        state.change(state.adapterPath("chat-decode")) { $0[path: "spec/replicas"] = 5 }
      })
    #expect(try await session.scale([.decode: 5]).applied == [.decode])
    #expect(session.cluster.calls.count { $0.hasPrefix("PATCH") } == 1)
  }

  @Test(
    "what an adapter asks for is the number that counts, and until it is passed on nothing moves")
  func notPassedOn() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { state in
      state.change(state.adapterPath("chat-decode")) { $0[path: "spec/replicas"] = 5 }
    }
    let status = try await session.connector.observe(at: 1)
    #expect(status.components[.decode]?.replicas == 5)
    #expect(status.components[.decode]?.isStable == false)
    #expect(
      status.readiness
        == .busy(
          "The scaling adapter of 'decode' asks for 5 replicas, and the operator has not passed that on to 'chat' yet (3)."
        ))
    // Its own order is no other writer's: the same target again is nothing to do.
    #expect(
      try await session.connector.apply(order([.prefill: 2, .decode: 5], on: status, at: 1))
        == ScalingOutcome(applied: []))
  }

  @Test("without the right to list them, each adapter is read by itself", arguments: [true, false])
  func withoutList(_ mayGet: Bool) async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { state in
      state.change(state.adapterPath("chat-decode")) { $0[path: "spec/replicas"] = 5 }
      state.forbidden = ["list dynamographdeploymentscalingadapters"]
      if !mayGet { state.forbidden.insert("get dynamographdeploymentscalingadapters/scale") }
    }
    let status = try await session.connector.observe(at: 1)
    #expect(status.components[.decode]?.replicas == (mayGet ? 5 : 3))
    #expect(status.readiness.isReady == !mayGet)
  }

  @Test("an answer that is neither a list nor a scale says nothing of what adapters ask for")
  func foreignAnswers() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    let other = StandInServer.Answer.json(
      #"{"kind":"DynamoGraphDeployment","metadata":{"name":"chat","resourceVersion":"1"},"spec":{}}"#
    )
    session.cluster.on("GET", "/dynamographdeploymentscalingadapters", times: 5, .answer(other))
    session.cluster.on("GET", "/scale", times: 5, .answer(other))
    let status = try await session.connector.observe(at: 1)
    #expect(status.components[.decode]?.replicas == 3)
    #expect(status.readiness.isReady)
  }

  @Test("where one of two adapters may not be written, neither is")
  func oneOfTwo() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { state in
      state.role = [
        "rules": [
          [
            "apiGroups": ["nvidia.com"], "resources": ["dynamographdeployments"], "verbs": ["get"],
            "resourceNames": ["chat"],
          ],
          [
            "apiGroups": ["nvidia.com"],
            "resources": ["dynamographdeploymentscalingadapters/scale"],
            "verbs": ["get", "patch"], "resourceNames": ["chat-prefill"],
          ],
        ]
      ]
    }
    let status = try await session.connector.observe(at: 1)
    let wanted = order([.prefill: 4, .decode: 5], on: status, at: 1)
    let error = await expectRefusal(.permissionDenied) {
      try await session.connector.checkRights(for: wanted)
    }
    #expect(error.contains(#"resourceNames: ["chat-decode"], verbs: ["patch"]"#))
    // One change alone asks nothing: it is done or refused as a whole.
    try await session.connector.checkRights(for: order([.decode: 5], on: status, at: 1))
    #expect(!session.cluster.calls.contains { $0.hasPrefix("PATCH") })
  }

  @Test("a server that has just started refuses for some seconds, and is asked again")
  func coldServer() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { $0.coldRequests = 4 }
    #expect(try await session.scale([.decode: 5]).applied == [.decode])
    session.cluster.with { $0.coldRequests = 100 }
    await expectRefusal(.permissionDenied) { try await session.connector.observe(at: 1) }
    #expect(session.cluster.with { $0.coldRequests } == 94)
  }

  @Test("an admission webhook's objection is not asked for again")
  func admissionDenial() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { $0.denials["chat-decode"] = "no more than 3 at night" }
    let error = await expectRefusal(.misconfigured) { try await session.scale([.decode: 5]) }
    #expect(error.contains("no more than 3 at night"))
    #expect(session.cluster.calls.count { $0.hasPrefix("PATCH") } == 1)
  }

  @Test("foreign writes of the status starve no patch of a v1alpha1 deployment")
  func statusWrites() async throws {
    let session = try await ClusterSession(try withoutAdapters("v1alpha1_disagg"))
    session.cluster.on(
      "PATCH", "dynamographdeployments/chat", times: 20,
      .interference { state in
        state.change(state.deploymentPath("chat")) {
          $0[path: "status/beat"] = $0[path: "metadata/resourceVersion"]
        }
      })
    #expect(try await session.scale([.prefill: 4, .decode: 5]).applied == [.prefill, .decode])
    #expect(session.cluster.calls.count { $0.hasPrefix("PATCH") } == 1)
  }

  @Test("an adapter that never holds still is left alone")
  func neverStill() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", scaleDecode, times: 9, .answer(.refusal(409, "Conflict", "modified")))
    await expectRefusal(.conflict) { try await session.scale([.decode: 5]) }
    #expect(session.cluster.calls.count { $0.hasPrefix("PATCH") } == 4)
  }

  /// Peer fault 34: the original records nowhere that one of its two patches failed.
  @Test("when one component fails, the other's change is reported with the reason for the one")
  func partial() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { state in
      _ = state.objects.removeValue(forKey: state.adapterPath("chat-prefill"))
    }
    let outcome = try await session.scale([.prefill: 4, .decode: 5])
    #expect(outcome.applied == [.decode])
    #expect(outcome.failed[.prefill]?.contains("'chat-prefill' does not exist although") == true)
    #expect(session.adapterReplicas("chat-decode") == 5)
    let event = session.cluster.object("events/chat.644594169e120.decode")
    #expect(event?["message"] == "decode 3 → 5: more traffic")
  }

  @Test("a missing adapter is not replaced by a patch of the deployment")
  func missingAdapter() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { state in
      _ = state.objects.removeValue(forKey: state.adapterPath("chat-decode"))
    }
    await expectRefusal(.misconfigured) { try await session.scale([.decode: 5]) }
    #expect(
      !session.cluster.calls.contains {
        $0.hasPrefix("PATCH") && $0.hasSuffix("dynamographdeployments/chat")
      })
  }

  @Test("a cluster without the adapters' resource says what is missing")
  func noAdapterResource() async throws {
    let cluster = try await standInCluster()
    let deployment = try resource("v1beta1_disagg")
    cluster.with {
      $0.hasAdapters = false
      $0.add(deployment: deployment)
    }
    let connector = try KubernetesConnector(
      api: KubernetesAPI(
        access: KubernetesAccess(
          server: cluster.url,
          http: HTTPAccess(
            token: .value("secret-token-1"),
            caFile: cluster.certificates.authority.certificate),
          namespace: "serving"), client: realHTTPClient()),
      settings: .init(deploymentName: "chat", mode: .decode, backend: "vllm"))
    let status = try await connector.observe(at: 1)
    let error = await expectRefusal(.misconfigured) {
      try await connector.apply(order([.decode: 5], on: status, at: 1))
    }
    #expect(error.contains("serves no DynamoGraphDeploymentScalingAdapters"))
  }

  @Test(
    "a changed status of the deployment is no conflict for a direct patch",
    arguments: ["v1beta1_disagg", "v1alpha1_disagg"])
  func deploymentStatusChanged(_ name: String) async throws {
    let session = try await ClusterSession(try withoutAdapters(name))
    session.cluster.on(
      "PATCH", "dynamographdeployments/chat",
      .interference { state in
        state.change(state.deploymentPath("chat")) { $0[path: "status/state"] = "pending" }
      })
    #expect(try await session.scale([.prefill: 4, .decode: 5]).applied == [.prefill, .decode])
  }

  @Test(
    "a changed spec of the deployment is a conflict for a direct patch, and stays",
    arguments: ["v1beta1_disagg", "v1alpha1_disagg"])
  func deploymentSpecChanged(_ name: String) async throws {
    let session = try await ClusterSession(try withoutAdapters(name))
    session.cluster.on(
      "PATCH", "dynamographdeployments/chat",
      .interference { state in
        state.change(state.deploymentPath("chat")) { $0[path: "spec/backendFramework"] = "sglang" }
      })
    await expectRefusal(.conflict) { try await session.scale([.prefill: 4, .decode: 5]) }
    let stored = session.cluster.object("dynamographdeployments/chat")
    #expect(stored?[path: "spec/backendFramework"] == "sglang")
    #expect(stored?[path: "spec/components/3/replicas"] != 5)
    #expect(stored?[path: "spec/services/decode/replicas"] != 5)
  }

  @Test("components that changed places are not confused")
  func reordered() async throws {
    let session = try await ClusterSession(try withoutAdapters("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", "dynamographdeployments/chat",
      .interference { state in
        state.change(state.deploymentPath("chat")) { deployment in
          let list = deployment[path: "spec/components"]?.elements ?? []
          deployment[path: "spec/components"] = .array(list.reversed())
        }
      })
    await expectRefusal(.conflict) { try await session.scale([.decode: 5]) }
  }

  @Test("an admission webhook's refusal is passed on, not taken for a missing permission")
  func webhook() async throws {
    let denial = try resource("webhook_denied")["message"]?.string ?? ""
    for code in [403, 422] {
      let session = try await ClusterSession(try withoutAdapters("v1beta1_disagg"))
      session.cluster.on(
        "PATCH", "dynamographdeployments/chat", .answer(.refusal(code, "Invalid", denial)))
      let error = await expectRefusal(.misconfigured) { try await session.scale([.decode: 5]) }
      #expect(error.contains("cannot be modified directly when scaling adapter is enabled"))
    }
  }

  @Test("the webhook itself keeps replicas that an adapter owns")
  func webhookOfTheStandIn() async throws {
    // The spec that was read has no adapter, the one that is patched has.
    let session = try await ClusterSession(try withoutAdapters("v1beta1_disagg"))
    session.cluster.on(
      "PATCH", "dynamographdeployments/chat",
      .interference { state in
        state.change(state.deploymentPath("chat")) {
          $0[path: "spec/components/3/scalingAdapter"] = [:]
        }
      })
    await expectRefusal(.conflict) { try await session.scale([.decode: 5]) }
  }

  @Test(
    "a server that stumbles is asked again",
    arguments: [
      StandInServer.Answer.refusal(429, "TooManyRequests", "slow", headers: [("Retry-After", "0")]),
      .refusal(500, "InternalError", "failed calling webhook"),
      .refusal(503, "ServiceUnavailable", "starting"), .refusal(504, "Timeout", "too slow"),
      .hangUp,
    ])
  func stumbles(_ answer: StandInServer.Answer) async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on("GET", "dynamographdeployments/chat", .answer(answer))
    session.cluster.on("GET", scaleDecode, .answer(answer))
    session.cluster.on("PATCH", scaleDecode, .answer(answer))
    session.cluster.on("POST", "events", .answer(answer))
    #expect(try await session.scale([.decode: 5]) == ScalingOutcome(applied: [.decode]))
    #expect(session.adapterReplicas("chat-decode") == 5)
  }

  @Test("a patch whose answer was lost is recognised as done")
  func lostAnswer() async throws {
    for name in ["v1beta1_disagg", "v1alpha1_disagg"] {
      let adapters = try await ClusterSession(try resource(name))
      adapters.cluster.on("PATCH", scaleDecode, .afterwards(.hangUp))
      #expect(try await adapters.scale([.decode: 5]) == ScalingOutcome(applied: [.decode]))
      #expect(adapters.adapterReplicas("chat-decode") == 5)

      let direct = try await ClusterSession(try withoutAdapters(name))
      direct.cluster.on("PATCH", "dynamographdeployments/chat", .afterwards(.hangUp))
      direct.cluster.on("POST", "events", .afterwards(.hangUp))
      #expect(try await direct.scale([.decode: 5]) == ScalingOutcome(applied: [.decode]))
    }
  }

  @Test(
    "a server that never answers is given up",
    arguments: [StandInServer.Answer.silence, .refusal(503, "ServiceUnavailable", "down")])
  func givenUp(_ answer: StandInServer.Answer) async throws {
    let session = try await ClusterSession(
      try resource("v1beta1_disagg"), limits: HTTPLimits(totalTimeoutSeconds: 0.2, attempts: 2))
    session.cluster.on("PATCH", scaleDecode, times: 99, .answer(answer))
    await expectRefusal(.unreachable) { try await session.scale([.decode: 5]) }
  }

  @Test(
    "answers that confirm something else are not reported as applied",
    arguments: [
      #"{"metadata":{"resourceVersion":"1"},"spec":{"replicas":3}}"#,
      #"{"metadata":{"resourceVersion":"1"}}"#, "<html>", "",
    ])
  func unconfirmed(_ body: String) async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.on("PATCH", scaleDecode, .answer(.json(body)))
    await expectRefusal(.unreachable) { try await session.scale([.decode: 5]) }
  }

  @Test("a missing right names verb, resource and the line that grants it")
  func forbidden() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with {
      $0.forbidden = ["patch dynamographdeploymentscalingadapters/scale"]
    }
    let error = await expectRefusal(.permissionDenied) {
      try await session.scale([.prefill: 4, .decode: 5])
    }
    #expect(
      error.contains(
        "does not allow the planner to patch dynamographdeploymentscalingadapters/scale (nvidia.com) 'chat-prefill' in namespace 'serving'."
      ))
    #expect(
      error.contains(
        #"- {apiGroups: ["nvidia.com"], resources: ["dynamographdeploymentscalingadapters/scale"], resourceNames: ["chat-prefill"], verbs: ["patch"]}"#
      ))
    #expect(error.contains(#"cannot patch resource "dynamographdeploymentscalingadapters/scale""#))
  }

  @Test("an Event that may not be recorded is a warning, because the change is made")
  func forbiddenEvent() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    session.cluster.with { $0.forbidden = ["create events"] }
    let outcome = try await session.scale([.decode: 5])
    #expect(outcome.applied == [.decode])
    #expect(outcome.warnings.first?.contains(#"resources: ["events"], verbs: ["create"]"#) == true)
  }

  @Test("a long explanation is cut to what an Event may hold")
  func longExplanation() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    _ = try await session.scale([.decode: 5], explanation: String(repeating: "é", count: 2000))
    let message =
      session.cluster.object("events/chat.644594169e120.decode")?["message"]?.string ?? ""
    #expect(message.utf8.count <= 1024 && message.utf8.count > 1000 && message.hasSuffix("…"))
  }

  @Test("a deployment that is not there names those that are")
  func notThere() async throws {
    let cluster = try await standInCluster()
    let connector = try ClusterSession.connector(to: cluster, name: "chart", .disagg, "v1beta1")
    var error = await expectRefusal(.misconfigured) { try await connector.observe(at: 1) }
    #expect(error.contains("'chart' in namespace 'serving'; there is none at all"))
    let documents = [try resource("v1beta1_disagg"), try resource("v1beta1_agg")]
    cluster.with { state in documents.forEach { state.add(deployment: $0) } }
    error = await expectRefusal(.misconfigured) { try await connector.observe(at: 1) }
    #expect(error.contains("there are: 'agg', 'chat'"))
    cluster.with { $0.forbidden = ["list dynamographdeployments"] }
    error = await expectRefusal(.misconfigured) { try await connector.observe(at: 1) }
    #expect(error.contains("could not be listed"))
    // The cached discovery still holds: only the object is missing.
    #expect(!cluster.calls.contains { $0 == "GET /apis/nvidia.com/v1beta1" })
  }
}
