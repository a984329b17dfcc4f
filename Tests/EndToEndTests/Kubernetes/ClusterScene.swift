import Foundation
import Invocation
import Planning
import StateStore
import TestSupport
import Testing

/// One deployment in a stand-in cluster: its planner, its state file, and the operator.
///
/// It asks for 2 prefill replicas of 1 GPU and 3 decode replicas of 8 GPUs. The traffic is
/// ``KnownTraffic/wave``, whose name the deployment tells, so that it needs after interval
///
///     8 (1800 requests)    1 prefill, ceil(2.83 / 8) = 1 decode
///     9 (5400)             2          ceil(8.49 / 8) = 2
///     10 (9000)            3          ceil(14.2 / 8) = 2
///     11 (3600)            1          ceil(5.66 / 8) = 1
struct ClusterScene: Sendable {
  static let deployment = "serving/chat"

  let cluster: StandInCluster
  let folder: TemporaryFolder
  let version: String
  let hasAdapters: Bool
  /// The planner as its schedule would run it; `run(_:)` adds the time.
  var planner: Planner

  /// Starts a cluster with the deployment `chat`, after `change` was made to it.
  init(
    _ version: String = "v1beta1", hasAdapters: Bool = true,
    _ change: (inout JSON) -> Void = { _ in }
  ) async throws {
    let servers = try Servers.current()
    self.version = version
    self.hasAdapters = hasAdapters
    folder = try TemporaryFolder()
    cluster = try await StandInCluster(
      version: version, certificates: ClusterCertificates.current)
    planner = Planner(
      flags: [
        "environment": "kubernetes", "deployment": "chat",
        "profile-results-dir": Fixture.url(KnownTraffic.profile).path,
        "state": folder.file("planner.sqlite"),
        "prometheus-endpoint": servers.prometheus.endpoint, "load-predictor": "constant",
        "sizing": "capacity",
        "no-correction": "", "itl": "\(KnownTraffic.itlTarget)", "max-gpu-budget": "-1",
        "catch-up-intervals": "5", "output": "json",
      ], directory: folder.path)
    try planner.environment["KUBECONFIG"] = kubeconfig()

    var deployment = try JSON(try Fixture.data("kubernetes/\(version)_disagg.json"))
    for kind in ["prefill", "decode"] {
      if version == "v1beta1" {
        deployment[path: "status/components/\(kind)/servedModelName"] = .string(KnownTraffic.wave)
      }
      if !hasAdapters { deployment[path: path(kind) + "/scalingAdapter"] = nil }
    }
    if version == "v1alpha1" {
      deployment[path: path("decode") + "/extraPodSpec/mainContainer/args"] = [
        .string("--model Qwen/Qwen3-8B --served-model-name \(KnownTraffic.wave)")
      ]
    }
    change(&deployment)
    let final = deployment
    cluster.with { state in
      state.add(deployment: final)
      state.addLease("chat-planner")
    }
  }

  var state: StateFile {
    StateFile(path: folder.file("planner.sqlite"), deployment: Self.deployment)
  }

  /// The path of a component in the deployment.
  func path(_ component: String) -> String {
    switch (version, component) {
    case ("v1alpha1", _): "spec/services/\(component)"
    case (_, "prefill"): "spec/components/2"
    default: "spec/components/3"
    }
  }

  // MARK: Running

  /// The planner half a minute after the end of an interval.
  func planner(after interval: Int) -> Planner {
    planner.with(["now": "\(TrafficHistory.end(interval) + 30)"])
  }

  /// Runs the planner half a minute after the end of an interval.
  func run(after interval: Int) async throws -> PlannerRun {
    try await planner(after: interval).run()
  }

  /// Writes a kubeconfig, as people have it, and returns its path.
  func kubeconfig(
    _ name: String = "kubeconfig", server: String? = nil, cluster settings: String? = nil,
    user: String = "{token: secret-token-1}", namespace: String = "serving"
  ) throws -> String {
    let authority = cluster.certificates.authority.certificate
    return try folder.write(
      name,
      """
      apiVersion: v1
      kind: Config
      current-context: here
      contexts:
      - name: here
        context: {cluster: c, user: 'u', namespace: \(namespace)}
      clusters:
      - name: c
        cluster:
          server: "\(server ?? cluster.url)"
          \(settings ?? "certificate-authority: \(authority)")
      users:
      - name: u
        user: \(user)
      """)
  }

  // MARK: The cluster

  /// The replicas that are asked for, wherever they are set.
  func asked(_ component: String) -> Int? {
    hasAdapters
      ? cluster.object("scalingadapters/chat-\(component)")?[path: "spec/replicas"]?.int
      : cluster.object("deployments/chat")?[path: path(component) + "/replicas"]?.int
  }

  /// Asks for other replicas, as another writer would.
  func ask(_ component: String, _ replicas: Int) {
    let path = path(component)
    let hasAdapters = hasAdapters
    cluster.with { state in
      if hasAdapters {
        state.change(state.adapterPath("chat-\(component)")) {
          $0[path: "spec/replicas"] = .number(Double(replicas))
        }
      } else {
        state.change(state.deploymentPath("chat")) {
          $0[path: path + "/replicas"] = .number(Double(replicas))
        }
      }
    }
  }

  /// The operator does what is asked: the deployment takes its adapters' counts over, and all of
  /// its workers become ready.
  func operate() {
    let counts = ["prefill", "decode"].map { (name: $0, path: path($0), replicas: asked($0)) }
    let status = version == "v1beta1" ? "status/components" : "status/services"
    cluster.with { state in
      let deployment = state.deploymentPath("chat")
      state.change(deployment) { object in
        for count in counts {
          object[path: count.path + "/replicas"] = .number(Double(count.replicas ?? 1))
        }
      }
      state.change(deployment) { object in
        object[path: "status/observedGeneration"] = object[path: "metadata/generation"]
        for count in counts {
          for field in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] {
            object[path: "\(status)/\(count.name)/\(field)"] = .number(Double(count.replicas ?? 1))
          }
        }
      }
    }
  }

  /// The requests since `count` of them, without reading.
  func writes(since count: Int = 0) -> [String] {
    cluster.calls.dropFirst(count).filter { !$0.hasPrefix("GET") }
  }

  /// Who has the deployment's Lease; empty for nobody.
  var leaseHolder: String? {
    cluster.object("leases/chat-planner")?[path: "spec/holderIdentity"]?.string
  }

  /// Lets the leases run out that a killed planner has left, in the cluster and in the state file.
  func expireLeases() throws {
    let owner = try #require(leaseHolder)
    cluster.with { state in
      state.change(state.leasePath("chat-planner")) {
        $0[path: "spec/renewTime"] = "2000-01-01T00:00:00.000000Z"
      }
    }
    _ = try SQLiteStateStore(StateFileSettings(path: state.path), deployment: Self.deployment)
      .begin(owner: owner, now: 0, leaseSeconds: 1)
  }

  /// The events on the deployment, in the order of their names.
  var events: [JSON] {
    cluster.with { state in
      state.objects.filter { $0.key.contains("/events/") }.sorted { $0.key < $1.key }.map(\.value)
    }
  }
}

extension ClusterState {
  /// Puts a Lease there, as `k8s/base/lease.yaml` makes it, or one that somebody holds.
  mutating func addLease(_ name: String, holder: String? = nil, renewedAt time: Double = 0) {
    var lease: JSON = [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "resourceVersion": "1",
      ],
    ]
    if let holder {
      let second = Date(timeIntervalSince1970: time).ISO8601Format().dropLast()
      lease["spec"] = [
        "holderIdentity": .string(holder), "leaseDurationSeconds": 60,
        "renewTime": .string(second + ".000000Z"),
      ]
    }
    objects[leasePath(name)] = lease
  }
}

/// Makes the certificates once for all clusters of a suite.
struct ClusterCertificates: SuiteTrait, TestScoping {
  @TaskLocal static var current: TestCertificates?

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await Self.$current.withValue(try await TestCertificates()) { try await function() }
  }
}

extension EndToEnd {
  /// Runs the program against a cluster over TLS.
  @Suite("Kubernetes", ClusterCertificates())
  enum Kubernetes {}
}
