import Connectors
import HTTPTransport
import Invocation
import Synchronization
import TestSupport
import Testing

@Suite("The deployment's Lease in the cluster", .sharedCertificates)
struct KubernetesLeaseTests {
  private let cluster: StandInCluster

  init() async throws {
    cluster = try await standInCluster()
    cluster.with { state in
      state.objects[state.leasePath("sla-planner-chat")] = [
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": [
          "name": "sla-planner-chat", "namespace": "serving", "resourceVersion": "10",
          "labels": ["app": "sla-planner"], "annotations": ["note": "made by hand"],
        ],
      ]
    }
  }

  private func lease(_ holder: String, name: String = "sla-planner-chat") -> KubernetesLease {
    let access = KubernetesAccess(
      server: cluster.url,
      http: HTTPAccess(
        token: .value("secret-token-1"), caFile: cluster.certificates.authority.certificate),
      namespace: "serving")
    return KubernetesLease(
      api: KubernetesAPI(access: access, client: realHTTPClient(), pause: { _ in }), name: name,
      holder: holder, durationSeconds: 60)
  }

  private var stored: JSON? { cluster.object("leases/sla-planner-chat") }

  @Test("it is taken, renewed, given back and taken by the next")
  func life() async throws {
    #expect(try await lease("a").acquire(at: 1000.25) == .acquired)
    #expect(stored?[path: "spec/holderIdentity"] == "a")
    #expect(stored?[path: "spec/acquireTime"] == "1970-01-01T00:16:40.250000Z")
    #expect(stored?[path: "spec/leaseTransitions"] == 1)
    #expect(stored?[path: "metadata/labels/app"] == "sla-planner")
    #expect(stored?[path: "metadata/annotations/note"] == "made by hand")

    #expect(try await lease("a").acquire(at: 1010) == .acquired)
    #expect(stored?[path: "spec/renewTime"] == "1970-01-01T00:16:50.000000Z")
    #expect(stored?[path: "spec/acquireTime"] == "1970-01-01T00:16:40.250000Z")

    #expect(try await lease("b").acquire(at: 1069) == .held(by: "a", until: 1070))
    try await lease("b").release()
    #expect(stored?[path: "spec/holderIdentity"] == "a")
    try await lease("a").release()
    #expect(stored?[path: "spec/holderIdentity"] == "")
    #expect(try await lease("b").acquire(at: 1012) == .acquired)
    #expect(stored?[path: "spec/leaseTransitions"] == 2)
  }

  @Test("one that was given back takes two requests, and a stranger's hand is noticed")
  func requests() async throws {
    let mine = lease("a")
    #expect(try await mine.acquire(at: 1000) == .acquired)
    try await mine.release()
    // A Lease that nobody ever had is read first.
    #expect(cluster.calls.map { $0.prefix(3) } == ["PAT", "GET", "PUT", "PUT"])
    #expect(stored?[path: "spec/holderIdentity"] == "")

    #expect(try await mine.acquire(at: 1000) == .acquired)
    #expect(stored?[path: "spec/renewTime"] == "1970-01-01T00:16:40.000000Z")
    #expect(stored?[path: "spec/leaseDurationSeconds"] == 60)
    #expect(try await mine.acquire(at: 1030) == .acquired)
    #expect(stored?[path: "spec/renewTime"] == "1970-01-01T00:17:10.000000Z")
    #expect(cluster.calls.dropFirst(4).map { $0.prefix(3) } == ["PAT", "PUT"])
    cluster.with { state in
      state.change(state.leasePath("sla-planner-chat")) { $0[path: "spec/holderIdentity"] = "b" }
    }
    try await mine.release()
    #expect(stored?[path: "spec/holderIdentity"] == "b")
  }

  @Test("one may look who has it without taking it")
  func looking() async throws {
    #expect(try await lease("b").otherHolder(at: 1000) == nil)
    #expect(try await lease("a").acquire(at: 1000) == .acquired)
    let other = try await lease("b").otherHolder(at: 1059)
    #expect(other?.name == "a" && other?.end == 1060)
    #expect(try await lease("a").otherHolder(at: 1059) == nil)
    #expect(try await lease("b").otherHolder(at: 1060) == nil)
    #expect(cluster.calls.filter { $0.hasPrefix("PUT") }.count == 1)
  }

  @Test("without the right to patch it is read and replaced")
  func withoutPatch() async throws {
    cluster.with { $0.forbidden = ["patch leases"] }
    for _ in 1...2 {
      let mine = lease("a")
      #expect(try await mine.acquire(at: 1000) == .acquired)
      try await mine.release()
    }
    #expect(stored?[path: "spec/holderIdentity"] == "")
    #expect(stored?[path: "spec/leaseTransitions"] == 3)
  }

  @Test("it is given back although the invocation's time is up")
  func lateRelease() async throws {
    let client = ReplacedClient(realHTTPClient())
    let access = KubernetesAccess(
      server: cluster.url,
      http: HTTPAccess(
        token: .value("secret-token-1"), caFile: cluster.certificates.authority.certificate),
      namespace: "serving")
    let mine = KubernetesLease(
      api: KubernetesAPI(
        access: access, client: client, lateClient: { realHTTPClient() }, pause: { _ in }),
      name: "sla-planner-chat", holder: "a", durationSeconds: 60)
    #expect(try await mine.acquire(at: 1000) == .acquired)
    // Its time is up before it has begun.
    client.current.withLock { $0 = CurlHTTPClient(version: "test", deadlineSeconds: 0.001) }
    await #expect(throws: ConnectorError.self) { try await mine.otherHolder(at: 1001) }
    try await mine.release()
    #expect(stored?[path: "spec/holderIdentity"] == "")
  }

  @Test("it is taken over when its holder did not renew it")
  func expired() async throws {
    #expect(try await lease("a").acquire(at: 1000) == .acquired)
    #expect(try await lease("b").acquire(at: 1060) == .acquired)
    #expect(stored?[path: "spec/holderIdentity"] == "b")
  }

  @Test(
    "no holder is believed to have it for longer from now than one's own lease would last",
    arguments: [
      // Renewed by a clock that is a day ahead; for ever; by a clock ten seconds ahead.
      ("1970-01-02T00:16:40Z", 60, nil), ("1970-01-01T00:16:40Z", 1_000_000, 1060.0),
      ("1970-01-01T00:16:50Z", 60, 1060.0),
    ])
  func endless(renewed: String, seconds: Int, end: Double?) async throws {
    cluster.with { state in
      state.change(state.leasePath("sla-planner-chat")) {
        $0["spec"] = [
          "holderIdentity": "x", "leaseDurationSeconds": .number(Double(seconds)),
          "renewTime": .string(renewed),
        ]
      }
    }
    #expect(try await lease("a").otherHolder(at: 1000)?.end == end)
  }

  @Test("of two that want it at once, one gets it and the other sees who")
  func race() async throws {
    let winner = lease("winner")
    cluster.on(
      "PUT", "leases/sla-planner-chat",
      .interference { state in
        state.change(state.leasePath("sla-planner-chat")) {
          $0["spec"] = [
            "holderIdentity": "winner", "leaseDurationSeconds": 60,
            "renewTime": "1970-01-01T00:16:40.000000Z",
          ]
        }
      })
    #expect(try await lease("loser").acquire(at: 1000) == .held(by: "winner", until: 1060))
    #expect(try await winner.acquire(at: 1001) == .acquired)
  }

  @Test("a renewal whose answer was lost counts as taken")
  func lostAnswer() async throws {
    cluster.on("PUT", "leases/sla-planner-chat", .afterwards(.hangUp))
    #expect(try await lease("a").acquire(at: 1000) == .acquired)
  }

  @Test("a missing Lease and a missing right say what to do")
  func missing() async throws {
    let error = await expectRefusal(.misconfigured) {
      try await lease("a", name: "another").acquire(at: 0)
    }
    #expect(error.contains("Create it with k8s/base/lease.yaml"))
    cluster.with { $0.forbidden = ["update leases"] }
    let denied = await expectRefusal(.permissionDenied) { try await lease("a").acquire(at: 0) }
    #expect(
      denied.contains(
        #"- {apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: ["sla-planner-chat"], verbs: ["update"]}"#
      ))
  }

  @Test("broken times of another holder count as run out")
  func brokenTimes() async throws {
    cluster.with { state in
      state.change(state.leasePath("sla-planner-chat")) {
        $0["spec"] = ["holderIdentity": "x", "leaseDurationSeconds": 60, "renewTime": "soon"]
      }
    }
    #expect(try await lease("a").acquire(at: 1000) == .acquired)
  }

  @Test("the cluster is asked whether each permission is granted")
  func permissions() async throws {
    let permissions = KubernetesPermission.required(
      namespace: "serving", deployment: "chat", adapters: ["chat-prefill", "chat-decode"],
      patchesDeployment: false, lease: "sla-planner-chat", isDryRun: false)
    #expect(
      permissions.map { "\($0.verb) \($0.fullResource) \($0.name ?? "*")" } == [
        "get dynamographdeployments chat", "list dynamographdeployments *",
        "list dynamographdeploymentscalingadapters *",
        "get dynamographdeploymentscalingadapters/scale chat-prefill",
        "patch dynamographdeploymentscalingadapters/scale chat-prefill",
        "get dynamographdeploymentscalingadapters/scale chat-decode",
        "patch dynamographdeploymentscalingadapters/scale chat-decode",
        "get leases sla-planner-chat", "update leases sla-planner-chat",
        "patch leases sla-planner-chat", "create events *",
      ])
    cluster.with { $0.forbidden = ["patch dynamographdeploymentscalingadapters/scale"] }
    let access = KubernetesAccess(
      server: cluster.url,
      http: HTTPAccess(
        token: .value("secret-token-1"), caFile: cluster.certificates.authority.certificate),
      namespace: "serving")
    let api = KubernetesAPI(access: access, client: realHTTPClient())
    var denied: [KubernetesPermission] = []
    for permission in permissions where try await !permission.isGranted(by: api) {
      denied.append(permission)
    }
    #expect(denied.map(\.verb) == ["patch", "patch"])
    #expect(
      permissions.filter { !$0.isEssential }.map(\.verb) == ["list", "list", "patch", "create"])
    let dryRun = KubernetesPermission.required(
      namespace: "serving", deployment: "chat", adapters: ["chat-decode"],
      patchesDeployment: true, lease: "l", isDryRun: true)
    #expect(Set(dryRun.map(\.verb)) == ["get", "list"])
  }
}

/// A client that a test may replace by another one.
private final class ReplacedClient: HTTPClient {
  let current: Mutex<any HTTPClient>

  init(_ client: any HTTPClient) { current = Mutex(client) }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    try await current.withLock { $0 }.send(request)
  }
}
