/// The part of a pod's spec that tells its devices and its arguments.
struct WorkloadPodSpec: Decodable {
  struct ResourceClaim: Decodable {
    var name: String
    var resourceClaimName: String?
    var resourceClaimTemplateName: String?
  }

  var containers: [PodContainer]?
  var initContainers: [PodContainer]?
  var resourceClaims: [ResourceClaim]?

  /// The containers that run for as long as the pod does.
  var running: [PodContainer] {
    (containers ?? []) + (initContainers ?? []).filter { $0.restartPolicy == "Always" }
  }
}

extension Workload {
  /// A pod template with the number of its pods in one replica.
  struct Pods {
    var spec: WorkloadPodSpec
    var count: Int
  }

  /// The pods of one replica; empty where the kind's template is not where one is looked for.
  var pods: [Pods] {
    func pods(_ path: String, _ count: Int) -> [Pods] {
      guard count > 0, let spec = object[path]?.decoded(as: WorkloadPodSpec.self),
        spec.containers != nil
      else { return [] }
      return [Pods(spec: spec, count: count)]
    }
    switch shape {
    case .deployment, .statefulSet: return pods("spec.template.spec", 1)
    case .podClique: return pods("spec.podSpec", 1)
    case .leaderWorkerSet:
      let size = object["spec.leaderWorkerTemplate.size"]?.int ?? 1
      let leader = pods("spec.leaderWorkerTemplate.leaderTemplate.spec", 1)
      let workers = "spec.leaderWorkerTemplate.workerTemplate.spec"
      return leader.isEmpty ? pods(workers, size) : leader + pods(workers, size - 1)
    case .other:
      for path in ["spec.template.spec", "spec.podTemplate.spec", "spec.podSpec"] {
        let found = pods(path, 1)
        if !found.isEmpty { return found }
      }
      return []
    }
  }

  /// Names of the claim templates that its pods take devices by.
  var claimTemplates: Set<String> {
    Set(pods.flatMap { $0.spec.resourceClaims ?? [] }.compactMap(\.resourceClaimTemplateName))
  }

  /// GPUs of one replica, and what asks for devices without telling how many; GPUs are nil where
  /// nothing tells them.
  var gpusPerReplica: (count: Int?, uncounted: [String]) {
    var total = 0
    var uncounted: [String] = []
    for pods in pods {
      var perPod = 0
      for container in pods.spec.running {
        if let gpus = container.gpus?.times(nodes: 1) { perPod = perPod.addingSaturated(gpus) }
        uncounted += container.uncountedResources
      }
      let claims = claimedGPUs(in: pods.spec)
      perPod = perPod.addingSaturated(claims.count)
      uncounted += claims.uncounted
      total = total.addingSaturated(Quantity(count: perPod).times(nodes: pods.count) ?? 0)
    }
    return (total > 0 && total < .max ? total : nil, uncounted)
  }

  /// A claim is shared by the containers that name it, so it counts once a pod.
  private func claimedGPUs(in pod: WorkloadPodSpec) -> (count: Int, uncounted: [String]) {
    let used = Set(pod.running.flatMap(\.claimNames))
    var count = 0
    var uncounted: [String] = []
    for claim in pod.resourceClaims ?? [] where used.contains(claim.name) {
      if let template = claim.resourceClaimTemplateName, let gpus = claimedGPUs[template] {
        count = count.addingSaturated(gpus)
      } else {
        uncounted.append("the claim '\(claim.name)'")
      }
    }
    return (count, uncounted)
  }

  /// The name that the model is served under, as the containers' arguments state it; nil where they
  /// don't.
  var modelName: String? {
    let commands = pods.flatMap { $0.spec.containers ?? [] }.map(\.words)
    for flags in [["--served-model-name", "--served_model_name"], ["--model", "--model-path"]] {
      for words in commands {
        if let name = ServedModel.value(of: flags, in: words) { return name }
      }
    }
    for words in commands {
      if let name = Self.servedPositionally(words) { return name }
    }
    return nil
  }

  /// `vllm serve MODEL`, `trtllm-serve MODEL`, `trtllm-serve serve MODEL`.
  private static func servedPositionally(_ words: [String]) -> String? {
    for (index, word) in words.enumerated() {
      let isServer = word == "serve" || word.hasSuffix("trtllm-serve")
      guard isServer, index + 1 < words.count else { continue }
      let next = words[index + 1]
      if next != "serve", !next.hasPrefix("-"), !next.contains("$") { return next }
    }
    return nil
  }
}

/// A claim template's devices.
///
/// Source: Kubernetes API reference, `resource.k8s.io/v1` ResourceClaimTemplate (`v1beta1` has a
/// request's fields one level higher).
enum ClaimedDevices {
  /// GPUs that a claim of this template stands for; nil where they can't be counted.
  static func gpus(of template: JSONTree) -> Int? {
    var count = 0
    for request in template["spec.spec.devices.requests"]?.elements ?? [] {
      let exact = request["exactly"] ?? request
      guard let deviceClass = exact["deviceClassName"]?.text else { return nil }
      guard deviceClass.lowercased().contains("gpu") else { continue }
      guard exact["allocationMode"]?.text != "All", !deviceClass.lowercased().contains("mig")
      else { return nil }
      count = count.addingSaturated(exact["count"]?.int ?? 1)
    }
    return count
  }
}
