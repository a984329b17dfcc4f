import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A program that a kubeconfig names to get credentials from.
///
/// Source: Kubernetes documentation, "client-go credential plugins"; API group
/// `client.authentication.k8s.io`, versions v1 and v1beta1.
struct ExecCredentialPlugin: Sendable {
  /// What a plugin answered: a token, a client certificate with its key, or both.
  struct Credentials: Sendable {
    var token: String?
    var certificate: CredentialFile?
    var key: CredentialFile?
  }

  private static let versions = [
    "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
  ]

  private let userName: String
  private let command: String
  private let arguments: [String]
  private let apiVersion: String
  private let installHint: String?
  private let environment: [String: String]
  private let temporaryFolder: String

  /// Reads the `exec` section of a kubeconfig's user.
  init(
    _ user: Kubeconfig.Section, cluster: Kubeconfig.Section, environment: [String: String],
    temporaryFolder: String
  ) throws {
    let exec = user.values["exec"]
    userName = user.name
    self.temporaryFolder = temporaryFolder
    installHint = exec["installHint"].nonEmptyText
    guard let command = exec["command"].nonEmptyText else {
      throw ConnectorError.misconfigured(
        "The exec plugin of user '\(user.name)' in the kubeconfig has no command.")
    }
    // A relative path belongs to the kubeconfig's folder; a bare name is looked up in PATH.
    self.command =
      command.contains("/") && !command.hasPrefix("/") ? user.folder + "/" + command : command
    arguments = exec["args"].elements.compactMap(\.text)
    guard let version = exec["apiVersion"].nonEmptyText, Self.versions.contains(version) else {
      throw ConnectorError.misconfigured(
        "The exec plugin '\(command)' of user '\(user.name)' uses apiVersion '\(exec["apiVersion"].text ?? "")'; supported are \(Self.versions.joined(separator: " and ")). Update the plugin and run its own configuration command again."
      )
    }
    apiVersion = version
    guard exec["interactiveMode"].text != "Always" else {
      throw ConnectorError.misconfigured(
        "The exec plugin '\(command)' of user '\(user.name)' wants to ask questions (interactiveMode: Always), and the planner has no terminal. Use credentials that need nobody."
      )
    }
    var variables = environment
    for entry in exec["env"].elements {
      if let name = entry["name"].nonEmptyText { variables[name] = entry["value"].text ?? "" }
    }
    variables["KUBERNETES_EXEC_INFO"] = try Self.info(
      version, cluster: exec["provideClusterInfo"].flag == true ? cluster : nil)
    self.environment = variables
  }

  /// Runs the plugin.
  ///
  /// - Parameter seconds: the longest that it may take.
  /// - Throws: ``ConnectorError/misconfigured(_:)`` when it can't be started, fails, takes longer
  ///   than that, or answers nonsense.
  func run(secondsAtMost seconds: Double) async throws -> Credentials {
    let outcome: PluginProcess.Outcome
    do {
      outcome = try await PluginProcess.run(
        command, arguments, environment: environment, secondsAtMost: seconds)
    } catch {
      let hint = installHint.map { " " + $0 } ?? ""
      throw problem("could not be run: \(error.reason).\(hint)")
    }
    guard outcome.exitStatus == 0 else {
      let said = outcome.errorText.isEmpty ? "" : ": \(outcome.errorText)"
      throw problem("failed with status \(outcome.exitStatus)\(said).")
    }
    guard
      let answer = try? JSONDecoder().decode(Answer.self, from: Data(outcome.output)),
      answer.kind == "ExecCredential"
    else { throw problem("did not print an ExecCredential.") }
    guard answer.apiVersion == apiVersion else {
      throw problem("answered in version '\(answer.apiVersion)' instead of '\(apiVersion)'.")
    }
    return try credentials(answer.status)
  }

  private func credentials(_ status: Answer.Status?) throws -> Credentials {
    var credentials = Credentials()
    if let token = status?.token, !token.isEmpty { credentials.token = token }
    if let certificate = status?.clientCertificateData, let key = status?.clientKeyData {
      credentials.certificate = try file(certificate, "client certificate")
      credentials.key = try file(key, "client key")
    }
    guard credentials.token != nil || credentials.certificate != nil else {
      throw problem("gave neither a token nor a certificate with its key.")
    }
    return credentials
  }

  private func file(_ text: String, _ kind: String) throws -> CredentialFile {
    try CredentialFile(
      Array(text.utf8), title: "\(kind) that the exec plugin '\(command)' gave",
      temporaryFolder: temporaryFolder)
  }

  private func problem(_ what: String) -> ConnectorError {
    .misconfigured("The exec plugin '\(command)' of user '\(userName)' in the kubeconfig \(what)")
  }

  private struct Answer: Decodable {
    struct Status: Decodable {
      var token: String?
      var clientCertificateData: String?
      var clientKeyData: String?
    }

    var apiVersion: String
    var kind: String
    var status: Status?
  }

  /// The `ExecCredential` that the plugin gets in `KUBERNETES_EXEC_INFO`.
  private static func info(_ version: String, cluster: Kubeconfig.Section?) throws -> String {
    struct Info: Encodable {
      struct Spec: Encodable {
        var cluster: Cluster?
        var interactive = false
      }
      struct Cluster: Encodable {
        var server: String?
        var tlsServerName: String?
        var insecureSkipTLSVerify: Bool?
        var certificateAuthorityData: String?

        enum CodingKeys: String, CodingKey {
          case server
          case tlsServerName = "tls-server-name"
          case insecureSkipTLSVerify = "insecure-skip-tls-verify"
          case certificateAuthorityData = "certificate-authority-data"
        }
      }
      var apiVersion: String
      var kind = "ExecCredential"
      var spec: Spec
    }
    let details = cluster.map { cluster in
      Info.Cluster(
        server: cluster.values["server"].text,
        tlsServerName: cluster.values["tls-server-name"].text,
        insecureSkipTLSVerify: cluster.values["insecure-skip-tls-verify"].flag,
        certificateAuthorityData: cluster.values["certificate-authority-data"].text
          ?? cluster.path("certificate-authority")
          .flatMap { (try? SmallFile.read($0)).map { Data($0).base64EncodedString() } })
    }
    let info = Info(apiVersion: version, spec: .init(cluster: details))
    return String(decoding: try jsonBody(info), as: UTF8.self)
  }
}
