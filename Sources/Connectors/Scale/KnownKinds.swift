extension ScalableKind {
  /// The kind that a word means in every cluster that has it; nil for other words.
  public static func known(_ word: String) -> ScalableKind? {
    let names: [(ScalableKind, [String])] = [
      (
        ScalableKind(group: "apps", version: "v1", plural: "deployments", kind: "Deployment"),
        ["deploy"]
      ),
      (
        ScalableKind(group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet"),
        ["sts"]
      ),
      (
        ScalableKind(
          group: "leaderworkerset.x-k8s.io", version: "v1", plural: "leaderworkersets",
          kind: "LeaderWorkerSet"), ["lws"]
      ),
      (
        ScalableKind(
          group: "grove.io", version: "v1alpha1", plural: "podcliques", kind: "PodClique"),
        ["pclq"]
      ),
    ]
    let word = word.lowercased()
    return names.first { kind, others in
      ([kind.plural, kind.kind.lowercased()] + others).contains {
        word == $0 || word == "\($0).\(kind.group)"
      }
    }?.0
  }

  /// The kinds of autoscalers whose targets are left alone.
  public static let autoscalers = [
    ScalableKind(
      group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers",
      kind: "HorizontalPodAutoscaler"),
    ScalableKind(
      group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", kind: "ScaledObject"),
  ]
}
