import Invocation

/// The merged content of one or several kubeconfig files.
///
/// Of several files the first that names a cluster, user or context defines it, and the first with
/// a current context sets that. Relative paths belong to the file they stand in.
///
/// Source: Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files"; client-go
/// `clientcmd/api/v1`.
struct Kubeconfig {
  /// One parsed file.
  struct File {
    var path: String
    var content: ConfigurationValue
  }

  /// A cluster's or user's settings, and the folder that their relative paths start from.
  struct Section {
    var name: String
    var values: ConfigurationValue
    var folder: String

    /// The path at `key`, made absolute.
    func path(_ key: String) -> String? {
      guard let path = values[key].nonEmptyText else { return nil }
      return path.hasPrefix("/") ? path : folder + "/" + path
    }
  }

  /// The cluster of the current context.
  let cluster: Section
  /// The user of the current context; empty when the context names none.
  let user: Section
  /// The namespace of the current context.
  let namespace: String?

  /// - Throws: ``ConnectorError/misconfigured(_:)`` when the current context leads nowhere.
  init(files: [File]) throws {
    let names = files.map { "'\($0.path)'" }.joined(separator: ", ")
    guard let current = files.lazy.compactMap({ $0.content["current-context"].nonEmptyText }).first
    else {
      throw ConnectorError.misconfigured(
        "The kubeconfig \(names) has no current-context. Choose one with 'kubectl config use-context NAME'."
      )
    }
    func find(_ list: String, _ kind: String, _ name: String) throws -> Section {
      for file in files {
        for entry in file.content[list].elements where entry["name"].text == name {
          return Section(name: name, values: entry[kind], folder: Self.folder(of: file.path))
        }
      }
      throw ConnectorError.misconfigured(
        "The kubeconfig \(names) has no \(kind) '\(name)', which its context '\(current)' needs. Correct \(list) or choose another current-context."
      )
    }

    let context = try find("contexts", "context", current)
    guard let clusterName = context.values["cluster"].nonEmptyText else {
      throw ConnectorError.misconfigured(
        "The context '\(current)' of the kubeconfig \(names) names no cluster.")
    }
    cluster = try find("clusters", "cluster", clusterName)
    user =
      try context.values["user"].nonEmptyText.map { try find("users", "user", $0) }
      ?? Section(name: "", values: .null, folder: "")
    namespace = context.values["namespace"].nonEmptyText
  }

  /// The paths of the kubeconfig files: the `KUBECONFIG` list, else the file in the home folder.
  static func paths(_ environment: [String: String]) -> [String] {
    let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    return listed.isEmpty ? environment["HOME"].map { ["\($0)/.kube/config"] } ?? [] : listed
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
