/// The options for a bearer token.
struct TokenOptions: Sendable {
  /// The token itself; never a flag.
  let value: PlannerOption
  /// The file that holds it.
  let file: PlannerOption

  private init(
    _ server: String, _ title: String, environment: (value: [String], file: [String]) = ([], []),
    aliases: (value: [OptionAlias], file: [OptionAlias]) = ([], [])
  ) {
    value = PlannerOption(
      "\(server)-token", .text, aliases: aliases.value, environment: environment.value,
      isSecret: true, help: "Bearer token for \(title).")
    file = PlannerOption(
      "\(server)-token-file", .text, unit: "file", aliases: aliases.file,
      environment: environment.file,
      help: "File with the bearer token for \(title), read anew for every request.")
  }

  /// Those of Prometheus.
  static let prometheus = TokenOptions(
    "prometheus", "Prometheus", environment: (["PROMETHEUS_TOKEN"], ["PROMETHEUS_TOKEN_FILE"]),
    aliases: (
      [.file("metric_pulling_prometheus_token")], [.file("metric_pulling_prometheus_token_file")]
    ))
  /// Those of the router's page.
  static let router = TokenOptions("router", "the router")
  /// Those of the push gateway.
  static let pushgateway = TokenOptions("pushgateway", "the push gateway")
}

/// The options for what a proxy in front of a server with tenants wants in every request.
struct TenantOptions: Sendable {
  /// Header fields.
  let headers: PlannerOption
  /// Fields of the query.
  let queryParameters: PlannerOption

  private init(
    _ server: String, _ title: String, environment: [String] = [], aliases: [OptionAlias] = []
  ) {
    headers = PlannerOption(
      "\(server)-header", .pairs, unit: "NAME=VALUE|@FILE", isRecorded: false,
      help: """
        Header of every request to \(title), as X-Scope-OrgID=team-a for a store with tenants; \
        behind @ stands a file that holds the value. Repeat for several.
        """)
    queryParameters = PlannerOption(
      "\(server)-query-parameter", .pairs, unit: "NAME=VALUE", aliases: aliases,
      environment: environment,
      help: """
        Field added to the query of every request to \(title), for proxies that ask for a \
        tenant; several as in namespace=a&tenant=b, or repeat it.
        """)
  }

  /// Those of Prometheus.
  static let prometheus = TenantOptions(
    "prometheus", "Prometheus", environment: ["PROMETHEUS_EXTRA_QUERY_PARAMS"],
    aliases: [.file("metric_pulling_prometheus_extra_query_params")])
  /// Those of the push gateway.
  static let pushgateway = TenantOptions("pushgateway", "the push gateway")
}

/// The options that say how to authenticate to one server and whom to trust.
struct AccessOptions: Sendable {
  /// The bearer token; nil where the server takes none.
  let token: TokenOptions?
  /// What a proxy in front of it wants; nil where none is provided for.
  let tenant: TenantOptions?
  /// User name.
  let user: PlannerOption
  /// The password itself; never a flag.
  let password: PlannerOption
  /// The file that holds the password.
  let passwordFile: PlannerOption
  /// Certificate authorities to trust.
  let caFile: PlannerOption
  /// The client's certificate.
  let certificateFile: PlannerOption
  /// The key of the client's certificate.
  let keyFile: PlannerOption
  /// Whether the server's certificate goes unverified.
  let skipTLSVerify: PlannerOption

  private init(
    _ server: String, _ title: String, token: TokenOptions? = nil, tenant: TenantOptions? = nil,
    user userVariables: [String] = [], password passwordVariables: [String] = [],
    caFile caVariables: [String] = [], caAliases: [OptionAlias] = [],
    skipTLSVerifyAliases: [OptionAlias] = []
  ) {
    self.token = token
    self.tenant = tenant
    user = PlannerOption(
      "\(server)-user", .text, unit: "name", environment: userVariables,
      help: "User name for \(title).")
    password = PlannerOption(
      "\(server)-password", .text, environment: passwordVariables, isSecret: true,
      help: "Password for \(title).")
    passwordFile = PlannerOption(
      "\(server)-password-file", .text, unit: "file",
      help: "File with the password; or $\(PlannerOption.variable(for: "\(server)-password")).")
    caFile = PlannerOption(
      "\(server)-ca-file", .text, unit: "file", aliases: caAliases, environment: caVariables,
      help: "Authorities that vouch for \(title), PEM (default: the system's)."
    )
    certificateFile = PlannerOption(
      "\(server)-certificate-file", .text, unit: "file",
      help: "The planner's certificate for \(title), PEM.")
    keyFile = PlannerOption(
      "\(server)-key-file", .text, unit: "file", help: "The key of that certificate, PEM.")
    skipTLSVerify = PlannerOption(
      "\(server)-skip-tls-verify", .boolean, default: "false", aliases: skipTLSVerifyAliases,
      help: "Don't verify the certificate of \(title).")
  }

  /// Those of Prometheus.
  static let prometheus = AccessOptions(
    "prometheus", "Prometheus", token: .prometheus, tenant: .prometheus,
    caFile: ["PROMETHEUS_CA_FILE", "PROMETHEUS_CA_BUNDLE"],
    caAliases: [.file("metric_pulling_prometheus_ca_bundle")],
    skipTLSVerifyAliases: [.file("metric_pulling_prometheus_ssl_verify", isInverted: true)])
  /// Those of the router's page.
  static let router = AccessOptions("router", "the router", token: .router)
  /// Those of the push gateway.
  static let pushgateway = AccessOptions(
    "pushgateway", "the push gateway", token: .pushgateway, tenant: .pushgateway)
  /// Those of etcd; user and password also under the names that Dynamo's own etcd client reads.
  static let etcd = AccessOptions(
    "etcd", "etcd", user: ["ETCD_AUTH_USERNAME"], password: ["ETCD_AUTH_PASSWORD"])
}
