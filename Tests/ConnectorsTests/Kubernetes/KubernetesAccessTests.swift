import Connectors
import Foundation
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// Every way to find and use a cluster, against one over TLS.
@Suite("Access to a cluster", .sharedCertificates)
struct KubernetesAccessTests {
  private let cluster: StandInCluster
  private let folder: TemporaryFolder
  /// Where inline certificates go.
  private let scratch: TemporaryFolder

  init() async throws {
    cluster = try await standInCluster()
    folder = try TemporaryFolder()
    scratch = try TemporaryFolder()
    let deployment = try resource("v1beta1_disagg")
    cluster.with { $0.add(deployment: deployment) }
  }

  private var authority: String { cluster.certificates.authority.certificate }

  private func base64(_ path: String) throws -> String {
    try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
  }

  /// A kubeconfig for the cluster, as JSON (which YAML includes).
  private func kubeconfig(_ server: String, cluster: JSON = [:], user: JSON) -> String {
    let merged = JSON.object(["server": .string(server)]).merging(cluster)
    let config: JSON = [
      "current-context": "here",
      "contexts": [
        ["name": "here", "context": ["cluster": "c", "user": "u", "namespace": "serving"]]
      ],
      "clusters": [["name": "c", "cluster": merged]],
      "users": [["name": "u", "user": user]],
    ]
    return config.text
  }

  private func access(_ files: [String], _ more: [String: String] = [:]) throws -> KubernetesAccess
  {
    var environment = ["KUBECONFIG": files.joined(separator: ":"), "TMPDIR": scratch.path]
    environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
    environment.merge(more) { $1 }
    return try KubernetesAccess.find(
      environment: environment, serviceAccountFolder: folder.path + "/none",
      parseYAML: ConfigurationValue.init(json:))
  }

  private func access(cluster: JSON = [:], user: JSON) throws -> KubernetesAccess {
    try access([
      try folder.write("config", kubeconfig(self.cluster.url, cluster: cluster, user: user))
    ])
  }

  /// Reads the deployment with `access`.
  @discardableResult
  private func observe(_ access: KubernetesAccess) async throws -> DeploymentStatus {
    let connector = try KubernetesConnector(
      api: KubernetesAPI(access: access, client: realHTTPClient(), pause: { _ in }),
      settings: .init(deploymentName: "chat", mode: .disagg, backend: "vllm"))
    return try await connector.observe(at: 1)
  }

  @Test("a pod's service account is used, and its token is read again when it was rotated")
  func inCluster() async throws {
    try folder.write("sa/token", "secret-token-1\n")
    try folder.write("sa/namespace", "serving\n")
    try folder.write("sa/ca.crt", try String(contentsOfFile: authority, encoding: .utf8))
    let port = cluster.url.split(separator: ":").last.map(String.init) ?? ""
    let access = try KubernetesAccess.find(
      environment: [
        "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port,
        "KUBECONFIG": "/nowhere",
      ], serviceAccountFolder: folder.path + "/sa", parseYAML: ConfigurationValue.init(json:))
    #expect(access.server == cluster.url)
    #expect(access.namespace == "serving")
    let api = KubernetesAPI(access: access, client: realHTTPClient())
    let connector = try KubernetesConnector(
      api: api, settings: .init(deploymentName: "chat", mode: .disagg, backend: "vllm"))
    _ = try await connector.observe(at: 1)

    // The kubelet replaces the token; the old one stays good for a while, then it is refused.
    cluster.with { $0.tokens = ["secret-token-2"] }
    let denied = await expectRefusal(.permissionDenied) { try await connector.observe(at: 2) }
    #expect(denied.contains("401") && !denied.contains("secret-token"))
    try folder.write("sa/token", "secret-token-2")
    _ = try await connector.observe(at: 3)
  }

  @Test("a token that is replaced between two requests is found by the second")
  func rotationInBetween() async throws {
    let token = try folder.write("token", "old")
    let file = folder
    cluster.on(
      "GET", "/apis/nvidia.com/v1beta1",
      .interference { _ in _ = try? file.write("token", "secret-token-1") })
    try await observe(
      try access(
        cluster: ["certificate-authority": .string(authority)],
        user: ["tokenFile": .string(token)]))
  }

  @Test(
    "the API server's address is a URL for host names, IPv4 and IPv6",
    arguments: [
      ("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443"),
      ("kubernetes.default.svc", "https://kubernetes.default.svc:443"),
    ])
  func address(_ host: String, _ server: String) throws {
    try folder.write("sa/token", "t")
    let access = try KubernetesAccess.find(
      environment: ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"],
      serviceAccountFolder: folder.path + "/sa", parseYAML: ConfigurationValue.init(json:))
    #expect(access.server == server)
    #expect(access.namespace == "default")
  }

  @Test("the namespace is POD_NAMESPACE, the service account's, the context's, or default")
  func namespaces() throws {
    let user: JSON = ["token": "t"]
    let file = try folder.write("config", kubeconfig("https://c", user: user))
    func namespace(_ environment: [String: String], _ account: String = "none") throws -> String {
      try KubernetesAccess.find(
        environment: environment.merging(["KUBECONFIG": file]) { $1 },
        serviceAccountFolder: "\(folder.path)/\(account)", parseYAML: ConfigurationValue.init(json:)
      ).namespace
    }
    try folder.write("sa/namespace", "of-account")
    #expect(try namespace(["POD_NAMESPACE": "of-pod"], "sa") == "of-pod")
    #expect(try namespace([:], "sa") == "of-account")
    #expect(try namespace([:]) == "serving")
    try folder.write(
      "config", kubeconfig("https://c", user: user).replacing(#""namespace":"serving","#, with: ""))
    #expect(try namespace([:]) == "default")
  }

  @Test("certificates in files, relative to the kubeconfig, and inline work alike")
  func certificates() async throws {
    let cluster = try await standInCluster(asksForClientCertificate: true)
    let deployment = try resource("v1beta1_disagg")
    cluster.with {
      $0.tokens = []
      $0.add(deployment: deployment)
    }
    let identity = cluster.certificates.client
    for (name, path) in [
      ("pki/ca.pem", authority), ("pki/me.pem", identity.certificate), ("pki/me.key", identity.key),
    ] {
      try folder.write(name, try String(contentsOfFile: path, encoding: .utf8))
    }
    let relative = try folder.write(
      "relative",
      kubeconfig(
        cluster.url, cluster: ["certificate-authority": "pki/ca.pem"],
        user: ["client-certificate": "pki/me.pem", "client-key": "pki/me.key"]))
    try await observe(try access([relative]))
    let inline = try folder.write(
      "inline",
      kubeconfig(
        cluster.url, cluster: ["certificate-authority-data": .string(try base64(authority))],
        user: [
          "client-certificate-data": .string(try base64(identity.certificate)),
          "client-key-data": .string(try base64(identity.key)),
          // The inline form counts.
          "client-certificate": "/nowhere",
        ]))
    let access = try access([inline])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    try await observe(access)
    #expect(!cluster.clientNames.isEmpty && cluster.clientNames.allSatisfy { $0 == "planner" })

    let without = try folder.write(
      "without",
      kubeconfig(
        cluster.url, cluster: ["certificate-authority": .string(authority)],
        user: ["token": "t"]))
    await expectRefusal(.unreachable) { try await observe(try self.access([without])) }
  }

  @Test("a server whose authority is not named is not trusted")
  func untrusted() async throws {
    let error = await expectRefusal(.unreachable) {
      try await observe(try access(user: ["token": "secret-token-1"]))
    }
    #expect(error.contains("not trusted"), "\(error)")
    let other = cluster.certificates.otherAuthority.certificate
    await expectRefusal(.unreachable) {
      try await observe(
        try access(
          cluster: ["certificate-authority": .string(other)], user: ["token": "secret-token-1"]))
    }
    await expectRefusal(.misconfigured) {
      try await observe(
        try access(
          cluster: ["certificate-authority": "/nowhere/ca.pem"],
          user: ["token": "secret-token-1"]))
    }
  }

  @Test("insecure-skip-tls-verify works and is warned of in every status")
  func insecure() async throws {
    let status = try await observe(
      try access(
        cluster: ["insecure-skip-tls-verify": true], user: ["token": "secret-token-1"]))
    #expect(status.warnings.first?.contains("is not verified") == true)
  }

  @Test("another name than the URL's can be verified")
  func serverName() async throws {
    let trust: JSON = ["certificate-authority": .string(authority)]
    try await observe(
      try access(
        cluster: trust.merging(["tls-server-name": "planner.test"]),
        user: ["token": "secret-token-1"]))
    await expectRefusal(.unreachable) {
      try await observe(
        try access(
          cluster: trust.merging(["tls-server-name": "elsewhere.test"]),
          user: ["token": "secret-token-1"]))
    }
  }

  @Test("user name and password are sent as basic authentication")
  func basicAuthentication() async throws {
    await expectRefusal(.permissionDenied) {
      try await observe(
        try access(
          cluster: ["certificate-authority": .string(authority)],
          user: ["username": "me", "password": "secret"]))
    }
    #expect(cluster.requests.first?.header("Authorization") == "Basic bWU6c2VjcmV0")
  }

  @Test("of several kubeconfig files the first that names something defines it")
  func merging() throws {
    let first = try folder.write(
      "1",
      #"""
      {"users": [{"name": "u", "user": {"token": "first"}}],
       "clusters": [{"name": "c", "cluster": {"server": "https://first/prefix//"}}]}
      """#)
    let second = try folder.write("2", kubeconfig("https://second", user: ["token": "second"]))
    let access = try access(["", first, folder.path + "/missing", second])
    #expect(access.server == "https://first/prefix")
    #expect(access.http.token == .value("first"))
    #expect(access.namespace == "serving")
  }

  @Test("without KUBECONFIG the home folder's file is used")
  func homeFolder() throws {
    try folder.write(".kube/config", kubeconfig("https://home", user: ["token": "t"]))
    let access = try KubernetesAccess.find(
      environment: ["HOME": folder.path], serviceAccountFolder: "/nowhere",
      parseYAML: ConfigurationValue.init(json:))
    #expect(access.server == "https://home")
  }

  @Test(
    "what a kubeconfig lacks or asks too much is named",
    arguments: [
      (#"{"server": ""}"#, #"{"token": "t"}"#, "has no server"),
      (#"{"proxy-url": "http://p"}"#, "{}", "proxy-url"),
      (#"{"certificate-authority-data": "%%%"}"#, "{}", "certificate-authority-data of 'c'"),
      (
        #"{"certificate-authority": "/ca", "insecure-skip-tls-verify": true}"#, "{}",
        "both a certificate-authority and insecure-skip-tls-verify"
      ),
      ("{}", #"{"client-certificate": "/me.pem"}"#, "without the other one"),
      ("{}", #"{"client-key-data": "a2V5"}"#, "without the other one"),
      ("{}", #"{"as": "admin"}"#, "impersonates another one ('as')"),
      ("{}", #"{"as-groups": ["a"]}"#, "impersonates another one ('as-groups')"),
      ("{}", #"{"auth-provider": {"name": "gcp"}}"#, "uses an auth-provider"),
      ("{}", #"{"exec": {"apiVersion": "client.authentication.k8s.io/v1"}}"#, "has no command"),
      (
        "{}", #"{"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1alpha1"}}"#,
        "uses apiVersion 'client.authentication.k8s.io/v1alpha1'"
      ),
      (
        "{}",
        #"{"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Always"}}"#,
        "wants to ask questions"
      ),
    ])
  func refused(_ cluster: String, _ user: String, _ message: String) async throws {
    let cluster = try JSON(Data(cluster.utf8))
    let user = try JSON(Data(user.utf8))
    let error = await expectRefusal(.misconfigured) { try access(cluster: cluster, user: user) }
    #expect(error.contains(message), "\(error)")
  }

  @Test(
    "a kubeconfig that leads nowhere is named",
    arguments: [
      ("{}", "has no current-context"), ("", "is not valid YAML"),
      (#"{"current-context": "x"}"#, "has no context 'x'"),
      (
        #"{"current-context": "x", "contexts": [{"name": "x", "context": {}}]}"#, "names no cluster"
      ),
      (
        #"{"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "c"}}]}"#,
        "has no cluster 'c'"
      ),
      (
        #"{"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "clusters": [{"name": "c", "cluster": {"server": "https://c"}}]}"#,
        "has no user 'u'"
      ),
    ])
  func broken(_ text: String, _ message: String) async throws {
    let file = try folder.write("config", text)
    let error = await expectRefusal(.misconfigured) { try access([file]) }
    #expect(error.contains(message) && error.contains(file), "\(error)")
  }

  @Test("no access at all says what was looked for")
  func nothing() async throws {
    let error = await expectRefusal(.misconfigured) { try access(["/nowhere/config"]) }
    #expect(error.contains("/nowhere/config") && error.contains("KUBERNETES_SERVICE_HOST"))
    let homeless = await expectRefusal(.misconfigured) {
      try KubernetesAccess.find(
        environment: [:], serviceAccountFolder: "/nowhere",
        parseYAML: ConfigurationValue.init(json:))
    }
    #expect(homeless.contains("KUBECONFIG and HOME are not set"))
  }

  @Test("inline certificates need a place for a temporary file")
  func noTemporaryFolder() async throws {
    let file = try folder.write(
      "config",
      kubeconfig("https://c", cluster: ["certificate-authority-data": "Y2E="], user: [:]))
    let error = await expectRefusal(.misconfigured) {
      try access([file], ["TMPDIR": "/nowhere"])
    }
    #expect(error.contains("Set TMPDIR"))
  }
}

extension ConfigurationValue {
  /// Parses JSON, in place of the program's YAML parser.
  init(json text: String) throws { self.init(try JSON(Data(text.utf8))) }

  private init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .array(elements.map(ConfigurationValue.init))
    case .object(let members): self = .object(members.mapValues(ConfigurationValue.init))
    }
  }
}
