/// Kinds besides Dynamo's that a cluster serves, with their `scale` subresources.
public struct ServedKind: Sendable {
  /// The API group.
  public var group: String
  /// The only version.
  public var version: String
  /// The name in paths.
  public var plural: String
  /// The name in objects.
  public var kind: String
  /// Further names.
  public var shortNames: [String]
  /// Where the number of replicas stands; nil where there is no `scale` subresource.
  public var replicasPath: String?
  /// Where the pods' selector stands.
  public var selectorPath: String

  /// Describes a kind.
  public init(
    _ group: String, _ version: String, _ plural: String, _ kind: String,
    shortNames: [String] = [], replicasPath: String? = "spec/replicas",
    selectorPath: String = "status/hpaPodSelector"
  ) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.shortNames = shortNames
    self.replicasPath = replicasPath
    self.selectorPath = selectorPath
  }

  /// What a cluster with the usual operators serves, and a kind of somebody's own.
  public static let usual = [
    ServedKind("apps", "v1", "deployments", "Deployment", shortNames: ["deploy"]),
    ServedKind("apps", "v1", "statefulsets", "StatefulSet", shortNames: ["sts"]),
    ServedKind("apps", "v1", "daemonsets", "DaemonSet", shortNames: ["ds"], replicasPath: nil),
    ServedKind(
      "leaderworkerset.x-k8s.io", "v1", "leaderworkersets", "LeaderWorkerSet", shortNames: ["lws"]),
    ServedKind("grove.io", "v1alpha1", "podcliques", "PodClique", shortNames: ["pclq"]),
    ServedKind("example.com", "v1", "enginepools", "EnginePool", replicasPath: "spec/size"),
    ServedKind(
      "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler",
      shortNames: ["hpa"], replicasPath: nil),
    ServedKind("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", replicasPath: nil),
    ServedKind(
      "resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate",
      replicasPath: nil),
  ]
}

/// A number that was written through a `scale` subresource.
public struct ScaleWrite: Sendable {
  /// The object's name.
  public var name: String
  /// The number before.
  public var from: Int
  /// The number after.
  public var to: Int
  /// Who wrote it.
  public var by: String
  /// Whether an autoscaler named the object as its target at that moment.
  public var isOwned: Bool
}

extension ClusterState {
  /// The kind of a path's object; nil for Dynamo's own and unknown ones.
  func servedKind(_ group: String, _ version: String, _ plural: String) -> ServedKind? {
    served.first { $0.group == group && $0.version == version && $0.plural == plural }
  }

  /// The path of an object of a served kind.
  public func path(_ plural: String, _ name: String) -> String {
    let kind = served.first { $0.plural == plural }
    return
      "/apis/\(kind?.group ?? "")/\(kind?.version ?? "")/namespaces/\(namespace)/\(plural)/\(name)"
  }

  /// Puts an object of a served kind there, as the server would complete it.
  public mutating func add(_ plural: String, _ name: String, _ object: JSON) {
    var object = object
    if let kind = served.first(where: { $0.plural == plural }) {
      object["apiVersion"] = .string("\(kind.group)/\(kind.version)")
      object["kind"] = .string(kind.kind)
    }
    object[path: "metadata/name"] = .string(name)
    object[path: "metadata/namespace"] = .string(namespace)
    object[path: "metadata/uid"] =
      object[path: "metadata/uid"] ?? .string("uid-of-\(plural)-\(name)")
    addedObjects += 1
    object[path: "metadata/resourceVersion"] = .string("\(699 + addedObjects)")
    object[path: "metadata/generation"] = object[path: "metadata/generation"] ?? 1
    objects[path(plural, name)] = object
  }

  /// Whether an autoscaler names it as its target.
  func hasAutoscaler(of name: String, _ kind: ServedKind) -> Bool {
    objects.values.contains {
      $0["kind"] == "HorizontalPodAutoscaler"
        && $0[path: "spec/scaleTargetRef/name"]?.string == name
        && $0[path: "spec/scaleTargetRef/kind"]?.string == kind.kind
    }
  }

  // MARK: Discovery

  /// `/apis` and `/apis/GROUP/VERSION`; nil for other paths.
  func discovery(_ request: StandInServer.Request) -> StandInServer.Answer? {
    let accept = request.header("Accept") ?? ""
    if request.path == "/apis" {
      return .json(
        (answersForAllGroups && accept.contains("g=apidiscovery.k8s.io") ? allGroups : groupList)
          .text)
    }
    let parts = request.path.split(separator: "/").map(String.init)
    guard parts.count == 3, parts[0] == "apis", parts[1] != "nvidia.com" else { return nil }
    let kinds = served.filter { $0.group == parts[1] && $0.version == parts[2] }
    guard !kinds.isEmpty else { return nil }
    var resources: [JSON] = []
    for kind in kinds {
      resources.append([
        "name": .string(kind.plural), "kind": .string(kind.kind), "namespaced": true,
        "singularName": .string(kind.kind.lowercased()),
        "shortNames": .array(kind.shortNames.map { .string($0) }),
      ])
      if kind.replicasPath != nil {
        resources.append([
          "name": .string(kind.plural + "/scale"), "kind": "Scale", "namespaced": true,
        ])
      }
    }
    return .json(
      JSON.object([
        "kind": "APIResourceList", "groupVersion": .string("\(parts[1])/\(parts[2])"),
        "resources": .array(resources),
      ]).text)
  }

  private var groups: [String] { Set(served.map(\.group)).sorted() }

  private var groupList: JSON {
    [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(
        groups.map { group in
          let version = served.first { $0.group == group }?.version ?? ""
          return [
            "name": .string(group), "preferredVersion": ["version": .string(version)],
          ]
        }),
    ]
  }

  private var allGroups: JSON {
    [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
      "items": .array(
        groups.map { group in
          let kinds = served.filter { $0.group == group }
          return [
            "metadata": ["name": .string(group)],
            "versions": [
              [
                "version": .string(kinds.first?.version ?? ""),
                "resources": .array(kinds.map(Self.aggregated)),
              ]
            ],
          ]
        }),
    ]
  }

  private static func aggregated(_ kind: ServedKind) -> JSON {
    [
      "resource": .string(kind.plural), "scope": "Namespaced",
      "singularResource": .string(kind.kind.lowercased()),
      "shortNames": .array(kind.shortNames.map { .string($0) }),
      "responseKind": [
        "group": .string(kind.group), "version": .string(kind.version),
        "kind": .string(kind.kind),
      ],
      "subresources": kind.replicasPath == nil ? [] : [["subresource": "scale"]],
    ]
  }

  // MARK: Scale

  /// The object with another number, and with whom it is from in its managed fields.
  func scaled(_ object: JSON, to replicas: Int, _ kind: ServedKind, by manager: String) -> JSON {
    var object = object
    object[path: kind.replicasPath ?? "spec/replicas"] = .number(Double(replicas))
    let others = (object[path: "metadata/managedFields"]?.elements ?? []).filter {
      $0[path: "fieldsV1/f:spec/f:replicas"] == nil
    }
    let entry: JSON = [
      "manager": .string(manager), "operation": "Update", "subresource": "scale",
      "fieldsV1": ["f:spec": ["f:replicas": [:]]],
    ]
    object[path: "metadata/managedFields"] = .array(others + [entry])
    return object
  }

  /// The name of who writes: `fieldManager`, else how the client calls itself.
  static func manager(_ request: StandInServer.Request) -> String {
    let fields = request.target.split(separator: "?").dropFirst().joined().split(separator: "&")
    let named = fields.first { $0.hasPrefix("fieldManager=") }?.dropFirst("fieldManager=".count)
    return named.map(String.init)
      ?? String((request.header("User-Agent") ?? "unknown").prefix { $0 != "/" })
  }

  /// The controller of a workload does what is asked: all replicas are there, ready and of the newest
  /// spec.
  public mutating func operate(_ plural: String, _ name: String) {
    let kind = served.first { $0.plural == plural }
    change(path(plural, name)) { object in
      let replicas = object[path: kind?.replicasPath ?? "spec/replicas"] ?? 1
      for field in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] {
        object[path: "status/\(field)"] = replicas
      }
      object[path: "status/observedGeneration"] = object[path: "metadata/generation"]
    }
  }
}
