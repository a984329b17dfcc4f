import Invocation

/// A workload as it was read.
struct Workload: Sendable {
  var target: ScaleTarget
  var kind: ScalableKind
  /// The whole object.
  var object: JSONTree
  /// Its `scale` subresource, of kinds whose places are not known; nil for the others.
  var scale: ScaleDocument?
  /// GPUs that its pods' claims stand for, by claim template; nil where one can't be counted.
  var claimedGPUs: [String: Int] = [:]

  /// What it is called in messages: `Deployment 'chat'`.
  var title: String { "\(kind.kind) '\(target.name)'" }

  var uid: String? { object["metadata.uid"]?.text }
  var resourceVersion: String? { object["metadata.resourceVersion"]?.text }
  var generation: Int? { object["metadata.generation"]?.int }
  var isBeingDeleted: Bool { object["metadata.deletionTimestamp"]?.text != nil }

  /// Replicas asked for; an absent number means 1, as for the built-in kinds.
  var replicas: Int { scale?.replicas ?? object["spec.replicas"]?.int ?? 1 }

  /// What a write rests on.
  var basis: ScaleWriter.Basis {
    ScaleWriter.Basis(replicas: replicas, version: resourceVersion, generation: generation)
  }

  /// Selects its pods, in one spelling; nil where nothing tells.
  var selector: String? {
    if let stated = scale?.status?.selector ?? object["status.hpaPodSelector"]?.text {
      return stated.split(separator: ",").sorted().joined(separator: ",")
    }
    guard let selector = object["spec.selector"], selector["matchExpressions"] == nil,
      let labels = selector["matchLabels"]?.members, !labels.isEmpty
    else { return nil }
    return labels.map { "\($0.key)=\($0.value.text ?? "")" }.sorted().joined(separator: ",")
  }

  /// The owner that manages it, as `Kind 'name'`; nil where it is its own.
  ///
  /// A PodClique that stands alone in its PodCliqueSet is scaled by whoever scales it: Grove leaves its
  /// number to autoscalers.
  var owner: String? {
    let owner = object["metadata.ownerReferences"]?.elements.first {
      $0["controller"]?.flag == true
    }
    guard let owner, let kind = owner["kind"]?.text, let name = owner["name"]?.text else {
      return nil
    }
    if shape == .podClique, kind == "PodCliqueSet" { return nil }
    return "\(kind) '\(name)'"
  }

  /// Whether an autoscaler wrote the number last, as the object's managed fields tell: what is asked
  /// before every write need not be asked before every decision.
  var isWrittenByAutoscaler: Bool {
    (object["metadata.managedFields"]?.elements ?? []).contains { field in
      let manager = field["manager"]?.text?.lowercased() ?? ""
      return field["subresource"]?.text == "scale" && field["fieldsV1.f:spec.f:replicas"] != nil
        && (manager == "kube-controller-manager" || manager.contains("keda")
          || manager.contains("autoscal"))
    }
  }

  /// The kinds whose readiness, rollout and pods are known.
  enum Shape: Sendable {
    case deployment, statefulSet, leaderWorkerSet, podClique, other
  }

  var shape: Shape { Self.shape(of: kind) }

  static func shape(of kind: ScalableKind) -> Shape {
    switch (kind.group, kind.kind) {
    case ("apps", "Deployment"): .deployment
    case ("apps", "StatefulSet"): .statefulSet
    case ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): .leaderWorkerSet
    case ("grove.io", "PodClique"): .podClique
    default: .other
    }
  }
}
