import Foundation
import Invocation
import TestSupport

/// A real etcd on loopback ports with its data in a temporary folder.
final class EtcdServer: Sendable {
  /// The server or etcdctl gave up.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let port: UInt16
  var endpoint: String { "http://127.0.0.1:\(port)" }
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// Starts it and waits until it answers.
  init() async throws {
    folder = try TemporaryFolder()
    port = try FreePort.next()
    let client = "http://127.0.0.1:\(port)"
    let peer = "http://127.0.0.1:\(try FreePort.next())"
    process = try ChildProcess(
      "etcd",
      [
        "--name", "m0", "--data-dir", folder.file("data"), "--listen-client-urls", client,
        "--advertise-client-urls", client, "--listen-peer-urls", peer,
        "--initial-advertise-peer-urls", peer, "--initial-cluster", "m0=\(peer)",
        "--heartbeat-interval", "50", "--election-timeout", "500",
      ])
    try await waitUntil("etcd at \(endpoint) answers") {
      guard process.isRunning else { throw Failure(description: process.errorOutput) }
      return try await outcome(["endpoint", "health", "--command-timeout=1s"]).exit == .code(0)
    }
  }

  func stop() { process.kill() }

  /// Runs etcdctl and returns what it printed.
  @discardableResult
  func etcdctl(_ arguments: String..., user: String? = nil) async throws -> String {
    try await etcdctl(arguments, user: user)
  }

  /// Runs etcdctl and returns what it printed.
  @discardableResult
  func etcdctl(_ arguments: [String], user: String? = nil) async throws -> String {
    let result = try await outcome((user.map { ["--user", $0] } ?? []) + arguments)
    guard result.exit == .code(0) else { throw Failure(description: result.errorOutput) }
    return result.output
  }

  /// The planner's keys in one Dynamo namespace, without their prefix, and their values as text.
  func keys(of namespace: String, user: String? = nil) async throws -> [String: String] {
    let prefix = "v1/\(namespace)/planner/"
    let lines = try await etcdctl("get", "--prefix", prefix, user: user).split(
      separator: "\n", omittingEmptySubsequences: false)
    var keys: [String: String] = [:]
    for (key, value) in zip(lines, lines.dropFirst()) where key.hasPrefix(prefix) {
      keys[String(key.dropFirst(prefix.count))] = String(value)
    }
    return keys
  }

  /// Writes keys of the planner, as a client or another planner would.
  func put(_ values: [(key: String, value: String)], of namespace: String) async throws {
    for (key, value) in values { try await etcdctl("put", "v1/\(namespace)/planner/\(key)", value) }
  }

  private func outcome(_ arguments: [String]) async throws -> ChildProcess.Outcome {
    var environment = ProcessInfo.processInfo.environment
    environment["ETCDCTL_API"] = "3"
    return try await ChildProcess.run(
      "etcdctl", ["--endpoints", endpoint] + arguments, environment: environment)
  }
}
