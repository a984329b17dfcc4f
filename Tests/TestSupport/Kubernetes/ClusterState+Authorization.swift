extension ClusterState {
  /// Whether the client may do this: nothing is allowed to anybody while the server is cold; else what
  /// the Role grants, right by right, less what is forbidden.
  mutating func authorizes(_ verb: String, _ target: Target) -> Bool {
    if coldRequests > 0 {
      coldRequests -= 1
      return false
    }
    return isAllowed(
      verb, group: target.group, resource: target.resource,
      name: ["list", "create"].contains(verb) ? nil : target.name)
  }

  /// Whether the Role allows it, as a review of access is answered too.
  ///
  /// Source: Kubernetes, "Using RBAC Authorization": a rule with names grants no `create`, and `list`
  /// only of a single name.
  func isAllowed(_ verb: String, group: String, resource: String, name: String?) -> Bool {
    guard !forbidden.contains("\(verb) \(resource)") else { return false }
    guard let role else { return true }
    return (role["rules"]?.elements ?? []).contains { rule in
      func has(_ list: String, _ value: String) -> Bool {
        rule[list]?.elements.contains { $0.string == value } == true
      }
      guard has("verbs", verb), has("apiGroups", group), has("resources", resource) else {
        return false
      }
      guard let names = rule["resourceNames"]?.elements, !names.isEmpty else { return true }
      return name.map { name in names.contains { $0.string == name } } ?? false
    }
  }

  /// What an admission webhook says to this write; nil when it has no objection.
  func denial(_ verb: String, _ target: Target) -> StandInServer.Answer? {
    guard ["create", "update", "patch"].contains(verb), let message = denials[target.name] else {
      return nil
    }
    return .refusal(
      403, "Forbidden", "admission webhook \"guard.example.com\" denied the request: \(message)")
  }
}
