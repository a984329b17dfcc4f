/// What a Role must allow, for exactly these targets and nothing else.
public struct ScaleRights: Sendable {
  var namespace: String
  var targets: [(kind: ScalableKind, name: String)]
  var autoscalers: [ScalableKind]
  var claimTemplates: [String]
  var lease: String?
  var isDryRun: Bool

  /// Creates the rights of a run.
  ///
  /// - Parameters:
  ///   - targets: kinds and names of what is scaled.
  ///   - autoscalers: kinds whose objects are looked through for owners of the targets.
  ///   - claimTemplates: names of the claim templates that the targets' pods take devices by.
  ///   - lease: the Lease's name, if one is used.
  ///   - isDryRun: whether nothing is written.
  public init(
    namespace: String, targets: [(kind: ScalableKind, name: String)], autoscalers: [ScalableKind],
    claimTemplates: [String] = [], lease: String?, isDryRun: Bool
  ) {
    self.namespace = namespace
    self.targets = targets
    self.autoscalers = autoscalers
    self.claimTemplates = claimTemplates
    self.lease = lease
    self.isDryRun = isDryRun
  }

  /// The permissions, one for each verb and name.
  public var permissions: [KubernetesPermission] {
    var list: [KubernetesPermission] = []
    for (kind, name) in targets {
      list.append(permission("get", kind.resource, name))
      if Workload.shape(of: kind) == .other {
        list.append(permission("get", kind.resource, name, "scale"))
      }
      if !isDryRun { list.append(permission("patch", kind.resource, name, "scale")) }
    }
    list += autoscalers.map { permission("list", $0.resource, nil) }
    for name in claimTemplates {
      var right = permission("get", .claimTemplates(""), name)
      right.isEssential = false
      list.append(right)
    }
    guard !isDryRun else { return list }
    if let lease {
      list += ["get", "update"].map { permission($0, .leases, lease) }
      var patch = permission("patch", .leases, lease)
      patch.isEssential = false
      list.append(patch)
    }
    var event = permission("create", .events, nil)
    event.isEssential = false
    return list + [event]
  }

  private func permission(
    _ verb: String, _ resource: KubernetesResource, _ name: String?, _ subresource: String? = nil
  ) -> KubernetesPermission {
    KubernetesPermission(
      verb: verb, group: resource.group, resource: resource.plural, subresource: subresource,
      name: name, namespace: namespace)
  }
}
