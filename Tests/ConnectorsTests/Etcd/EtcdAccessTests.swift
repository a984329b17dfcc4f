import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// Logging in, TLS and members that die, each with an etcd of its own.
@Suite("Access to etcd")
struct EtcdAccessTests {
  private func store(
    _ endpoints: [String], user: String? = nil, password: String = "",
    access: HTTPAccess = HTTPAccess()
  ) throws -> EtcdScalingStore {
    EtcdScalingStore(
      settings: try EtcdSettings(
        endpoints: endpoints, user: user, password: password, access: access),
      dynamoNamespace: "ns", client: realHTTPClient())
  }

  /// An etcd with a user `planner` for the planner's keys and a user `stranger` for none.
  private func etcdWithUsers() async throws -> EtcdServer {
    let etcd = try await EtcdServer.start()
    try await etcd.etcdctl("user", "add", "root:root-secret")
    try await etcd.etcdctl("user", "grant-role", "root", "root")
    try await etcd.etcdctl("user", "add", "planner:planner-secret")
    try await etcd.etcdctl("user", "add", "stranger:stranger-secret")
    try await etcd.etcdctl("role", "add", "planner")
    try await etcd.etcdctl(
      "role", "grant-permission", "planner", "--prefix=true", "readwrite", "v1/ns/planner/")
    try await etcd.etcdctl("user", "grant-role", "planner", "planner")
    try await etcd.etcdctl("auth", "enable")
    return etcd
  }

  @Test("a user is logged in, also again when its token became invalid")
  func authentication() async throws {
    let etcd = try await etcdWithUsers()
    defer { etcd.stop() }
    let store = try store([etcd.endpoint], user: "planner", password: "planner-secret")
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 0)
    // Changing any user makes every token invalid.
    try await etcd.etcdctl("user", "add", "another:another-secret", user: "root:root-secret")
    _ = try await connector.apply(order([.decode: 2], on: status, at: 0))
    #expect(try await store.read().decodeWorkers == 2)
  }

  @Test(
    "wrong credentials and missing permissions are told apart and name what to change",
    arguments: [
      ("planner", "wrong", "password of user 'planner'"),
      ("nobody", "planner-secret", "password of user 'nobody'"),
      ("stranger", "stranger-secret", "Grant its role 'readwrite' on the prefix 'v1/ns/planner/'"),
      (nil, "", "etcd asks for a user"),
    ])
  func refused(_ user: String?, _ password: String, _ message: String) async throws {
    let etcd = try await etcdWithUsers()
    defer { etcd.stop() }
    let store = try store([etcd.endpoint], user: user, password: password)
    let error = await expectRefusal(.permissionDenied) { try await store.read() }
    #expect(error.contains(message), "\(error)")
    #expect(!error.contains("secret"))
    await expectRefusal(.permissionDenied) {
      try await store.write(VirtualScalingValues(decisionID: 0), ifDecisionIs: nil)
    }
  }

  @Test("a user may be set before authentication is turned on")
  func authenticationOff() async throws {
    let etcd = try await EtcdServer.start()
    defer { etcd.stop() }
    let store = try store([etcd.endpoint], user: "planner", password: "planner-secret")
    #expect(try await store.read() == VirtualScalingValues())
  }

  @Test("TLS with an authority and client certificate of one's own")
  func tls() async throws {
    let certificates = try await TestCertificates()
    let etcd = try await EtcdServer.start(tls: certificates)
    defer { etcd.stop() }
    let access = HTTPAccess(
      caFile: certificates.authority.certificate, certificateFile: certificates.client.certificate,
      keyFile: certificates.client.key)
    let trusting = try store([etcd.endpoint], access: access)
    #expect(
      try await trusting.write(
        VirtualScalingValues(decodeWorkers: 3, decisionID: 0, decidedAt: 1), ifDecisionIs: nil))
    #expect(try await trusting.read().decodeWorkers == 3)

    let untrusting = try store(
      [etcd.endpoint],
      access: HTTPAccess(
        certificateFile: certificates.client.certificate, keyFile: certificates.client.key))
    let error = await expectRefusal(.unreachable) { try await untrusting.read() }
    #expect(error.contains("not trusted"), "\(error)")

    let anonymous = try store(
      [etcd.endpoint], access: HTTPAccess(caFile: certificates.authority.certificate))
    await expectRefusal(.unreachable) { try await anonymous.read() }

    let noFile = try store([etcd.endpoint], access: HTTPAccess(caFile: "/nowhere/ca.pem"))
    let missing = await expectRefusal(.misconfigured) { try await noFile.read() }
    #expect(missing.contains("/nowhere/ca.pem"))
  }

  @Test("when the member in use dies, the others take over within the same invocation")
  func failover() async throws {
    let cluster = EtcdServer.Cluster(peerPorts: try (0..<3).map { _ in try FreePort.next() })
    let members = try (0..<3).map { try EtcdServer(cluster: cluster, index: $0) }
    defer { members.forEach { $0.stop() } }
    for member in members { try await member.waitUntilReady() }

    let store = try store(members.map(\.endpoint))
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 0)
    members[0].stop()
    // The rest may have to elect a leader first; until then every write is refused or times out.
    try await waitUntil("the two members left accept the decision") {
      do {
        return try await connector.apply(order([.decode: 5], on: status, at: 0)).applied == [
          .decode
        ]
      } catch ConnectorError.unreachable {
        return false
      }
    }
    #expect(try await store.read().decisionID == 0)
    #expect(try await store.read().decodeWorkers == 5)
  }
}
