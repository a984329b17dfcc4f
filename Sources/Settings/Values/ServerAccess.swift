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

  init(_ values: SettingsValues, _ options: AccessOptions) throws(SettingsError) {
    token = options.token.flatMap { values.optionalText($0.value) }.map(Secret.init)
    tokenFile = options.token.flatMap { values.optionalText($0.file) }
    user = values.optionalText(options.user)
    password = values.optionalText(options.password).map(Secret.init)
    passwordFile = values.optionalText(options.passwordFile)
    caFile = values.optionalText(options.caFile)
    certificateFile = values.optionalText(options.certificateFile)
    keyFile = values.optionalText(options.keyFile)
    skipsTLSVerification = try values.boolean(options.skipTLSVerify)
  }
}
