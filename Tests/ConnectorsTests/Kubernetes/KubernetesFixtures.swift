import Connectors
import Foundation
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// A resource of `Tests/Fixtures/kubernetes`.
func resource(_ name: String) throws -> JSON {
  try JSON(try Fixture.data("kubernetes/\(name).json"))
}

extension JSON {
  /// A copy with the values at some paths replaced; nil removes one.
  func with(_ changes: [(String, JSON?)]) -> JSON {
    var copy = self
    for (path, value) in changes { copy[path: path] = value }
    return copy
  }
}

/// A change of a resource, or what is wrong with it.
struct Variant: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var changes: [(String, JSON?)]

  init(_ description: String, _ changes: [(String, JSON?)]) {
    testDescription = description
    self.changes = changes
  }
}

/// A discovery that saves the requests for one.
func discovery(_ version: String, server: String = "https://cluster") -> KubernetesDiscovery {
  KubernetesDiscovery(
    server: server, deploymentVersion: version, adapterVersion: version, discoveredAt: 0)
}

/// What a connector makes of `deployment`, without any network.
func observed(
  _ deployment: JSON, _ mode: DeploymentMode = .disagg, backend: String = "vllm"
) async throws -> DeploymentStatus {
  let version = deployment["apiVersion"]?.string?.split(separator: "/").last.map(String.init)
  let body = deployment.text
  let client = ScriptedHTTPClient { request, _ in
    .json(200, request.url.hasSuffix("scalingadapters") ? #"{"items":[]}"# : body)
  }
  let access = KubernetesAccess(
    server: "https://cluster", http: HTTPAccess(), namespace: "serving")
  let connector = try KubernetesConnector(
    api: KubernetesAPI(access: access, client: client),
    settings: .init(
      deploymentName: deployment[path: "metadata/name"]?.string ?? "", mode: mode, backend: backend),
    discovery: discovery(version ?? ""))
  return try await connector.observe(at: 1)
}

/// A connector to a stand-in cluster over TLS.
struct ClusterSession {
  let cluster: StandInCluster
  let connector: KubernetesConnector

  /// Starts a cluster with `deployment` and a connector to it.
  init(
    _ deployment: JSON, _ mode: DeploymentMode = .disagg, limits: HTTPLimits = HTTPLimits(),
    annotates: Bool = false
  ) async throws {
    let version =
      deployment["apiVersion"]?.string?.split(separator: "/").last.map(String.init) ?? ""
    cluster = try await standInCluster(version)
    cluster.with { $0.add(deployment: deployment) }
    connector = try Self.connector(
      to: cluster, name: deployment[path: "metadata/name"]?.string ?? "", mode, version,
      limits: limits, annotates: annotates)
  }

  static func connector(
    to cluster: StandInCluster, name: String, _ mode: DeploymentMode, _ version: String,
    limits: HTTPLimits = HTTPLimits(), annotates: Bool = false
  ) throws -> KubernetesConnector {
    let access = KubernetesAccess(
      server: cluster.url,
      http: HTTPAccess(
        token: .value("secret-token-1"), caFile: cluster.certificates.authority.certificate),
      namespace: "serving")
    return try KubernetesConnector(
      api: KubernetesAPI(access: access, client: realHTTPClient(), limits: limits, pause: { _ in }),
      settings: .init(
        deploymentName: name, mode: mode, backend: "vllm", discoveryLifetimeSeconds: .infinity,
        instance: "sla-planner-pod", annotates: annotates),
      discovery: discovery(version, server: cluster.url))
  }

  /// Observes, and orders `targets` on what was seen.
  func scale(_ targets: [Component: Int], explanation: String = "more traffic") async throws
    -> ScalingOutcome
  {
    let status = try await connector.observe(at: 1_764_000_000)
    return try await connector.apply(
      order(targets, on: status, at: 1_764_000_000.5, explanation: explanation))
  }

  /// The replicas that an adapter asks for.
  func adapterReplicas(_ name: String) -> Int? {
    cluster.object("scalingadapters/\(name)")?[path: "spec/replicas"]?.int
  }
}

/// Makes the certificates once for all tests of a suite.
struct SharedCertificates: SuiteTrait, TestScoping {
  @TaskLocal static var current: TestCertificates?

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await Self.$current.withValue(try await TestCertificates()) { try await function() }
  }
}

extension Trait where Self == SharedCertificates {
  /// The suite's clusters share their certificates.
  static var sharedCertificates: Self { SharedCertificates() }
}

/// A cluster with the suite's certificates.
func standInCluster(
  _ version: String = "v1beta1", asksForClientCertificate: Bool = false
) async throws -> StandInCluster {
  try await StandInCluster(
    version: version, certificates: SharedCertificates.current,
    asksForClientCertificate: asksForClientCertificate)
}
