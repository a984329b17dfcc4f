import Foundation

/// Certificates made for one test with the `openssl` program, in a folder of its own that is
/// removed when the value goes away.
public final class TestCertificates: Sendable {
  /// A certificate and its key.
  public struct Identity: Sendable {
    /// File with the certificate, PEM.
    public let certificate: String
    /// File with the key, PEM.
    public let key: String
  }

  /// `openssl` failed.
  public struct Failure: Error, CustomStringConvertible {
    /// What it said.
    public let description: String
  }

  /// The authority that signed ``server`` and ``client``.
  public let authority: Identity
  /// An authority that signed nothing.
  public let otherAuthority: Identity
  /// A server's certificate for `localhost`, `planner.test` and `127.0.0.1`.
  public let server: Identity
  /// A client's certificate with the common name `planner`.
  public let client: Identity
  /// The client's certificate with its key encrypted.
  public let clientWithEncryptedKey: Identity
  private let folder: String

  /// Makes them.
  public init() async throws {
    let folder = NSTemporaryDirectory() + "/certificates-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    self.folder = folder
    authority = try await Self.make("authority", in: folder)
    otherAuthority = try await Self.make("other", in: folder)
    server = try await Self.make(
      "server", in: folder, signedBy: authority,
      names: "DNS:localhost,DNS:planner.test,IP:127.0.0.1")
    client = try await Self.make(
      "planner", in: folder, signedBy: authority, names: "DNS:client.test")
    clientWithEncryptedKey = Identity(
      certificate: client.certificate, key: folder + "/encrypted.key")
    try await Self.openssl([
      "pkcs8", "-topk8", "-in", client.key, "-out", clientWithEncryptedKey.key, "-passout",
      "pass:something",
    ])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func make(
    _ name: String, in folder: String, signedBy authority: Identity? = nil, names: String = ""
  ) async throws -> Identity {
    let identity = Identity(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
    var arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=\(name)", "-out", identity.certificate, "-keyout", identity.key,
    ]
    if let authority {
      arguments += ["-CA", authority.certificate, "-CAkey", authority.key]
      arguments += ["-addext", "subjectAltName=\(names)"]
      arguments += ["-addext", "basicConstraints=critical,CA:FALSE"]
    }
    try await openssl(arguments)
    return identity
  }

  private static func openssl(_ arguments: [String]) async throws {
    let outcome = try await ChildProcess.run("openssl", arguments)
    guard outcome.exit == .code(0) else { throw Failure(description: outcome.errorOutput) }
  }
}
