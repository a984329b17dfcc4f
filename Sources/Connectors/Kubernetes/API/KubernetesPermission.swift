/// Something that a role must allow the planner.
public struct KubernetesPermission: Sendable, Hashable, CustomStringConvertible {
  /// `get`, `list`, `create`, `update` or `patch`.
  public var verb: String
  /// The API group; empty for the core group.
  public var group: String
  /// The resource, plural.
  public var resource: String
  /// The subresource, for example `scale`.
  public var subresource: String?
  /// The object's name; nil where the verb can't be limited to one (`list`, `create`).
  public var name: String?
  /// The namespace.
  public var namespace: String
  /// Whether a run fails without it; otherwise only a message or an Event is poorer.
  public var isEssential = true

  /// The resource as roles write it: `resource` or `resource/subresource`.
  public var fullResource: String { resource + (subresource.map { "/" + $0 } ?? "") }

  /// For example: patch dynamographdeployments (nvidia.com) 'chat' in namespace 'serving'.
  public var description: String {
    let inGroup = group.isEmpty ? "" : " (\(group))"
    let named = name.map { " '\($0)'" } ?? ""
    return "\(verb) \(fullResource)\(inGroup)\(named) in namespace '\(namespace)'"
  }

  /// The rule that grants it, as a line of a Role.
  public var manifestLine: String {
    let names = name.map { ", resourceNames: [\"\($0)\"]" } ?? ""
    return
      "- {apiGroups: [\"\(group)\"], resources: [\"\(fullResource)\"]\(names), verbs: [\"\(verb)\"]}"
  }

  /// What to do where it is missing, as a sentence without a full stop.
  public var remedy: String {
    "The cluster does not allow the planner to \(self). Add to the rules of its Role (k8s/base/role.yaml): \(manifestLine)"
  }

  /// Everything that a run uses.
  ///
  /// - Parameters:
  ///   - deployment: the DynamoGraphDeployment's name.
  ///   - adapters: the names of the scaling adapters of the scaled components; empty when the
  ///     deployment itself is patched.
  ///   - patchesDeployment: whether a scaled component has no adapter.
  ///   - lease: the name of the Lease, if one is used.
  ///   - listsPods: whether the pods of several frontends are found, to read each one's page.
  ///   - isDryRun: whether nothing is written (the Lease is not taken either).
  public static func required(
    namespace: String, deployment: String, adapters: [String], patchesDeployment: Bool,
    lease: String?, listsPods: Bool = false, isDryRun: Bool
  ) -> [KubernetesPermission] {
    func permission(
      _ verb: String, _ resource: KubernetesResource, _ name: String?, _ subresource: String? = nil
    ) -> KubernetesPermission {
      KubernetesPermission(
        verb: verb, group: resource.group, resource: resource.plural, subresource: subresource,
        name: name, namespace: namespace)
    }
    let deployments = KubernetesResource.deployments("")
    var list = [permission("get", deployments, deployment)]
    // Names the deployments that exist when the one asked for does not.
    list.append(permission("list", deployments, nil))
    list[1].isEssential = false
    if !adapters.isEmpty {
      // Tells in one request what all of them ask for; without it each one is read.
      list.append(permission("list", .adapters(""), nil))
      list[2].isEssential = false
    }
    if listsPods { list.append(permission("list", .pods, nil)) }
    if isDryRun { return list }
    for adapter in adapters {
      list.append(permission("get", .adapters(""), adapter, "scale"))
      list.append(permission("patch", .adapters(""), adapter, "scale"))
    }
    if patchesDeployment { list.append(permission("patch", deployments, deployment)) }
    if let lease {
      list.append(permission("get", .leases, lease))
      list.append(permission("update", .leases, lease))
      // Takes a free Lease with one request instead of two.
      var patch = permission("patch", .leases, lease)
      patch.isEssential = false
      list.append(patch)
    }
    var event = permission("create", .events, nil)
    event.isEssential = false
    return list + [event]
  }
}
