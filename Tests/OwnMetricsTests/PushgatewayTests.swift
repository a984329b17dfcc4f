import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import OwnMetrics

@Suite("Push gateway")
struct PushgatewayTests {
  @Test(
    "the group is the deployment",
    arguments: [
      ("http://g:9091", "default/demo", "ZGVmYXVsdC9kZW1v"),
      ("http://g:9091/", "dynamo", "ZHluYW1v"),
      ("http://g/prefix//", "a", "YQ=="), ("http://g", "ab?>", "YWI_Pg=="), ("http://g", "", "="),
    ])
  func groupIsTheDeployment(_ base: String, _ deployment: String, _ segment: String) {
    let root = base.replacing(/\/+$/, with: "")
    #expect(
      Pushgateway.address(base, job: "sla-planner", deployment: deployment)
        == "\(root)/metrics/job/sla-planner/deployment@base64/\(segment)")
  }

  @Test("a push replaces its own deployment's group and no other")
  func pushReplacesItsOwnDeploymentsGroup() async throws {
    let port = try FreePort.next()
    let url = "http://127.0.0.1:\(port)"
    let process = try ChildProcess(
      "prometheus-pushgateway",
      // Debian's keeps what was pushed in a file of the system's.
      [
        "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn", "--persistence.file=",
      ])
    defer { process.kill() }
    try await waitUntil("the push gateway is ready") {
      (try? await Sample.get(url + "/-/ready").status) == 200
    }
    let outlets = MetricsOutlets(
      pushgateway: Pushgateway(url: url, client: CurlHTTPClient(version: "test")))
    #expect(await outlets.publish(Sample.page(deployment: "serving/chat")) == [])
    #expect(await outlets.publish(Sample.page(deployment: "serving/other")) == [])
    var next = Sample.decision()
    next.observed = nil
    #expect(await outlets.publish(Sample.page(next, deployment: "serving/chat")) == [])

    let text = try await Sample.get(url + "/metrics").text
    func series(_ name: String, _ deployment: String) -> Bool {
      text.contains(
        "dynamo_planner_\(name){deployment=\"\(deployment)\",instance=\"\",job=\"sla-planner\"}")
    }
    #expect(series("num_prefill_replicas", "serving/chat"))
    #expect(series("observed_ttft_ms", "serving/other"))
    #expect(!series("observed_ttft_ms", "serving/chat"))
    #expect(text.contains("# HELP dynamo_planner_gpu_hours GPU hours"))
    #expect(
      text.contains(
        "push_failure_time_seconds{deployment=\"serving/chat\",instance=\"\",job=\"sla-planner\"} 0"
      ))
  }

  @Test("what a gateway and its proxy want to know goes along: headers, query and credentials")
  func accessGoesAlong() async throws {
    let server = try StandInServer()
    defer { server.stop() }
    let path = "/metrics/job/sla-planner/deployment@base64/c2VydmluZy9jaGF0"
    server.on(path, .text("", status: 200))
    for access in [
      HTTPAccess(token: .value("t0ken"), headers: [HTTPHeader("X-Scope-OrgID", "team-a")]),
      HTTPAccess(user: "planner", password: "secret"),
    ] {
      let gateway = Pushgateway(
        url: server.url, access: access, queryParameters: ["tenant=a", "b=c%20d"],
        client: CurlHTTPClient(version: "test"))
      #expect(await MetricsOutlets(pushgateway: gateway).publish(Sample.page()) == [])
    }
    let requests = server.requests
    #expect(requests.allSatisfy { $0.target == path + "?tenant=a&b=c%20d" })
    #expect(requests.first?.header("X-Scope-OrgID") == "team-a")
    #expect(
      requests.map { $0.header("Authorization") } == ["Bearer t0ken", "Basic cGxhbm5lcjpzZWNyZXQ="])
  }

  @Test("a gateway that refuses or is not there is a warning")
  func gatewayThatRefusesOrIsNotThereIsAWarning() async throws {
    let server = try StandInServer()
    defer { server.stop() }
    let path = "/metrics/job/sla-planner/deployment@base64/c2VydmluZy9jaGF0"
    server.on(path, .text("pushed metrics are invalid\nmore", status: 400))
    let client = CurlHTTPClient(version: "test")
    let refused = await MetricsOutlets(pushgateway: Pushgateway(url: server.url, client: client))
      .publish(Sample.page())
    #expect(
      refused.first?.contains("status 400: pushed metrics are invalid. Check --pushgateway-url.")
        == true)
    #expect(server.requests.first?.method == "PUT")

    let closed = try FreePort.next()
    let missing = await MetricsOutlets(
      pushgateway: Pushgateway(url: "http://127.0.0.1:\(closed)", client: client)
    ).publish(Sample.page())
    #expect(missing.count == 1)
  }
}
