import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

/// In processes of their own, because the environment belongs to the whole process.
@Suite struct ProxyTests {
  @Test("http_proxy is used, except for the hosts of no_proxy")
  func proxy() async {
    await #expect(processExitsWith: .success) {
      let proxy = try StandInServer { .text("proxied \($0.target)") }
      let direct = try StandInServer { _ in .text("direct") }
      setenv("http_proxy", proxy.url, 1)
      setenv("no_proxy", "127.0.0.1,localhost", 1)
      let client = makeClient()
      let away = try await client.send(
        HTTPRequest(
          "GET", "http://prometheus.invalid:9090/a?b=1", access: HTTPAccess(token: .value("t"))))
      #expect(away.text == "proxied http://prometheus.invalid:9090/a?b=1")
      #expect(try await client.send(HTTPRequest("GET", direct.url)).text == "direct")
      #expect(proxy.requests.count == 1)
    }
  }

  @Test("https_proxy is asked for a tunnel, and never sees the credentials")
  func tunnel() async {
    await #expect(processExitsWith: .success) {
      let proxy = try StandInServer { _ in .text("no", status: 403) }
      setenv("https_proxy", proxy.url, 1)
      let error = await httpError { () async throws(HTTPError) in
        try await makeClient().send(
          HTTPRequest(
            "GET", "https://kubernetes.invalid/a", access: HTTPAccess(token: .value("t"))))
      }
      guard case .failed(let request, let reason) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(request == "GET https://kubernetes.invalid/a")
      #expect(reason.contains("403"))
      let asked = try #require(proxy.requests.first)
      #expect(asked.method == "CONNECT")
      #expect(asked.target == "kubernetes.invalid:443")
      #expect(asked.header("authorization") == nil)
    }
  }
}
