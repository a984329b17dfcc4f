import Testing

/// The servers that all tests share; each test uses a Dynamo namespace of its own.
struct Servers: Sendable {
  /// Those that the root suite's trait started.
  @TaskLocal static var running: Servers?

  let prometheus: PrometheusServer
  let etcd: EtcdServer

  /// The running servers.
  static func current() throws -> Servers { try #require(running, "the suite starts the servers") }
}

/// Starts the servers for a suite and all suites inside it, and stops them afterwards.
struct SharedServers: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    async let startingPrometheus = PrometheusServer()
    let etcd = try await EtcdServer()
    defer { etcd.stop() }
    let prometheus = try await startingPrometheus
    defer { prometheus.stop() }
    try await Servers.$running.withValue(Servers(prometheus: prometheus, etcd: etcd)) {
      try await function()
    }
  }
}

extension Trait where Self == SharedServers {
  /// The suite's tests find a running Prometheus and etcd in ``Servers/running``.
  static var sharedServers: Self { SharedServers() }
}

/// Runs the real program against real servers.
@Suite("End to end", .sharedServers, .aFewAtATime)
enum EndToEnd {}
