import HTTPTransport
import TestSupport
import Testing

/// The stand-in must refuse what a real API server refuses, or the other tests prove nothing.
@Suite("The stand-in for an API server", .sharedCertificates)
struct StandInClusterTests {
  private let cluster: StandInCluster
  private let client = realHTTPClient()

  init() async throws {
    cluster = try await standInCluster()
    let deployment = try resource("v1beta1_disagg")
    cluster.with { state in
      state.add(deployment: deployment)
      state.objects[state.leasePath("l")] = ["metadata": ["name": "l", "resourceVersion": "1"]]
    }
  }

  private func send(
    _ method: String, _ path: String, _ type: String = "application/json", _ body: String = "",
    token: String = "secret-token-1"
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method, cluster.url + path, headers: [HTTPHeader("Content-Type", type)],
        body: body.isEmpty ? nil : Array(body.utf8),
        access: HTTPAccess(
          token: .value(token), caFile: cluster.certificates.authority.certificate)))
  }

  private let root = "/apis/nvidia.com/v1beta1/namespaces/serving"
  private let leases = "/apis/coordination.k8s.io/v1/namespaces/serving/leases/l"

  @Test(
    "patches are taken by their content type, and preconditions are kept",
    arguments: [
      ("application/merge-patch+json", #"{"spec":{"replicas":4}}"#, 200),
      (
        "application/json-patch+json", #"[{"op":"replace","path":"/spec/replicas","value":4}]"#, 200
      ),
      ("application/json-patch+json", #"[{"op":"test","path":"/spec/replicas","value":9}]"#, 422),
      ("application/json-patch+json", #"[{"op":"add","path":"/no/where","value":9}]"#, 422),
      ("application/strategic-merge-patch+json", #"{"spec":{"replicas":4}}"#, 415),
      ("application/json", #"{"spec":{"replicas":4}}"#, 415),
      ("application/merge-patch+json", #"{"metadata":{"resourceVersion":"1"}}"#, 409),
      ("application/merge-patch+json", #"{"metadata":{"resourceVersion":"481400"}}"#, 200),
      ("application/merge-patch+json", #"{"spec":{"replicas":-1}}"#, 422),
      ("application/merge-patch+json", "{", 400),
    ])
  func patches(_ type: String, _ body: String, _ status: Int) async throws {
    let path = root + "/dynamographdeploymentscalingadapters/chat-decode/scale"
    #expect(try await send("PATCH", path, type, body).status == status)
  }

  @Test("a change counts versions and generations, no change counts nothing")
  func versions() async throws {
    let path = root + "/dynamographdeploymentscalingadapters/chat-decode/scale"
    let type = "application/merge-patch+json"
    _ = try await send("PATCH", path, type, #"{"spec":{"replicas":3}}"#)
    let adapter = { self.cluster.object("scalingadapters/chat-decode")?["metadata"] }
    #expect(adapter()?["resourceVersion"] == "481400")
    _ = try await send("PATCH", path, type, #"{"spec":{"replicas":4}}"#)
    #expect(adapter()?["resourceVersion"] != "481400")
    #expect(adapter()?["generation"] == 2)
  }

  @Test("replicas that an adapter owns can't be changed in the deployment")
  func webhook() async throws {
    let response = try await send(
      "PATCH", root + "/dynamographdeployments/chat", "application/json-patch+json",
      #"[{"op":"add","path":"/spec/components/3/replicas","value":4}]"#)
    #expect(response.status == 422)
    let denial = try resource("webhook_denied")["message"]?.string
    #expect(try JSON(response.text)["message"]?.string == denial)
  }

  @Test("updates need the newest version and times with six digits")
  func updates() async throws {
    #expect(try await send("PUT", leases, body(nil, nil)).status == 422)
    #expect(try await send("PUT", leases, body("0", nil)).status == 409)
    #expect(try await send("PUT", leases, body("1", "2026-01-01T00:00:00Z")).status == 400)
    #expect(try await send("PUT", leases, body("1", "2026-01-01T00:00:00.000000Z")).status == 200)
  }

  private func body(_ version: String?, _ time: String?) -> String {
    var lease: JSON = ["metadata": ["name": "l"], "spec": [:]]
    lease[path: "metadata/resourceVersion"] = version.map(JSON.string)
    lease[path: "spec/renewTime"] = time.map(JSON.string)
    return lease.text
  }

  private func send(_ method: String, _ path: String, _ body: String) async throws -> HTTPResponse {
    try await send(method, path, "application/json", body)
  }

  @Test("strangers, missing objects and unknown versions get the real server's refusals")
  func refusals() async throws {
    let path = root + "/dynamographdeployments/"
    #expect(try await send("GET", path + "chat", token: "x").status == 401)
    let missing = try await send("GET", path + "other")
    #expect(missing.status == 404)
    #expect(try JSON(missing.text)[path: "details/name"] == "other")
    let version = try await send("GET", path.replacing("v1beta1", with: "v1") + "chat")
    #expect(version.status == 404 && version.text == "404 page not found\n")
    cluster.with { $0.forbidden = ["get dynamographdeployments"] }
    #expect(try await send("GET", path + "chat").status == 403)
  }
}
