import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// Scaling against an API server over TLS that keeps the real one's semantics.
@Suite("Scaling in Kubernetes", .sharedCertificates)
struct KubernetesScalingTests {
  private let scalePrefill = "scalingadapters/chat-prefill/scale"
  private let scaleDecode = "scalingadapters/chat-decode/scale"

  @Test(
    "with adapters, both components are scaled through them and the change is an Event",
    arguments: ["v1beta1_disagg", "v1alpha1_disagg"])
  func adapters(_ name: String) async throws {
    let session = try await ClusterSession(try resource(name))
    let outcome = try await session.scale([.prefill: 4, .decode: 1], explanation: "more prompts")
    #expect(outcome == ScalingOutcome(applied: [.prefill, .decode]))
    #expect(session.adapterReplicas("chat-prefill") == 4)
    #expect(session.adapterReplicas("chat-decode") == 1)
    // The deployment, the adapters' list, two patches, an Event.
    #expect(session.cluster.calls.count == 5)
    #expect(
      session.cluster.requests.allSatisfy {
        $0.header("Authorization") == "Bearer secret-token-1"
      })

    let event = try #require(session.cluster.object("events/chat.644594169e120.prefill-decode"))
    #expect(event["reason"] == "Scaled" && event["type"] == "Normal")
    #expect(event["message"] == "prefill 2 → 4, decode 3 → 1: more prompts")
    #expect(event[path: "involvedObject/uid"] == "0d7d2a52-1111-4222-8333-9a4b5c6d7e8f")
    #expect(event["firstTimestamp"] == "2025-11-24T16:00:00Z")
    #expect(event["reportingInstance"] == "sla-planner-pod")
  }

  @Test("the patch of an adapter rests on the number that was decided on, and on nothing else")
  func adapterPatch() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    _ = try await session.scale([.prefill: 2, .decode: 5])
    let patch = try #require(session.cluster.requests.first { $0.method == "PATCH" })
    #expect(patch.target.hasSuffix(scaleDecode))
    #expect(patch.header("Content-Type") == "application/json-patch+json")
    #expect(
      patch.text
        == #"[{"op":"test","path":"/spec/replicas","value":3},{"op":"add","path":"/spec/replicas","value":5}]"#
    )
    #expect(!session.cluster.calls.contains { $0.hasSuffix(scalePrefill) })
  }

  @Test("a component is scaled to 0 and from 0")
  func zero() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    _ = try await session.scale([.decode: 0])
    #expect(session.adapterReplicas("chat-decode") == 0)
    // From 0 it rests on the version: a Scale leaves its number out there.
    session.cluster.with { state in
      state.change(state.deploymentPath("chat")) { $0[path: "spec/components/3/replicas"] = 0 }
    }
    _ = try await session.scale([.decode: 2])
    #expect(session.adapterReplicas("chat-decode") == 2)
  }

  @Test("when nothing changes, two requests are all")
  func unchanged() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    let outcome = try await session.scale([.prefill: 2, .decode: 3])
    #expect(outcome == ScalingOutcome(applied: []))
    #expect(session.cluster.calls.count == 2)
  }

  @Test("the two components' patches are under way at the same time")
  func sideBySide() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    let gate = StandInServer.Gate()
    session.cluster.on(
      "PATCH", scalePrefill,
      .afterwards(
        .after(
          gate, .json(#"{"metadata":{"resourceVersion":"1"},"spec":{"replicas":3}}"#))))
    session.cluster.on("PATCH", scaleDecode, .interference { _ in gate.open() })
    #expect(try await session.scale([.prefill: 3, .decode: 4]).applied == [.prefill, .decode])
  }

  @Test("without adapters, both components are changed by one JSON patch of the deployment")
  func directBeta() async throws {
    let session = try await ClusterSession(
      try resource("v1beta1_disagg").with([
        ("spec/components/2/scalingAdapter", nil), ("spec/components/3/scalingAdapter", nil),
      ]))
    #expect(try await session.scale([.prefill: 4, .decode: 5]).applied == [.prefill, .decode])
    let patches = session.cluster.requests.filter { $0.method == "PATCH" }
    #expect(patches.count == 1)
    #expect(patches.first?.header("Content-Type") == "application/json-patch+json")
    #expect(
      patches.first?.text
        == #"[{"op":"test","path":"/metadata/generation","value":7},{"op":"test","path":"/spec/components/2/name","value":"prefill"},{"op":"add","path":"/spec/components/2/replicas","value":4},{"op":"test","path":"/spec/components/3/name","value":"decode"},{"op":"add","path":"/spec/components/3/replicas","value":5}]"#
    )
    let stored = session.cluster.object("dynamographdeployments/chat")
    #expect(stored?[path: "spec/components/3/replicas"] == 5)
  }

  @Test("without adapters, v1alpha1 is changed by one JSON patch, too")
  func directAlpha() async throws {
    let session = try await ClusterSession(
      try resource("v1alpha1_disagg").with([
        ("spec/services/prefill/scalingAdapter", ["enabled": false]),
        ("spec/services/decode/scalingAdapter", nil),
        ("spec/services/decode/replicas", nil),
      ]))
    #expect(try await session.scale([.prefill: 4, .decode: 5]).applied == [.prefill, .decode])
    let patch = try #require(session.cluster.requests.first { $0.method == "PATCH" })
    #expect(patch.header("Content-Type") == "application/json-patch+json")
    #expect(
      patch.text
        == #"[{"op":"test","path":"/metadata/generation","value":7},{"op":"add","path":"/spec/services/prefill/replicas","value":4},{"op":"add","path":"/spec/services/decode/replicas","value":5}]"#
    )
    let stored = session.cluster.object("dynamographdeployments/chat")
    #expect(stored?[path: "spec/services/decode/replicas"] == 5)
    #expect(stored?[path: "spec/services/Frontend/replicas"] == 1)
  }

  @Test("a component with an adapter and one without are changed each in its own way")
  func mixed() async throws {
    let session = try await ClusterSession(
      try resource("v1beta1_disagg").with([("spec/components/2/scalingAdapter", nil)]))
    #expect(try await session.scale([.prefill: 4, .decode: 5]).applied == [.prefill, .decode])
    #expect(session.adapterReplicas("chat-decode") == 5)
    #expect(
      session.cluster.object("dynamographdeployments/chat")?[path: "spec/components/2/replicas"]
        == 4)
  }

  @Test(
    "one component can shrink before the other grows: two orders on the same status",
    arguments: [true, false])
  func shrinkFirst(_ hasAdapters: Bool) async throws {
    let session = try await ClusterSession(
      try resource("v1beta1_disagg").with(
        hasAdapters
          ? []
          : [("spec/components/2/scalingAdapter", nil), ("spec/components/3/scalingAdapter", nil)]))
    let status = try await session.connector.observe(at: 1)
    let shrink = order([.decode: 1], on: status, at: 1)
    #expect(try await session.connector.apply(shrink).applied == [.decode])
    let grow = order([.prefill: 4, .decode: 1], on: status, at: 1)
    #expect(try await session.connector.apply(grow).applied.contains(.prefill))
    #expect(session.cluster.calls.count { $0.hasPrefix("POST") } == 2)
    #expect(session.cluster.object("events/chat.f4240.decode") != nil)
    if hasAdapters {
      #expect(session.adapterReplicas("chat-prefill") == 4)
      #expect(session.adapterReplicas("chat-decode") == 1)
    } else {
      let stored = session.cluster.object("dynamographdeployments/chat")
      #expect(stored?[path: "spec/components/2/replicas"] == 4)
      #expect(stored?[path: "spec/components/3/replicas"] == 1)
    }
  }

  @Test("an order on other counts than those read is a conflict, and nothing is sent")
  func stale() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    var status = try await session.connector.observe(at: 1)
    status.components[.decode]?.replicas = 9
    let seen = status
    await expectRefusal(.conflict) {
      try await session.connector.apply(order([.decode: 10], on: seen, at: 1))
    }
    #expect(session.cluster.calls.count == 2)
  }

  @Test("an Event says what changed once, and trouble is a Warning that is recorded once")
  func events() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    let status = try await session.connector.observe(at: 1)
    var wanted = order([.prefill: 2, .decode: 5], on: status, at: 1)
    wanted.explanations = [.prefill: "prefill stays at 2: enough.", .decode: "decode 3 → 5: busy."]
    _ = try await session.connector.apply(wanted)
    #expect(
      session.cluster.object("events/chat.f4240.decode")?["message"] == "decode 3 → 5: busy.")

    for time in [1201.0, 1202, 1801] {
      await session.connector.report(DeploymentTrouble(.failed, "no", time: time))
      await session.connector.report(DeploymentTrouble(.held(since: 600.4), "held", time: time))
    }
    let warnings = session.cluster.with { state in
      state.objects.values.filter { $0["type"] == "Warning" }
    }
    #expect(warnings.count == 3)
    #expect(Set(warnings.compactMap { $0["reason"]?.string }) == ["ScalingFailed", "ScalingHeld"])
    #expect(session.cluster.calls.count { $0.hasPrefix("POST") } == 4)
  }

  @Test("an order without an observation reads the deployment first")
  func withoutObservation() async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    let status = try await observed(try resource("v1beta1_disagg"))
    let outcome = try await session.connector.apply(order([.decode: 4], on: status, at: 1))
    #expect(outcome.applied == [.decode])
  }

  @Test("impossible numbers are refused", arguments: [-1, Int.max, Int(Int32.max) + 1])
  func impossible(_ count: Int) async throws {
    let session = try await ClusterSession(try resource("v1beta1_disagg"))
    await expectRefusal(.misconfigured) { try await session.scale([.decode: count]) }
  }
}
