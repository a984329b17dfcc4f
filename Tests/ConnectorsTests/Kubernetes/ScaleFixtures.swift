import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport

/// Workloads of a vLLM server as an API server returns them.
enum Workloads {
  /// A pod's spec with so many GPUs.
  static func pod(
    gpus: Int = 1, resource: String = "nvidia.com/gpu",
    arguments: [JSON] = ["--model", "Qwen/Qwen3-8B", "--served-model-name=qwen3-8b"]
  ) -> JSON {
    [
      "containers": [
        [
          "name": "vllm", "args": .array(arguments),
          "resources": ["limits": .object([resource: .string("\(gpus)")])],
        ]
      ]
    ]
  }

  static func labels(_ name: String) -> JSON {
    ["matchLabels": ["app": .string(name)]]
  }

  static func deployment(
    _ name: String, replicas: Int = 2, pod: JSON = pod(), _ changes: [(String, JSON?)] = []
  ) -> JSON {
    JSON.object([
      "spec": [
        "replicas": .number(Double(replicas)), "selector": labels(name), "template": ["spec": pod],
      ],
      "status": status(replicas),
    ]).with(changes)
  }

  static func status(_ replicas: Int) -> JSON {
    let count = JSON.number(Double(replicas))
    return [
      "observedGeneration": 1, "replicas": count, "updatedReplicas": count,
      "readyReplicas": count, "availableReplicas": count,
    ]
  }

  static func leaderWorkerSet(
    replicas: Int = 2, size: Int = 3, leader: JSON? = pod(gpus: 1), worker: JSON = pod(gpus: 4)
  ) -> JSON {
    var template: JSON = ["size": .number(Double(size)), "workerTemplate": ["spec": worker]]
    if let leader { template["leaderTemplate"] = ["spec": leader] }
    var status = status(replicas)
    status["hpaPodSelector"] = "leaderworkerset.sigs.k8s.io/name=lws,worker-index=0"
    return [
      "spec": ["replicas": .number(Double(replicas)), "leaderWorkerTemplate": template],
      "status": status,
    ]
  }
}

/// A connector to workloads in a stand-in cluster over TLS.
struct ScaleSession {
  let cluster: StandInCluster
  let connector: ScaleConnector

  /// Starts a cluster with `objects`, each with its plural and name.
  init(
    _ targets: [Component: String], isDryRun: Bool = false,
    _ objects: [(String, String, JSON)]
  ) async throws {
    cluster = try await standInCluster()
    cluster.with { state in
      state.served = ServedKind.usual
      for (plural, name, object) in objects { state.add(plural, name, object) }
    }
    connector = try Self.connector(to: cluster, targets, isDryRun: isDryRun)
  }

  static func connector(
    to cluster: StandInCluster, _ targets: [Component: String], isDryRun: Bool = false
  ) throws -> ScaleConnector {
    let access = KubernetesAccess(
      server: cluster.url,
      http: HTTPAccess(
        token: .value("secret-token-1"), caFile: cluster.certificates.authority.certificate),
      namespace: "serving")
    return try ScaleConnector(
      api: KubernetesAPI(access: access, client: realHTTPClient(), pause: { _ in }),
      settings: .init(
        targets: targets.compactMapValues(ScaleTarget.init), isDryRun: isDryRun,
        instance: "sla-planner-pod"))
  }

  /// Observes, and orders `targets` on what was seen.
  func scale(_ targets: [Component: Int]) async throws -> ScalingOutcome {
    let status = try await connector.observe(at: 1_764_000_000)
    return try await connector.apply(order(targets, on: status, at: 1_764_000_000.5))
  }

  func replicas(_ plural: String, _ name: String, _ path: String = "spec/replicas") -> Int? {
    cluster.object("\(plural)/\(name)")?[path: path]?.int
  }
}
