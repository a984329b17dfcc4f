/// A kind of object that the API server keeps.
struct KubernetesResource: Sendable, Hashable {
  /// The API group; empty for the core group.
  var group: String
  /// The version within the group.
  var version: String
  /// The name in paths and roles, plural.
  var plural: String

  static func deployments(_ version: String) -> KubernetesResource {
    KubernetesResource(group: "nvidia.com", version: version, plural: "dynamographdeployments")
  }

  static func adapters(_ version: String) -> KubernetesResource {
    KubernetesResource(
      group: "nvidia.com", version: version, plural: "dynamographdeploymentscalingadapters")
  }

  static func claimTemplates(_ version: String) -> KubernetesResource {
    KubernetesResource(
      group: "resource.k8s.io", version: version, plural: "resourceclaimtemplates")
  }

  static let pods = KubernetesResource(group: "", version: "v1", plural: "pods")
  static let events = KubernetesResource(group: "", version: "v1", plural: "events")
  static let leases = KubernetesResource(
    group: "coordination.k8s.io", version: "v1", plural: "leases")

  /// `/api/v1` or `/apis/GROUP/VERSION`.
  var root: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }
}

/// One request to the API server, and the permission that it needs.
struct KubernetesCall: Sendable {
  enum Verb: String, Sendable {
    case get, list, create, update, patch

    var method: String {
      switch self {
      case .get, .list: "GET"
      case .create: "POST"
      case .update: "PUT"
      case .patch: "PATCH"
      }
    }
  }

  enum Body: Sendable {
    case json([UInt8])
    case mergePatch([UInt8])
    case jsonPatch([UInt8])

    var contentType: String {
      switch self {
      case .json: "application/json"
      case .mergePatch: "application/merge-patch+json"
      case .jsonPatch: "application/json-patch+json"
      }
    }

    var bytes: [UInt8] {
      switch self {
      case .json(let bytes), .mergePatch(let bytes), .jsonPatch(let bytes): bytes
      }
    }
  }

  var verb: Verb
  var path: String
  var body: Body?
  /// What a role must grant; nil where every authenticated user may.
  var permission: KubernetesPermission?
  /// The forms of answer that are taken.
  var accept = "application/json"
  /// Whether the caller does without it, so that no time is spent on a missing right.
  var isBestEffort = false

  /// A request on an object, or on all objects of a namespace where `name` is nil.
  init(
    _ verb: Verb, _ resource: KubernetesResource, namespace: String, name: String? = nil,
    subresource: String? = nil, query: String = "", body: Body? = nil
  ) {
    self.verb = verb
    path =
      "\(resource.root)/namespaces/\(namespace)/\(resource.plural)"
      + (name.map { "/" + $0 } ?? "") + (subresource.map { "/" + $0 } ?? "") + query
    self.body = body
    permission = KubernetesPermission(
      verb: verb.rawValue, group: resource.group, resource: resource.plural,
      subresource: subresource, name: name, namespace: namespace)
  }

  /// A request outside of any namespace that needs no permission of its own.
  init(_ verb: Verb, path: String, body: Body? = nil) {
    self.verb = verb
    self.path = path
    self.body = body
  }
}
