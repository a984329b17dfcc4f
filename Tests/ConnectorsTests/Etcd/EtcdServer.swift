import Foundation
import TestSupport
import Testing

/// A real etcd on loopback ports with its data in a temporary folder.
final class EtcdServer: Sendable {
  /// The server that the suite's trait started.
  @TaskLocal static var current: EtcdServer?

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let endpoint: String
  let folder: TemporaryFolder
  private let process: ChildProcess
  private let clientOptions: [String]

  /// Starts one member and waits until it answers.
  ///
  /// - Parameters:
  ///   - tls: certificates made by ``TestCertificates``.
  ///   - clusterPorts: the peer ports of all members, this one's first; nil for a single member.
  init(tls: TestCertificates? = nil, cluster: Cluster? = nil, index: Int = 0) throws {
    folder = try TemporaryFolder()
    let port = try FreePort.next()
    let peer = "http://127.0.0.1:\(try cluster?.peerPorts[index] ?? FreePort.next())"
    endpoint = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    var arguments = [
      "--name", "m\(index)", "--data-dir", folder.path + "/data",
      "--listen-client-urls", endpoint, "--advertise-client-urls", endpoint,
      "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
      "--initial-cluster", cluster?.description ?? "m0=\(peer)",
      // A test cluster has no disk to wait for.
      "--heartbeat-interval", "50", "--election-timeout", "500",
    ]
    var options: [String] = []
    if let tls {
      arguments += [
        "--cert-file", tls.server.certificate, "--key-file", tls.server.key,
        "--trusted-ca-file", tls.authority.certificate, "--client-cert-auth",
      ]
      options = [
        "--cacert", tls.authority.certificate, "--cert", tls.client.certificate, "--key",
        tls.client.key,
      ]
    }
    clientOptions = options
    process = try ChildProcess("etcd", arguments)
  }

  /// The members of a cluster, known by their peer ports.
  struct Cluster: CustomStringConvertible {
    var peerPorts: [UInt16]
    var description: String {
      peerPorts.enumerated().map { "m\($0)=http://127.0.0.1:\($1)" }.joined(separator: ",")
    }
  }

  /// A single member that is ready.
  static func start(tls: TestCertificates? = nil) async throws -> EtcdServer {
    let server = try EtcdServer(tls: tls)
    try await server.waitUntilReady()
    return server
  }

  func waitUntilReady() async throws {
    try await waitUntil("etcd at \(endpoint) answers") {
      guard process.isRunning else { throw Failure(description: process.errorOutput) }
      return try await outcome(["endpoint", "health", "--command-timeout=1s"]).exit == .code(0)
    }
  }

  /// Runs etcdctl against this server and returns what it printed.
  @discardableResult
  func etcdctl(_ arguments: String..., user: String? = nil) async throws -> String {
    let result = try await outcome((user.map { ["--user", $0] } ?? []) + arguments)
    guard result.exit == .code(0) else { throw Failure(description: result.errorOutput) }
    return result.output
  }

  func stop() { process.kill() }

  private func outcome(_ arguments: [String]) async throws -> ChildProcess.Outcome {
    var environment = ProcessInfo.processInfo.environment
    environment["ETCDCTL_API"] = "3"
    return try await ChildProcess.run(
      "etcdctl", ["--endpoints", endpoint] + clientOptions + arguments, environment: environment)
  }
}

/// Starts one etcd for all tests of a suite; each test uses a Dynamo namespace of its own.
struct SharedEtcd: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let server = try await EtcdServer.start()
    defer { server.stop() }
    try await EtcdServer.$current.withValue(server) { try await function() }
  }
}

extension Trait where Self == SharedEtcd {
  /// The suite's tests find a running etcd in ``EtcdServer/current``.
  static var sharedEtcd: Self { SharedEtcd() }
}
