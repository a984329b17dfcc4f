/// How the planner authenticates to one server and whom it trusts. No file has been read yet.
public struct ServerAccess: Sendable, Equatable {
  /// Sent as a bearer token; excludes ``tokenFile`` and ``user``.
  public var token: Secret?
  /// File that holds the bearer token.
  public var tokenFile: String?
  /// User name; comes with a ``password`` or a ``passwordFile``.
  public var user: String?
  /// The password of ``user``.
  public var password: Secret?
  /// File that holds the password of ``user``.
  public var passwordFile: String?
  /// File with the certificate authorities to trust, PEM; nil for the system's.
  public var caFile: String?
  /// File with the client's certificate, PEM; comes with a ``keyFile``.
  public var certificateFile: String?
  /// File with the key of the client's certificate, PEM.
  public var keyFile: String?
  /// Whether the server's certificate goes unverified; excludes ``caFile``.
  public var skipsTLSVerification: Bool
  /// Headers of every request, each `NAME=VALUE` or `NAME=@FILE`.
  public var headers: [String]
  /// Fields added to every query, each `NAME=VALUE` as it stands in a URL.
  public var queryParameters: [String]

  init(
    _ options: inout OptionReader, _ server: AccessOptions
  ) throws(SettingsError) {
    headers =
      try server.tenant.map { tenant throws(SettingsError) in
        try options.list(tenant.headers)
      } ?? []
    queryParameters =
      try server.tenant.map { tenant throws(SettingsError) in
        try options.list(tenant.queryParameters).flatMap {
          $0.split(separator: "&").map(String.init)
        }
      } ?? []
    token = try server.token.flatMap { token throws(SettingsError) in
      try options.optionalText(token.value)
    }.map(Secret.init)
    tokenFile = try server.token.flatMap { token throws(SettingsError) in
      try options.optionalText(token.file)
    }
    user = try options.optionalText(server.user)
    password = try options.optionalText(server.password).map(Secret.init)
    passwordFile = try options.optionalText(server.passwordFile)
    caFile = try options.optionalText(server.caFile)
    certificateFile = try options.optionalText(server.certificateFile)
    keyFile = try options.optionalText(server.keyFile)
    skipsTLSVerification = try options.boolean(server.skipTLSVerify)
  }
}
