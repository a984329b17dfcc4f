/// A workload to scale, as the user names it: `deployment/chat`, `leaderworkerset/chat-decode`,
/// `podcliques.grove.io/decode`.
public struct ScaleTarget: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind: its name, plural or short name, with or without the API group behind a dot.
  public var kind: String
  /// The object's name.
  public var name: String

  /// Names a target.
  public init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }

  /// Reads `KIND/NAME`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, KubernetesConnector.isName(parts[1]),
      KubernetesConnector.isName(parts[0].lowercased())
    else { return nil }
    self.init(kind: parts[0], name: parts[1])
  }

  /// A regular expression of its pods' names (RE2, to be anchored), as the kinds' controllers make
  /// them: of another workload whose name begins with this one's it takes none.
  public var podPattern: String {
    let name = self.name.replacing(".", with: "\\.")
    switch kind.prefix(while: { $0 != "." }).lowercased() {
    case "deployment", "deployments", "deploy": return "\(name)-[a-z0-9]+-[a-z0-9]+"
    case "statefulset", "statefulsets", "sts": return "\(name)-[0-9]+"
    case "leaderworkerset", "leaderworkersets", "lws": return "\(name)-[0-9]+(-[0-9]+)?"
    case "podclique", "podcliques", "pclq": return "\(name)-[a-z0-9]+"
    default: return "\(name)(-.+)?"
    }
  }

  /// `KIND/NAME`.
  public var description: String { "\(kind)/\(name)" }
}

/// A kind of object that has a `scale` subresource.
public struct ScalableKind: Sendable, Hashable, Codable {
  /// The API group.
  public var group: String
  /// The version that is used.
  public var version: String
  /// The name in paths and roles.
  public var plural: String
  /// The name in objects: `Deployment`.
  public var kind: String

  /// Creates a kind.
  public init(group: String, version: String, plural: String, kind: String) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
  }

  var resource: KubernetesResource {
    KubernetesResource(group: group, version: version, plural: plural)
  }

  /// `GROUP/VERSION`.
  var apiVersion: String { "\(group)/\(version)" }
}
