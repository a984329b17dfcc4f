import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension KubernetesAccess {
  /// The access that a kubeconfig's current context describes.
  ///
  /// What it asks for and this planner can't do (impersonation, a proxy of its own, the removed
  /// auth providers) is an error: going on without it could mean other rights or another cluster.
  init(
    _ kubeconfig: Kubeconfig, environment: [String: String], podNamespace: String?
  ) throws {
    let cluster = kubeconfig.cluster
    let user = kubeconfig.user
    guard var server = cluster.values["server"].nonEmptyText else {
      throw ConnectorError.misconfigured(
        "The cluster '\(cluster.name)' of the kubeconfig has no server. Add the API server's URL.")
    }
    while server.hasSuffix("/") { server.removeLast() }
    self.init(
      server: server, http: HTTPAccess(),
      namespace: podNamespace ?? kubeconfig.namespace ?? "default")
    try Self.refuseUnsupported(cluster, user)

    let temporaryFolder = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    func file(_ key: String, of section: Kubeconfig.Section) throws -> String? {
      guard let encoded = section.values[key + "-data"].nonEmptyText else {
        return section.path(key)
      }
      guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters),
        !data.isEmpty
      else {
        throw ConnectorError.misconfigured(
          "\(key)-data of '\(section.name)' in the kubeconfig is not base64.")
      }
      let file = try CredentialFile(
        Array(data), title: "\(key)-data of '\(section.name)' in the kubeconfig",
        temporaryFolder: temporaryFolder)
      files.append(file)
      return file.path
    }

    http.caFile = try file("certificate-authority", of: cluster)
    http.tlsServerName = cluster.values["tls-server-name"].nonEmptyText
    if cluster.values["insecure-skip-tls-verify"].flag == true {
      guard http.caFile == nil else {
        throw ConnectorError.misconfigured(
          "The cluster '\(cluster.name)' of the kubeconfig has both a certificate-authority and insecure-skip-tls-verify. Remove one of them; verifying with the authority is the safe choice."
        )
      }
      http.skipsTLSVerification = true
      warnings.append(
        "The API server's certificate is not verified (insecure-skip-tls-verify in the kubeconfig): anybody on the way can read the credentials and change the answers. Set certificate-authority instead."
      )
    }

    http.certificateFile = try file("client-certificate", of: user)
    http.keyFile = try file("client-key", of: user)
    guard (http.certificateFile == nil) == (http.keyFile == nil) else {
      throw ConnectorError.misconfigured(
        "The user '\(user.name)' of the kubeconfig has a client-certificate or a client-key without the other one."
      )
    }
    if let path = user.path("tokenFile") {
      http.token = .file(path)
    } else if let token = user.values["token"].nonEmptyText {
      http.token = .value(token)
    }
    http.user = user.values["username"].nonEmptyText
    http.password = user.values["password"].nonEmptyText
    if user.values["exec"] != .null {
      plugin = try ExecCredentialPlugin(
        user, cluster: cluster, environment: environment, temporaryFolder: temporaryFolder)
    }
  }

  private static func refuseUnsupported(
    _ cluster: Kubeconfig.Section, _ user: Kubeconfig.Section
  ) throws {
    if cluster.values["proxy-url"].nonEmptyText != nil {
      throw ConnectorError.misconfigured(
        "The cluster '\(cluster.name)' of the kubeconfig sets proxy-url, which is not supported; set the environment variable https_proxy instead."
      )
    }
    for key in ["as", "as-uid", "as-groups", "as-user-extra"] where user.values[key] != .null {
      throw ConnectorError.misconfigured(
        "The user '\(user.name)' of the kubeconfig impersonates another one ('\(key)'), which is not supported; give the planner credentials of its own."
      )
    }
    if user.values["auth-provider"] != .null {
      throw ConnectorError.misconfigured(
        "The user '\(user.name)' of the kubeconfig uses an auth-provider, which Kubernetes 1.26 removed; replace it with an exec plugin."
      )
    }
  }
}
