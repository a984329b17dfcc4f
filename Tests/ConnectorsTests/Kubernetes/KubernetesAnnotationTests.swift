import Invocation
import Planning
import TestSupport
import Testing

@testable import Connectors

@Suite("The last change in an annotation of the deployment", .sharedCertificates)
struct KubernetesAnnotationTests {
  @Test(
    "a change is written with its time, what it is and why",
    arguments: ["v1beta1_disagg", "v1alpha1_disagg"])
  func written(name: String) async throws {
    let session = try await ClusterSession(try resource(name), annotates: true)
    let outcome = try await session.scale([.decode: 5])
    #expect(outcome.applied == [.decode] && outcome.warnings == [])
    let text = session.cluster.object("deployments/chat")?[
      path: "metadata/annotations"]?["sla-planner/last-decision"]?.string
    #expect(text?.hasPrefix("2025-11-24T16:00:00Z ") == true, "\(text ?? "none")")
    #expect(text?.hasSuffix("→ 5: more traffic") == true, "\(text ?? "none")")
  }

  @Test("nothing is annotated unless that is asked for, and a refusal is a warning of the change")
  func optional() async throws {
    let quiet = try await ClusterSession(try resource("v1beta1_disagg"))
    _ = try await quiet.scale([.decode: 5])
    #expect(!quiet.cluster.calls.contains { $0.hasPrefix("PATCH") && $0.hasSuffix("/chat") })
    #expect(
      await quiet.connector.requiredPermissions(lease: nil, isDryRun: false).allSatisfy {
        $0.verb != "patch" || $0.resource != "dynamographdeployments"
      })
  }
}
