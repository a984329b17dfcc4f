import Connectors
import HTTPTransport
import Settings

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension KubernetesAccess {
  /// The access to the cluster that the settings lead to: the pod's own, or the kubeconfig's.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)``.
  static func find(_ settings: KubernetesSettings) throws -> KubernetesAccess {
    // The rest of the environment is for exec plugins.
    var environment = ProcessInfo.processInfo.environment
    environment["KUBECONFIG"] = settings.kubeconfig
    environment["POD_NAMESPACE"] = settings.namespace
    return try find(
      environment: environment,
      serviceAccountFolder: settings.serviceAccountDirectory ?? standardServiceAccountFolder,
      parseYAML: { ConfigurationValue(try DocumentTree.parse($0)) })
  }
}

extension ConfigurationValue {
  /// A document as the connector reads it.
  init(_ tree: DocumentTree) {
    switch tree {
    case .nothing: self = .null
    case .flag(let flag): self = .bool(flag)
    case .text(let text): self = .string(text)
    case .list(let elements): self = .array(elements.map(ConfigurationValue.init))
    case .table(let members): self = .object(members.mapValues(ConfigurationValue.init))
    }
  }
}

/// The cluster of a recorded run: all that a replay has to know of it, and no credentials.
struct RecordedCluster: Codable {
  /// The API server's base URL, without user information.
  var server: String
  /// The deployment's namespace.
  var namespace: String

  init(_ access: KubernetesAccess) {
    server = access.server.contains("@") ? Redaction.url(access.server) : access.server
    namespace = access.namespace
  }

  /// An access that fits the recording's answers.
  var access: KubernetesAccess {
    KubernetesAccess(server: server, http: HTTPAccess(), namespace: namespace)
  }
}
