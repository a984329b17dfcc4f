import Foundation
import Planning
import Settings
import TestSupport
import Testing
import Yams

@testable import Connectors

@Suite("The Helm chart")
struct ChartTests {
  /// A set of manifests, and the values that make the chart say the same.
  struct Twin: Sendable, CustomTestStringConvertible {
    let set: String
    var release = "sla-planner"
    let values: @Sendable () throws -> [String: Any]
    var testDescription: String { self.set }
  }

  static let byThroughput: @Sendable () throws -> [String: Any] = {
    ["profile": try Chart.profile(), "image": ["tag": "latest"]]
  }

  static let twins = [
    Twin(set: "k8s", values: byThroughput),
    Twin(set: "k8s/overlays/load-only") { ["image": ["tag": "latest"]] },
    Twin(set: "k8s/overlays/both") {
      try byThroughput().merging(["scaling": ["load": true]]) { $1 }
    },
    Twin(set: "k8s/overlays/aggregated") {
      ["config": ["mode": "agg"], "image": ["tag": "latest"]]
    },
    Twin(set: "k8s/overlays/suspended") {
      try byThroughput().merging(["cronJob": ["suspend": true]]) { $1 }
    },
    Twin(set: "k8s/overlays/dry-run", release: "sla-planner-dry-run") {
      try byThroughput().merging(["dryRun": true]) { $1 }
    },
    Twin(set: "k8s/overlays/deployment") {
      try byThroughput().merging(["kind": "Deployment", "scaling": ["load": true]]) { $1 }
    },
  ]

  /// What only a release has: its own labels, and a note to Helm.
  private static let helmsOwn =
    [".metadata.labels", ".spec.jobTemplate.spec.template.metadata"]
    .flatMap { path in
      ["instance", "managed-by", "version"].map { "\(path).app.kubernetes.io/\($0)" }
    } + [
      ".metadata.labels.helm.sh/chart", ".metadata.annotations.helm.sh/resource-policy",
      ".spec.jobTemplate.spec.template.metadata.labels.app.kubernetes.io/instance",
      ".spec.template.metadata.labels.app.kubernetes.io/instance",
      ".spec.selector.matchLabels.app.kubernetes.io/instance",
      ".spec.podSelector.matchLabels.app.kubernetes.io/instance",
      ".spec.template.metadata.annotations.checksum/configuration",
    ]

  /// How options reach the container is each one's own; what comes of them is compared.
  private static let ways = ["args", "env"].flatMap { part in
    ["jobTemplate.spec.template.spec", "template.spec"].map { ".spec.\($0).containers.0.\(part)" }
  }

  /// kustomize puts a suffix behind a name, Helm the release before it.
  private static func renamed(_ name: String) -> String {
    guard let match = name.wholeMatch(of: /sla-planner-([a-z]+)-dry-run/) else { return name }
    return "sla-planner-dry-run-\(match.1)"
  }

  private static func isConfiguration(_ object: Node) -> Bool {
    object["data"]?["planner.yaml"] != nil
  }

  private static func byName(_ objects: [Node]) throws -> [String: Node] {
    try objects.reduce(into: [:]) { found, object in
      guard object.at("metadata annotations helm.sh/hook") == nil else { return }
      let kind = try #require(object["kind"]?.string)
      let name = renamed(try #require(object.at("metadata name")?.string))
      found["\(kind) \(name)"] = object
    }
  }

  @Test("says object by object what kustomize makes of the same wishes", arguments: Self.twins)
  func saysTheSame(_ twin: Twin) async throws {
    let expected = try Self.byName(try await Manifests.objects(twin.set))
    let made = try Self.byName(
      try await Chart.objects(try twin.values(), release: twin.release))
    #expect(made.keys.sorted() == expected.keys.sorted())
    for (name, object) in made {
      let other = try #require(expected[name])
      // A page of options in another order is the same page: compared below.
      let ignored =
        Self.helmsOwn + Self.ways + (Self.isConfiguration(object) ? [".data"] : [])
      let lines = FlatObject(object, ignoring: ignored).lines
      let otherLines = FlatObject(other, ignoring: ignored, rename: Self.renamed).lines
      #expect(lines.subtracting(otherLines).sorted() == [], "only the chart's \(name) says so")
      #expect(otherLines.subtracting(lines).sorted() == [], "only kustomize's \(name) says so")
    }
  }

  @Test(
    "starts a run with the settings that the kustomize set starts it with", arguments: Self.twins)
  func startsTheSame(_ twin: Twin) async throws {
    var made = try Manifests.startedSettings(
      try await Chart.objects(try twin.values(), release: twin.release))
    var expected = try await Manifests.settings(twin.set)
    // Where a value came from differs; what it is does not.
    made.entries = []
    expected.entries = []
    #expect(made == expected)
  }

  @Test("has nothing that helm lint minds but the missing picture")
  func lint() async throws {
    struct Result: Decodable {
      struct Message: Decodable {
        var severity: Int
        var error: String
      }
      var messages: [Message]
      var errors: [String]
    }
    for values in [[:], ["dryRun": true], try Self.byThroughput()] {
      let outcome = try await Chart.lint(values)
      #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
      let result = try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
      #expect(result.errors == [])
      #expect(result.messages.map(\.error) == ["icon is recommended"])
    }
  }

  @Test(
    "wishes that contradict each other are refused with what to do",
    arguments: [
      (#"{"deployment": ""}"#, "/deployment"),
      (#"{"deploymnet": "chat"}"#, "'deploymnet' not allowed"),
      (#"{"scaling": {"throughput": true}}"#, "--set-file profile.prefill"),
      (#"{"scaling": {"load": false}}"#, "both off"),
      (#"{"persistence": {"enabled": false}}"#, "kind=Deployment"),
      (#"{"environment": "metric"}"#, "metrics.pushgatewayURL"),
      (#"{"metrics": {"podMonitor": {"enabled": true}}}"#, "kind=Deployment"),
      (#"{"serviceAccount": {"name": "planner-serviceaccount"}}"#, "/serviceAccount/name"),
      (#"{"config": {"no_operation": true}}"#, "/config/no_operation"),
    ])
  func refused(_ values: String, _ part: String) async throws {
    let object = try JSONSerialization.jsonObject(with: Data(values.utf8))
    let outcome = try await Chart.render(try #require(object as? [String: Any]))
    #expect(outcome.exit == .code(1))
    #expect(outcome.errorOutput.contains(part), "\(outcome.errorOutput)")
  }

  @Test("one value is enough: it scales by the load of each worker, and a dry run is one more")
  func oneValue() async throws {
    let objects = try await Chart.objects([:])
    let settings = try Manifests.startedSettings(objects)
    #expect(settings.deploymentName == "chat" && settings.throughput == nil)
    #expect(settings.load != nil && settings.repeatSeconds == 55 && !settings.isDryRun)
    let dry = try await Chart.objects(["dryRun": true])
    #expect(try Manifests.startedSettings(dry).isDryRun)
    #expect(!dry.contains { $0["kind"]?.string == "Lease" })
  }

  private static func grants(_ objects: [Node]) throws -> Set<String> {
    PolicyTests.grants(of: try #require(objects.first { $0["kind"]?.string == "Role" }))
  }

  @Test("the Role allows what the code uses and nothing else, with each of the chart's switches")
  func role() async throws {
    func expected(
      adapters: [String] = ["chat-prefill", "chat-decode"], patches: Bool = false,
      listsPods: Bool = false, isDryRun: Bool = false
    ) -> Set<String> {
      let required = KubernetesPermission.required(
        namespace: "serving", deployment: "chat", adapters: adapters, patchesDeployment: patches,
        lease: "chat-planner", listsPods: listsPods, isDryRun: isDryRun)
      return Set(required.map { "\($0.verb) \($0.group) \($0.fullResource) \($0.name ?? "*")" })
    }
    #expect(
      try Self.grants(
        try await Chart.objects(["rbac": ["patchDeployment": true, "listPods": true]]))
        == expected(patches: true, listsPods: true))
    #expect(
      try Self.grants(try await Chart.objects(["components": ["PrefillWorker"]]))
        == expected(adapters: ["chat-prefillworker"]))
    let publishing = try await Chart.objects(["kind": "Deployment", "environment": "metric"])
    #expect(try Self.grants(publishing) == expected(isDryRun: true))
    #expect(try Manifests.startedSettings(publishing).environment == .metric)
    #expect(!publishing.contains { $0["kind"]?.string == "Lease" })
  }

  @Test("without a volume the Deployment's state lives as long as its pod")
  func withoutVolume() async throws {
    let objects = try await Chart.objects(
      ["kind": "Deployment", "persistence": ["enabled": false]])
    #expect(!objects.contains { $0["kind"]?.string == "PersistentVolumeClaim" })
    let pod = try #require(objects.compactMap(\.podSpec).first)
    let volume = pod["volumes"]?.sequence?.first { $0["name"]?.string == "state" }
    #expect(volume?["emptyDir"] != nil)
    let settings = try Manifests.startedSettings(objects)
    #expect(settings.state.path == "/state/planner.sqlite")
  }

  @Test("monitoring says what the manifests of k8s say")
  func monitoring() async throws {
    let objects = try await Chart.objects([
      "kind": "Deployment",
      "metrics": [
        "podMonitor": ["enabled": true], "prometheusRule": ["enabled": true],
        "dashboard": ["enabled": true],
      ],
    ])
    for (kind, name, file) in [
      ("PodMonitor", "sla-planner", "k8s/podmonitor.yaml"),
      ("PrometheusRule", "sla-planner", "k8s/prometheusrule.yaml"),
      ("ConfigMap", "sla-planner-dashboard", "k8s/grafana-planner-dashboard-configmap.yaml"),
    ] {
      let made = try #require(
        objects.first { $0["kind"]?.string == kind && $0.at("metadata name")?.string == name })
      let written = try #require(try Yams.compose(yaml: try Manifests.text(file)))
      let ignored = [".metadata.name", ".metadata.namespace"]
      let lines = FlatObject(written, ignoring: ignored).lines
      let ours = FlatObject(made, ignoring: ignored + Self.helmsOwn).lines
      #expect(lines.subtracting(ours).sorted() == [])
      let labels = ours.subtracting(lines).filter { !$0.hasPrefix(".metadata.labels.app.kub") }
      #expect(labels.sorted() == [])
    }
  }

  @Test("two releases in a namespace share nothing but the lease of the deployment they are about")
  func twoReleases() async throws {
    func names(_ release: String, _ deployment: String) async throws -> Set<String> {
      let objects = try await Chart.objects(["deployment": deployment], release: release)
      return Set(
        objects.map { "\($0["kind"]?.string ?? "") \($0.at("metadata name")?.string ?? "")" })
    }
    let one = try await names("one", "chat")
    #expect(one.isDisjoint(with: try await names("two", "code")))
    #expect(one.intersection(try await names("two", "chat")) == ["Lease chat-planner"])
    #expect(one.contains("CronJob one-sla-planner"))
  }

  @Test("helm test runs validate with the release's rights and settings")
  func helmTest() async throws {
    let objects = try await Chart.objects([:])
    let pod = try #require(objects.first { $0["kind"]?.string == "Pod" })
    #expect(pod.at("metadata annotations helm.sh/hook")?.string == "test")
    let container = try #require(pod.at("spec containers 0"))
    #expect(
      container["args"]?.strings == ["validate", "--config", "/etc/sla-planner/planner.yaml"])
    let cronJob = try #require(objects.compactMap(\.podSpec).first)
    let differs = [".containers.0.args", ".volumes.0"]
    #expect(
      FlatObject(try #require(pod["spec"]), ignoring: differs).lines
        == FlatObject(cronJob, ignoring: differs).lines)
  }

  @Test("the chart's version is the program's")
  func version() throws {
    let chart = try #require(
      try Yams.compose(yaml: try Manifests.text("charts/sla-planner/Chart.yaml")))
    let version = try #require(chart["version"]?.string)
    #expect(chart["appVersion"]?.string == version)
    #expect(
      try Manifests.text("Sources/Application/Run/Version.swift").contains("\"\(version)\""))
  }
}
