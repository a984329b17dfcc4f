extension ClusterState {
  /// What a path names.
  struct Target {
    var group: String
    var plural: String
    var name: String
    var subresource: String?
    /// The path of the object, or of the collection where no name is given.
    var objectPath: String
    /// The kind, where it is none of Dynamo's.
    var kind: ServedKind?
    private var namespace: String

    /// nil for paths of no resource that is served.
    init?(_ path: String, state: ClusterState) {
      let parts = path.split(separator: "/").map(String.init)
      let isCore = parts.first == "api"
      let start = isCore ? 2 : 3
      guard parts.count >= start + 3, parts[start] == "namespaces" else { return nil }
      group = isCore ? "" : parts[1]
      let version = isCore ? parts[1] : parts[2]
      plural = parts[start + 2]
      let isServed =
        switch (group, plural) {
        case ("nvidia.com", "dynamographdeployments"): version == state.version
        case ("nvidia.com", "dynamographdeploymentscalingadapters"):
          version == state.version && state.hasAdapters
        case ("", "events"), ("coordination.k8s.io", "leases"): version == "v1"
        default: state.servedKind(group, version, plural) != nil
        }
      kind = state.servedKind(group, version, plural)
      guard isServed, parts.count <= start + 5 else { return nil }
      namespace = parts[start + 1]
      name = parts.count > start + 3 ? parts[start + 3] : ""
      subresource = parts.count > start + 4 ? parts[start + 4] : nil
      objectPath = "/" + parts[..<min(parts.count, start + 4)].joined(separator: "/")
    }

    var resource: String { plural + (subresource.map { "/" + $0 } ?? "") }

    private var qualified: String { group.isEmpty ? plural : "\(plural).\(group)" }

    func verb(of method: String) -> String {
      switch method {
      case "GET": name.isEmpty ? "list" : "get"
      case "POST": "create"
      case "PUT": "update"
      case "PATCH": "patch"
      default: method.lowercased()
      }
    }

    func notFound() -> StandInServer.Answer {
      .refusal(404, "NotFound", "\(qualified) \"\(name)\" not found", name: name)
    }

    func modified() -> StandInServer.Answer {
      .refusal(
        409, "Conflict",
        "Operation cannot be fulfilled on \(qualified) \"\(name)\": the object has been modified; please apply your changes to the latest version and try again",
        name: name)
    }

    func forbidden(_ verb: String) -> StandInServer.Answer {
      .refusal(
        403, "Forbidden",
        "\(qualified) \"\(name)\" is forbidden: User \"system:serviceaccount:\(namespace):sla-planner\" cannot \(verb) resource \"\(resource)\" in API group \"\(group)\" in the namespace \"\(namespace)\"",
        name: name)
    }
  }
}

extension StandInServer.Answer {
  /// A `Status` object, as an API server refuses requests with.
  public static func refusal(
    _ code: Int, _ reason: String, _ message: String, name: String? = nil,
    headers: [(String, String)] = []
  ) -> StandInServer.Answer {
    var status: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
      "message": .string(message), "reason": .string(reason), "code": .number(Double(code)),
    ]
    if let name { status["details"] = ["name": .string(name)] }
    return .text(
      status.text, status: code, headers: [("Content-Type", "application/json")] + headers)
  }
}
