import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where the API server is, how to authenticate there, and in which namespace the deployment is.
public struct KubernetesAccess: Sendable {
  /// The API server's base URL, without a slash at the end.
  public let server: String
  /// TLS settings and fixed credentials. A token file is read again for every request.
  public internal(set) var http: HTTPAccess
  /// The namespace to work in.
  public let namespace: String
  /// What a person should know of how the cluster is reached.
  public internal(set) var warnings: [String] = []

  /// Runs to get a token or client certificate, where the kubeconfig says so.
  var plugin: ExecCredentialPlugin?
  /// Keeps the files of inline certificates open as long as this value lives.
  var files: [CredentialFile] = []

  /// Creates an access whose every part is known.
  public init(server: String, http: HTTPAccess, namespace: String) {
    self.server = server
    self.http = http
    self.namespace = namespace
  }

  /// The folder in which a pod finds its service account.
  public static let standardServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// Finds the cluster: the pod's service account, else the kubeconfig's current context.
  ///
  /// The namespace is `POD_NAMESPACE`, the service account's, the context's, or `default`, the
  /// first there is.
  ///
  /// - Parameters:
  ///   - environment: `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT`, `POD_NAMESPACE`,
  ///     `KUBECONFIG`, `HOME` and `TMPDIR` are read; exec plugins inherit all of it.
  ///   - serviceAccountFolder: holds `token`, `ca.crt` and `namespace` in a pod.
  ///   - parseYAML: parses the text of a kubeconfig file.
  /// - Throws: ``ConnectorError/misconfigured(_:)``.
  public static func find(
    environment: [String: String],
    serviceAccountFolder: String = standardServiceAccountFolder,
    parseYAML: (String) throws -> ConfigurationValue
  ) throws -> KubernetesAccess {
    let podNamespace =
      environment["POD_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 }
      ?? text(of: serviceAccountFolder + "/namespace")
    if let access = inCluster(environment, serviceAccountFolder, podNamespace) { return access }

    let paths = Kubeconfig.paths(environment)
    let found = paths.filter { FileManager.default.fileExists(atPath: $0) }
    guard !found.isEmpty else {
      let tried =
        paths.isEmpty
        ? "KUBECONFIG and HOME are not set" : "not found: \(paths.joined(separator: ", "))"
      throw ConnectorError.misconfigured(
        "There is no access to a Kubernetes cluster: this is no pod with a service account (KUBERNETES_SERVICE_HOST and '\(serviceAccountFolder)/token'), and there is no kubeconfig (\(tried)). Run it in the cluster, or set KUBECONFIG."
      )
    }
    let files = try found.map { path in
      let bytes: [UInt8]
      do {
        bytes = try SmallFile.read(path, limitBytes: 4 << 20, takesPipes: true)
      } catch {
        throw ConnectorError.misconfigured(
          "The kubeconfig '\(path)' can't be read: \(error). Check its permissions.")
      }
      do {
        return Kubeconfig.File(
          path: path, content: try parseYAML(String(decoding: bytes, as: UTF8.self)))
      } catch {
        throw ConnectorError.misconfigured(
          "The kubeconfig '\(path)' is not valid YAML (\(error)). Correct it, or name another file in KUBECONFIG."
        )
      }
    }
    return try KubernetesAccess(
      Kubeconfig(files: files), environment: environment, podNamespace: podNamespace)
  }

  /// The pod's own access; nil outside of a pod or without a service account.
  private static func inCluster(
    _ environment: [String: String], _ folder: String, _ namespace: String?
  ) -> KubernetesAccess? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty,
      FileManager.default.fileExists(atPath: folder + "/token")
    else { return nil }
    // An IPv6 address stands in brackets in a URL.
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let caFile = folder + "/ca.crt"
    return KubernetesAccess(
      server: "https://" + authority,
      http: HTTPAccess(
        token: .file(folder + "/token"),
        caFile: FileManager.default.fileExists(atPath: caFile) ? caFile : nil),
      namespace: namespace ?? "default")
  }

  private static func text(of path: String) -> String? {
    guard let bytes = try? SmallFile.read(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return text.isEmpty ? nil : text
  }
}
