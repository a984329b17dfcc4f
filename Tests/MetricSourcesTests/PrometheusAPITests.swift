import HTTPTransport
import TestSupport
import Testing

@testable import MetricSources

@Suite("Prometheus's HTTP API")
struct PrometheusAPITests {
  private func api(_ client: any HTTPClient, _ endpoint: String = "http://prometheus:9090")
    throws -> PrometheusAPI
  {
    try PrometheusAPI(
      client: client, endpoint: endpoint, access: HTTPAccess(token: .value("t")),
      limits: HTTPLimits(totalTimeoutSeconds: 7))
  }

  private static let wish = "partial_response=false&deny_partial_response=1&"
  private static let query = RangeQuery(text: "up", start: 120, step: 60, count: 3)

  @Test(
    "is asked below the address, whatever its path and slashes",
    arguments: [
      ("http://p:9090", "http://p:9090/api/v1/"), ("https://p/", "https://p/api/v1/"),
      ("http://p/thanos/", "http://p/thanos/api/v1/"),
      ("HTTP://[::1]:9090/a/b//", "HTTP://[::1]:9090/a/b/api/v1/"),
      ("http://me:p%3Aw@p:1/x", "http://p:1/x/api/v1/"),
    ])
  func addresses(_ endpoint: String, _ base: String) async throws {
    let client = StandInHTTPClient(
      #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    _ = try await api(client, endpoint).range(Self.query)
    #expect(
      client.requests.map(\.url) == [
        base + "query_range?\(Self.wish)query=up&start=120&end=240&step=60"
      ])
    #expect(client.requests.map(\.isIdempotent) == [true])
    #expect(client.requests.map(\.access.token) == [.value("t")])
    #expect(client.requests.map(\.limits.totalTimeoutSeconds) == [7])
  }

  @Test("adds a tenant's header fields and query parameters to every request")
  func tenant() async throws {
    let client = StandInHTTPClient(
      #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    let api = try PrometheusAPI(
      client: client, endpoint: "http://p",
      access: HTTPAccess(headers: [HTTPHeader("X-Scope-OrgID", "team a")]), limits: HTTPLimits(),
      queryParameters: [.init("namespace", "serving"), .init("a b", "c&d")])
    _ = try await api.range(Self.query)
    #expect(client.requests.first?.url.hasSuffix("&step=60&namespace=serving&a%20b=c%26d") == true)
    #expect(client.requests.first?.access.headers == [HTTPHeader("X-Scope-OrgID", "team a")])
  }

  @Test(
    "reads query parameters as they stand in a URL",
    arguments: [
      ("a=b", "a", "b"), ("a+b=c%26d", "a b", "c&d"), ("a=b=c", "a", "b=c"), ("a=", "a", ""),
    ])
  func urlFields(_ field: String, _ name: String, _ value: String) {
    #expect(PrometheusSettings.QueryParameter(urlField: field) == .init(name, value))
    #expect(PrometheusSettings.QueryParameter(urlField: "=x") == nil)
    #expect(PrometheusSettings.QueryParameter(urlField: "x") == nil)
  }

  @Test("takes credentials that stand in the address, unless there are others") func credentials() {
    let address = EndpointURL("http://me:p%3Aw@p:1/x")
    #expect(address.adding(to: HTTPAccess()).password == "p:w")
    #expect(address.adding(to: HTTPAccess(token: .value("t"))).user == nil)
    #expect(EndpointURL("http://me@p").password == nil)
    #expect(EndpointURL("http://p/a@b").user == nil)
  }

  @Test(
    "can't be at an address that is none",
    arguments: [
      ("prometheus:9090", "it has no scheme; write http://prometheus:9090"),
      ("prometheus", "it has no scheme"), ("", "it is empty"), ("ftp://p", "neither http nor"),
      ("http://", "names no host"), ("http:///x", "names no host"), ("http://p?x=1", "a query"),
      ("http://p/#x", "a fragment"), ("http://p /x", "white space"), ("http://:90", "no host"),
    ])
  func badAddresses(_ endpoint: String, _ reason: String) {
    let error = #expect(throws: MetricSourceError.self) {
      try api(StandInHTTPClient(""), endpoint)
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test("encodes the query") func encoding() async throws {
    let client = StandInHTTPClient("")
    let text = #"sum (a{b=~"|x+ é"}) / 2"#
    _ = try await api(client).range(RangeQuery(text: text, start: 1.5, step: 0.5, count: 2))
    #expect(
      client.requests.map(\.url) == [
        "http://prometheus:9090/api/v1/query_range?\(Self.wish)query="
          + "sum%20%28a%7Bb%3D~%22%7Cx%2B%20%C3%A9%22%7D%29%20%2F%202&start=1.5&end=2&step=0.5"
      ])
    #expect(PercentEncoding.decode("a%7Bb%3D~%22%7Cx%2B%zz%2") == #"a{b=~"|x+%zz%2"#)
  }

  @Test("gives the points at the times asked for, and none where there is none") func points()
    async throws
  {
    let client = StandInHTTPClient(
      #"""
      {"status":"success","warnings":["PromQL warning: missing"],"isPartial":false,"infos":["i"],"data":{"resultType":"matrix","result":[
        {"metric":{"model":"a"},"values":[[120,"1"],[240.001,"NaN"]]},
        {"metric":{},"values":[[180,2.5]]}, {"metric":{"model":"b"},"values":[]}]}}
      """#)
    #expect(
      try await api(client).range(Self.query)
        == .success(
          RangeAnswer(
            series: [
              .init(labels: ["model": "a"], texts: ["1", nil, "NaN"]),
              .init(labels: [:], texts: [nil, "2.5", nil]),
              .init(labels: ["model": "b"], texts: [nil, nil, nil]),
            ], warnings: ["PromQL warning: missing"])))
  }

  @Test(
    "fails with a sentence",
    arguments: [
      (400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, "bad_data: parse"),
      (422, #"{"status":"error","errorType":"execution","error":"x"}"#, "HTTP 422: 'execution: x'"),
      (503, #"{"status":"error","errorType":"timeout","error":"slow"}"#, "timeout: slow"),
      (200, #"{"status":"error","errorType":"internal","error":"oops"}"#, "internal: oops"),
      (404, "404 page not found\n", "HTTP 404: '404 page not found'. Check the address"),
      (401, "no org id", "--prometheus-header"), (401, "Unauthorized", "Check the credentials"),
      (502, "", "HTTP 502: an empty body"),
      (200, "<html>login</html>", "is no Prometheus API: it answered '<html>login</html>'"),
      (200, "", "it answered nothing"), (200, "{}", "is no Prometheus API"),
      (200, "[1]", "is no Prometheus API"), (200, #"{"status":"success"}"#, "a matrix was asked"),
      (200, #"{"status":"success","data":null}"#, "a matrix was asked"),
      (200, #"{"status":"success","data":{"resultType":"vector","result":[]}}"#, "a matrix was"),
      (200, #"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#, "a matrix"),
      (200, matrix(#"[[119,"1"]]"#), "a time not asked for"),
      (200, matrix(#"[[1e400,"1"]]"#), "GET http"), (200, matrix(#"[["120","1"]]"#), "no Prom"),
      (200, matrix(#"[[120]]"#), "no Prometheus API"), (200, matrix(#"[120]"#), "no Prometheus"),
      (200, matrix(#"[[120,null]]"#), "no Prometheus API"),
      (200, String(matrix(#"[[120,"1"]]"#).dropLast(2)), "no Prometheus API"),
      (200, String(repeating: "[", count: 100_000), "no Prometheus API"),
    ])
  func failures(_ status: Int, _ body: String, _ named: String) async throws {
    let answer = try await api(StandInHTTPClient(status: status, body)).range(Self.query)
    guard case .failure(let failure) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(failure.sentence.contains(named), "\(failure.sentence)")
    #expect(failure.sentence.contains("http://prometheus:9090/api/v1/query_range"))
    #expect(failure.sentence.count < 500)
  }

  @Test("takes a result of null for an empty one") func nullResult() async throws {
    let body = #"{"status":"success","warnings":null,"data":{"resultType":"matrix","result":null}}"#
    #expect(try await api(StandInHTTPClient(body)).range(Self.query) == .success(RangeAnswer()))
  }

  @Test(
    "does not take a partial answer for a whole one",
    arguments: [
      #""isPartial":true"#, #""warnings":["No StoreAPIs matched for this query"]"#,
      #""warnings":["receive series from store: rpc error: code = Unavailable"]"#,
      #""warnings":["PromQL info: x","remote_read: connection refused"]"#,
      #""warnings":["partial response: 1 of 3 ingesters failed"]"#,
    ])
  func partial(_ sign: String) async throws {
    let body =
      #"{"status":"success",\#(sign),"data":{"resultType":"matrix","result":[]}}"#
    guard case .failure(let failure) = try await api(StandInHTTPClient(body)).range(Self.query)
    else {
      Issue.record("it was taken")
      return
    }
    #expect(failure.sentence.contains("gave a partial answer"))
  }

  private static func matrix(_ values: String) -> String {
    #"{"status":"success","data":{"resultType":"matrix","result":["#
      + #"{"metric":{},"values":\#(values)}]}}"#
  }

  @Test("fails with the client's sentence when there is no answer, and throws what is to be mended")
  func clientErrors() async throws {
    let lost = HTTPError.failed(request: "GET x", reason: "refused")
    let answer = try await api(StandInHTTPClient { _, _ in .failure(lost) }).range(Self.query)
    #expect(answer == .failure(FetchFailure(sentence: "GET x failed: refused.")))
    let file = HTTPError.unreadableFile(path: "/token", reason: "gone")
    await #expect(throws: file) {
      try await api(StandInHTTPClient { _, _ in .failure(file) }).range(Self.query)
    }
  }
}
