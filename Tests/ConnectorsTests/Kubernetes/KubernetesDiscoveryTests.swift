import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@Suite("Discovery of API versions")
struct KubernetesDiscoveryTests {
  private func list(_ names: String...) -> String {
    let items = names.map { #"{"name":"\#($0)","namespaced":true}"# }.joined(separator: ",")
    return #"{"kind":"APIResourceList","resources":[\#(items)]}"#
  }

  private var dynamo: String {
    list(
      "dynamographdeployments", "dynamographdeployments/status",
      "dynamographdeploymentscalingadapters/scale")
  }

  /// A cluster that serves these resource lists by version, and one deployment in each.
  private func client(_ lists: [String: String]) throws -> ScriptedHTTPClient {
    let documents = [
      "v1beta1": try resource("v1beta1_disagg").text,
      "v1alpha1": try resource("v1alpha1_disagg").text,
    ]
    return ScriptedHTTPClient { request, _ in
      for (version, list) in lists {
        let root = "https://cluster/apis/nvidia.com/\(version)"
        if request.url == root { return .json(200, list) }
        if request.url == root + "/namespaces/serving/dynamographdeployments/chat" {
          return .json(200, documents[version] ?? "")
        }
        if request.url.hasSuffix("scalingadapters") { return .json(200, #"{"items":[]}"#) }
      }
      return HTTPResponse(status: 404, body: Array("404 page not found\n".utf8))
    }
  }

  private func connector(
    _ client: ScriptedHTTPClient, cached: KubernetesDiscovery? = nil
  ) throws -> KubernetesConnector {
    try KubernetesConnector(
      api: KubernetesAPI(
        access: KubernetesAccess(
          server: "https://cluster", http: HTTPAccess(), namespace: "serving"), client: client,
        pause: { _ in }),
      settings: .init(deploymentName: "chat", mode: .disagg, backend: "vllm"), discovery: cached)
  }

  @Test("v1beta1 is preferred, and what was learned is kept for the next invocation")
  func preferred() async throws {
    let client = try client(["v1beta1": dynamo, "v1alpha1": dynamo])
    let connector = try connector(client)
    _ = try await connector.observe(at: 100)
    let learned = await connector.discovery
    #expect(
      learned
        == KubernetesDiscovery(
          server: "https://cluster", deploymentVersion: "v1beta1", adapterVersion: "v1beta1",
          discoveredAt: 100))
    #expect(client.requests.count == 3)

    let next = try self.connector(client, cached: learned)
    _ = try await next.observe(at: 3699)
    #expect(client.requests.count == 5)
    _ = try await self.connector(client, cached: learned).observe(at: 3700)
    #expect(client.requests.count == 8)
  }

  @Test("an old operator's v1alpha1 is found")
  func alphaOnly() async throws {
    let connector = try connector(try client(["v1alpha1": dynamo]))
    _ = try await connector.observe(at: 100)
    #expect(await connector.discovery?.deploymentVersion == "v1alpha1")
  }

  @Test("adapters may be served in another version than deployments, or not at all")
  func adapterVersions() async throws {
    let deployments = list("dynamographdeployments")
    let mixed = try connector(try client(["v1beta1": deployments, "v1alpha1": dynamo]))
    _ = try await mixed.observe(at: 100)
    #expect(await mixed.discovery?.deploymentVersion == "v1beta1")
    #expect(await mixed.discovery?.adapterVersion == "v1alpha1")
    let none = try connector(try client(["v1beta1": deployments]))
    _ = try await none.observe(at: 100)
    #expect(await none.discovery?.adapterVersion == nil)
  }

  @Test("NVIDIA's GPU operator in the same API group is not mistaken for Dynamo")
  func otherOperator() async throws {
    let connector = try connector(try client(["v1alpha1": list("nvidiadrivers")]))
    let error = await expectRefusal(.misconfigured) { try await connector.observe(at: 100) }
    #expect(error.contains("Install the Dynamo operator"))
  }

  @Test(
    "a discovery that does not fit is made anew",
    arguments: [
      KubernetesDiscovery(
        server: "https://other", deploymentVersion: "v1alpha1", adapterVersion: nil,
        discoveredAt: 90),
      KubernetesDiscovery(
        server: "https://cluster", deploymentVersion: "v1alpha1", adapterVersion: nil,
        discoveredAt: 101),
      KubernetesDiscovery(
        server: "https://cluster", deploymentVersion: "v9", adapterVersion: nil, discoveredAt: 90),
      // Still fresh, but the operator was upgraded in between: the server answers 404.
      KubernetesDiscovery(
        server: "https://cluster", deploymentVersion: "v1alpha1", adapterVersion: nil,
        discoveredAt: 90),
    ])
  func unfitting(_ cached: KubernetesDiscovery) async throws {
    let connector = try connector(try client(["v1beta1": dynamo]), cached: cached)
    _ = try await connector.observe(at: 100)
    #expect(await connector.discovery?.deploymentVersion == "v1beta1")
  }

  @Test("a cluster that forbids discovery is told apart from one without Dynamo")
  func forbidden() async throws {
    let client = ScriptedHTTPClient { _, _ in
      .json(403, #"{"kind":"Status","message":"User cannot get path \"/apis/nvidia.com\""}"#)
    }
    let connector = try connector(client)
    let error = await expectRefusal(.permissionDenied) { try await connector.observe(at: 100) }
    #expect(error.contains("system:discovery"))
  }

  @Test(
    "names that can't stand in a path are refused before anything is sent",
    arguments: ["", "Chat", "a/b", "..", "a..b", ".a", "chat?x=1", "chat b"])
  func impossibleNames(_ name: String) async throws {
    let client = try client([:])
    await expectRefusal(.misconfigured) {
      try KubernetesConnector(
        api: KubernetesAPI(
          access: KubernetesAccess(server: "https://c", http: HTTPAccess(), namespace: "serving"),
          client: client),
        settings: .init(deploymentName: name, mode: .disagg, backend: "vllm"))
    }
  }
}
