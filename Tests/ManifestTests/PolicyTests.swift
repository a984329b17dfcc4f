import Foundation
import HTTPTransport
import Planning
import Settings
import TestSupport
import Testing
import Yams

@testable import Connectors

@Suite("Policy of the manifests")
struct PolicyTests {
  /// Source: Kubernetes, Pod Security Standards, profile "restricted".
  @Test("pods fit the restricted profile", arguments: Manifests.sets)
  func podsFitTheRestrictedProfile(_ set: String) async throws {
    let pod = try await Manifests.podSpec(set)
    #expect(pod.at("securityContext runAsNonRoot")?.bool == true)
    #expect(pod.at("securityContext runAsUser")?.int ?? 0 > 0)
    #expect(pod.at("securityContext seccompProfile type")?.string == "RuntimeDefault")
    for key in ["hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"] {
      #expect(pod[key] == nil)
    }
    let containers = try #require(pod["containers"]?.sequence)
    #expect(containers.count == 1)
    for container in containers {
      let context = try #require(container["securityContext"])
      #expect(context["allowPrivilegeEscalation"]?.bool == false)
      #expect(context["readOnlyRootFilesystem"]?.bool == true)
      #expect(context.at("capabilities drop")?.strings == ["ALL"])
      #expect(context.at("capabilities add") == nil && context["privileged"] == nil)
      #expect(container.at("resources requests memory") != nil)
      #expect(container.at("resources limits memory") != nil)
      #expect(container.at("resources limits cpu") != nil, "a quota on it asks for one")
      #expect((container["ports"] != nil) == Manifests.hasDeployment(set))
    }
    let allowed: Set<String> = ["configMap", "emptyDir", "persistentVolumeClaim"]
    for volume in pod["volumes"]?.sequence ?? [] {
      let kinds = Set((volume.mapping?.keys.compactMap(\.string) ?? []).filter { $0 != "name" })
      #expect(kinds.isSubset(of: allowed))
    }
  }

  /// What the API server would add or drop is a difference for ever in `kubectl diff`, or a conflict under
  /// server-side apply.
  @Test("the objects say what the API server would", arguments: Manifests.sets)
  func objectsSayWhatTheServerWould(_ set: String) async throws {
    for object in try await Manifests.objects(set) {
      #expect(object.at("metadata labels app.kubernetes.io/name")?.string == "sla-planner")
      #expect(Self.emptyLists(in: object) == [])
    }
    let variables = try #require(try await Manifests.podSpec(set).at("containers 0 env")?.sequence)
    for reference in variables.compactMap({ $0.at("valueFrom fieldRef") }) {
      #expect(reference["apiVersion"]?.string == "v1")
    }
  }

  private static func emptyLists(in node: Node, at path: String = "") -> [String] {
    if let sequence = node.sequence {
      return sequence.isEmpty ? [path] : sequence.flatMap { emptyLists(in: $0, at: path) }
    }
    return (node.mapping ?? [:]).flatMap { key, value in
      emptyLists(in: value, at: "\(path).\(key.string ?? "?")")
    }
  }

  @Test("the pods' account is the one that the Role is bound to", arguments: Manifests.sets)
  func podsAccountIsTheOne(_ set: String) async throws {
    let account = try await Manifests.podSpec(set)["serviceAccountName"]?.string
    #expect(account != "planner-serviceaccount", "the operator's webhook gives it a bypass")
    let binding = try await Manifests.object("RoleBinding", in: set)
    #expect(binding.at("subjects 0 name")?.string == account)
    #expect(
      binding.at("roleRef name")?.string
        == (try await Manifests.object("Role", in: set).at("metadata name")?.string))
    #expect(
      try await Manifests.object("ServiceAccount", in: set).at("metadata name")?.string == account)
  }

  @Test("the Role allows what the code uses and nothing else", arguments: Manifests.sets)
  func roleAllowsWhatTheCodeUses(_ set: String) async throws {
    let role = try await Manifests.object("Role", in: set)
    let isDryRun = set.hasSuffix("dry-run")
    let required = KubernetesPermission.required(
      namespace: "serving", deployment: "chat",
      adapters: set.hasSuffix("aggregated") ? ["chat-worker"] : ["chat-prefill", "chat-decode"],
      patchesDeployment: false, lease: "chat-planner", isDryRun: isDryRun)
    #expect(
      Self.grants(of: role)
        == Set(required.map { "\($0.verb) \($0.group) \($0.fullResource) \($0.name ?? "*")" }))
    if isDryRun {
      #expect(Set(required.map(\.verb)).isSubset(of: ["get", "list"]))
    } else {
      #expect(
        try await Manifests.object("Lease", in: set).at("metadata name")?.string == "chat-planner")
    }
  }

  static func grants(of role: Node) -> Set<String> {
    var grants: Set<String> = []
    for rule in role["rules"]?.sequence ?? [] {
      let names = rule["resourceNames"].map(\.strings) ?? ["*"]
      for group in rule["apiGroups"]?.strings ?? [] {
        for resource in rule["resources"]?.strings ?? [] {
          for verb in rule["verbs"]?.strings ?? [] {
            for name in names { grants.insert("\(verb) \(group) \(resource) \(name)") }
          }
        }
      }
    }
    return grants
  }

  @Test("what the container is started with is a valid configuration", arguments: Manifests.sets)
  func whatTheContainerIsStarted(_ set: String) async throws {
    let settings = try await Manifests.settings(set)
    #expect(settings.deploymentName == "chat")
    #expect(settings.state.path == "/state/planner.sqlite")
    #expect(settings.leaseName == "chat-planner")
    #expect(settings.isDryRun == set.hasSuffix("dry-run"))
    let name = String(set.split(separator: "/").last ?? "")
    #expect(
      (settings.load != nil) == ["aggregated", "both", "deployment", "load-only"].contains(name))
    #expect((settings.throughput != nil) == !["aggregated", "load-only"].contains(name))
    #expect(settings.mode == (name == "aggregated" ? .agg : .disagg))
    #expect((settings.repeatSeconds != nil) == (settings.load != nil))
  }

  @Test("a Deployment decides without end, one at a time, and is asked whether it is alive")
  func deploymentDecidesWithoutEnd() async throws {
    let set = "k8s/overlays/deployment"
    let settings = try await Manifests.settings(set)
    #expect(settings.repeatSeconds == .infinity)
    let container = try #require(try await Manifests.podSpec(set).at("containers 0"))
    #expect(container.at("ports 0 containerPort")?.int == settings.ownMetrics.port)
    #expect(container.at("livenessProbe httpGet path")?.string == "/healthz")
    #expect(container.at("livenessProbe httpGet port")?.string == "metrics")
    #expect(container.at("ports 0 name")?.string == "metrics")
    let deployment = try await Manifests.workload(in: set)
    #expect(deployment.at("spec replicas")?.int == 1)
    #expect(deployment.at("spec strategy type")?.string == "Recreate")
    #expect(
      deployment.at("spec selector matchLabels") == deployment.at("spec template metadata labels"))
    #expect(try await Manifests.podSpec(set)["restartPolicy"]?.string == "Always")
    let policy = try await Manifests.object("NetworkPolicy", in: set)
    #expect(policy.at("spec ingress 0 ports 0 port")?.int == settings.ownMetrics.port)
    let monitor = try #require(try Yams.compose(yaml: try Manifests.text("k8s/podmonitor.yaml")))
    #expect(
      monitor.at("spec selector matchLabels") == deployment.at("spec template metadata labels"))
    #expect(monitor.at("spec podMetricsEndpoints 0 port")?.string == "metrics")
  }

  @Test(
    "a Job lives longer than its run may take",
    arguments: Manifests.sets.filter { !Manifests.hasDeployment($0) })
  func jobLivesLongerThanItsRunMayTake(_ set: String) async throws {
    let settings = try await Manifests.settings(set)
    let cronJob = try await Manifests.object("CronJob", in: set)
    let active = try #require(cronJob.at("spec jobTemplate spec activeDeadlineSeconds")?.int)
    // The last round may begin just before the time is used up; 60 s for pulling and starting.
    let longest = (settings.repeatSeconds ?? 0) + settings.deadlineSeconds
    #expect(Double(active) >= longest + 60)
    #expect((settings.repeatSeconds ?? 0) < 60, "the next start is due after a minute")
    #expect(settings.leaseSeconds > settings.deadlineSeconds)
    #expect(cronJob.at("spec startingDeadlineSeconds")?.int ?? 0 >= 10)
    #expect(cronJob.at("spec schedule")?.string == "* * * * *")
    #expect(cronJob.at("spec concurrencyPolicy")?.string == "Forbid")
    #expect(cronJob.at("spec jobTemplate spec backoffLimit")?.int == 0)
    #expect(cronJob.at("spec jobTemplate spec template spec restartPolicy")?.string == "Never")
    #expect(cronJob.at("spec suspend")?.bool == set.hasSuffix("suspended"))
  }

  @Test(
    "the example deployments are ones that the planner scales", arguments: Manifests.deployments)
  func exampleDeploymentsAreOnes(_ file: String) async throws {
    let object = try #require(try Yams.load(yaml: try Manifests.text(file)) as? [String: Any])
    var stored = object
    let metadata = (object["metadata"] as? [String: Any] ?? [:])
      .merging(["resourceVersion": "1"]) { $1 }
    stored["metadata"] = metadata
    let json = try JSONSerialization.data(withJSONObject: stored)
    let version = file.contains("v1alpha1") ? "v1alpha1" : "v1beta1"
    let api = KubernetesAPI(
      access: KubernetesAccess(server: "https://none", http: HTTPAccess(), namespace: "serving"),
      client: CurlHTTPClient(version: "test"))
    let deployment = try api.deployment(
      in: HTTPResponse(status: 200, body: Array(json)),
      of: KubernetesCall(.get, .deployments(version), namespace: "serving", name: "chat"),
      version: version)
    let mode: DeploymentMode = file.contains("agg-") && !file.contains("disagg") ? .agg : .disagg
    var components: [Component: GraphComponent] = [:]
    for kind in mode.components {
      components[kind] = try deployment.component(for: kind, mode: mode, backend: "vllm")
    }
    #expect(
      components.values.allSatisfy { $0.hasScalingAdapter } == !file.contains("/agg-v1alpha1"))
    let status = deployment.status(of: components, mode: mode)
    #expect(
      status.components.values.allSatisfy { $0.replicas == 1 && ($0.gpusPerReplica ?? 0) > 0 })
    #expect(status.modelName == "qwen3-8b")
  }
}
