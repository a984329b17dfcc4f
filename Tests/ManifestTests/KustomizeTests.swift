import Foundation
import TestSupport
import Testing
import Yams

@Suite("Manifests as kubectl reads them")
struct KustomizeTests {
  @Test("a set can be built, all of it in one namespace", arguments: Manifests.sets)
  func setCanBeBuilt(_ set: String) async throws {
    let objects = try await Manifests.objects(set)
    #expect(Set(objects.map { $0.at("metadata namespace")?.string }) == ["serving"])
    let kinds = Set(objects.compactMap { $0["kind"]?.string })
    #expect(
      kinds.isSuperset(of: [
        "ConfigMap", Manifests.hasDeployment(set) ? "Deployment" : "CronJob", "NetworkPolicy",
        "PersistentVolumeClaim", "Role", "RoleBinding",
        "ServiceAccount",
      ]))
    #expect(kinds.isDisjoint(with: [Manifests.hasDeployment(set) ? "CronJob" : "Deployment"]))
    #expect(!kinds.contains("Secret") && !kinds.contains("ClusterRole"))
    #expect(kinds.contains("Lease") == (set != "k8s/overlays/dry-run"))
  }

  @Test("kubectl create takes every object of a set", arguments: Manifests.sets)
  func kubectlCreateTakesEveryObject(_ set: String) async throws {
    let server = try StandInServer { Discovery.answer($0.path) }
    defer { server.stop() }
    let created = try await Manifests.kubectl([
      "create", "--server", server.url, "--dry-run=client", "--validate=false", "-o", "name", "-k",
      Manifests.path(set),
    ])
    #expect(created.split(separator: "\n").count == (try await Manifests.objects(set).count))
    #expect(server.requests.allSatisfy { $0.method == "GET" })
  }

  @Test(
    "kubectl create takes what is applied by itself",
    arguments: [
      "k8s/grafana-planner-dashboard-configmap.yaml", "k8s/prometheusrule.yaml",
      "k8s/podmonitor.yaml",
    ] + Manifests.deployments + Manifests.autoscalers)
  func kubectlCreateTakesWhatIsApplied(_ file: String) async throws {
    let server = try StandInServer { Discovery.answer($0.path) }
    defer { server.stop() }
    let created = try await Manifests.kubectl([
      "create", "--server", server.url, "--dry-run=client", "--validate=false", "-o", "name", "-f",
      Manifests.path(file),
    ])
    #expect(created.split(separator: "\n").count == 1)
  }

  /// `kubectl set env --local` decodes into the API's own types, and writes only what they know: a
  /// misspelt or misplaced field would be gone.
  @Test("the API's types know every field of the workload", arguments: Manifests.sets)
  func apisTypesKnowEveryField(_ set: String) async throws {
    let before = try await Manifests.workload(in: set)
    let typed = try await Manifests.kubectl(
      ["set", "env", "--local", "-f", "-", "-o", "yaml", "X=y"],
      input: try Yams.serialize(node: before))
    let after = try #require(try Yams.compose(yaml: typed))
    #expect(Self.missing(of: before, in: after) == [])
  }

  @Test("a misspelt field would be found")
  func misspeltFieldWouldBeFound() async throws {
    let text = try Yams.serialize(node: try await Manifests.object("CronJob", in: "k8s"))
      .replacing("backoffLimit", with: "backofLimit")
    let before = try #require(try Yams.compose(yaml: text))
    let typed = try await Manifests.kubectl(
      ["set", "env", "--local", "-f", "-", "-o", "yaml", "X=y"], input: text)
    let after = try #require(try Yams.compose(yaml: typed))
    #expect(Self.missing(of: before, in: after) == ["spec.jobTemplate.spec.backofLimit"])
  }

  @Test("one place names the deployment")
  func onePlaceNamesTheDeployment() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("manifests-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: Manifests.path("k8s")), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let settings = folder.appendingPathComponent("base/settings.yaml")
    try String(contentsOf: settings, encoding: .utf8)
      .replacing("NAME: chat", with: "NAME: my-other-bot")
      .write(to: settings, atomically: true, encoding: .utf8)
    for set in [""] + Manifests.overlays.map({ "overlays/\($0)" }) {
      let text = try await Manifests.kubectl(
        ["kustomize", folder.appendingPathComponent(set).path])
      let names = text.matches(of: /(\S*)chat(\S*)/).map(\.output.0)
      #expect(Set(names) == ["serving-chat"], "\(set)")
      #expect(text.contains("my-other-bot"))
    }
  }

  private static func missing(of before: Node, in after: Node?, at path: String = "") -> [String] {
    if let mapping = before.mapping {
      return mapping.flatMap { key, value in
        let name = key.string ?? "?"
        return missing(
          of: value, in: after?[name], at: path.isEmpty ? name : "\(path).\(name)")
      }
    }
    if let sequence = before.sequence {
      return sequence.enumerated().flatMap { index, value in
        missing(of: value, in: after?.at("\(index)"), at: "\(path).\(index)")
      }
    }
    return after?.scalar?.string == before.scalar?.string ? [] : [path]
  }
}

/// As much of an API server's discovery as kubectl asks for before it sends anything.
private enum Discovery {
  static let resources = [
    "v1": [
      ("configmaps", "ConfigMap"), ("serviceaccounts", "ServiceAccount"),
      ("persistentvolumeclaims", "PersistentVolumeClaim"),
    ],
    "apps/v1": [("deployments", "Deployment")],
    "autoscaling/v2": [("horizontalpodautoscalers", "HorizontalPodAutoscaler")],
    "keda.sh/v1alpha1": [("scaledobjects", "ScaledObject")],
    "batch/v1": [("cronjobs", "CronJob")], "coordination.k8s.io/v1": [("leases", "Lease")],
    "networking.k8s.io/v1": [("networkpolicies", "NetworkPolicy")],
    "rbac.authorization.k8s.io/v1": [("roles", "Role"), ("rolebindings", "RoleBinding")],
    "monitoring.coreos.com/v1": [
      ("prometheusrules", "PrometheusRule"), ("podmonitors", "PodMonitor"),
    ],
    "nvidia.com/v1alpha1": [("dynamographdeployments", "DynamoGraphDeployment")],
    "nvidia.com/v1beta1": [("dynamographdeployments", "DynamoGraphDeployment")],
  ]

  static func answer(_ path: String) -> StandInServer.Answer {
    switch path {
    case "/api": return .json(#"{"kind":"APIVersions","versions":["v1"]}"#)
    case "/apis": return .json(#"{"kind":"APIGroupList","apiVersion":"v1","groups":[\#(groups)]}"#)
    default:
      let group = path == "/api/v1" ? "v1" : String(path.dropFirst("/apis/".count))
      guard let resources = resources[group] else { return .text("not found", status: 404) }
      let list = resources.map {
        #"{"name":"\#($0.0)","singularName":"","namespaced":true,"kind":"\#($0.1)","verbs":["create","get"]}"#
      }.joined(separator: ",")
      return .json(
        #"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"\#(group)","resources":[\#(list)]}"#
      )
    }
  }

  private static var groups: String {
    let versions = resources.keys.filter { $0 != "v1" }.sorted()
    return Set(versions.map { String($0.prefix { $0 != "/" }) }).sorted().map { group in
      let all = versions.filter { $0.hasPrefix(group + "/") }.map {
        #"{"groupVersion":"\#($0)","version":"\#($0.dropFirst(group.count + 1))"}"#
      }
      return
        #"{"name":"\#(group)","versions":[\#(all.joined(separator: ","))],"preferredVersion":\#(all[all.count - 1])}"#
    }.joined(separator: ",")
  }
}
