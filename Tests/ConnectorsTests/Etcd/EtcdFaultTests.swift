import Connectors
import Foundation
import HTTPTransport
import Invocation
import Synchronization
import Testing

/// What real etcds do rarely: broken answers, lost answers, tokens that never work.
@Suite("Faults of etcd")
struct EtcdFaultTests {
  /// Plays etcd's JSON gateway on the planner's keys, so that faults can be put around it.
  private final class Gateway: Sendable {
    let keys = Mutex<[String: String]>([:])

    func answer(_ request: HTTPRequest) -> HTTPResponse {
      let body =
        (try? JSONSerialization.jsonObject(with: Data(request.body ?? []))) as? [String: Any]
      if request.url.hasSuffix("/range") { return range() }
      guard let compare = (body?["compare"] as? [[String: Any]])?.first,
        let operations = body?["success"] as? [[String: [String: String]]]
      else { return .json(400, #"{"error":"bad request","code":3}"#) }
      return keys.withLock { keys in
        let stored = keys[text(compare["key"])]
        let holds =
          compare["target"] as? String == "CREATE"
          ? stored == nil : stored == text(compare["value"])
        guard holds else { return .json(200, #"{"header":{"revision":"9"}}"#) }
        for put in operations.compactMap({ $0["request_put"] }) {
          keys[text(put["key"])] = text(put["value"])
        }
        return .json(200, #"{"header":{"revision":"9"},"succeeded":true}"#)
      }
    }

    private func range() -> HTTPResponse {
      let pairs = keys.withLock { keys in
        keys.sorted { $0.key < $1.key }.map { key, value in
          #"{"key":"\#(base64(key))","value":"\#(base64(value))","mod_revision":"3"}"#
        }
      }
      return .json(200, #"{"kvs":[\#(pairs.joined(separator: ","))]}"#)
    }

    private func text(_ base64: Any?) -> String {
      String(
        decoding: Data(base64Encoded: base64 as? String ?? "") ?? Data(), as: UTF8.self)
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
  }

  private let decision = VirtualScalingValues(decodeWorkers: 4, decisionID: 0, decidedAt: 10)

  private func store(
    _ client: ScriptedHTTPClient, endpoints: [String] = ["http://a", "http://b"],
    user: String? = nil
  ) throws -> EtcdScalingStore {
    EtcdScalingStore(
      settings: try EtcdSettings(endpoints: endpoints, user: user, password: "secret"),
      dynamoNamespace: "ns", client: client)
  }

  @Test(
    "a member that gives no usable answer is passed over, and the next one is kept",
    arguments: [
      HTTPResponse.json(500, "{}"), .json(503, #"{"error":"etcdserver: no leader","code":14}"#),
      .json(429, "{}"), .json(200, "<html>"), .json(200, #"{"kvs":[{"key":"djE"#),
      .json(200, ""), .json(200, #"{"kvs":[{"key":"not base64!"}]}"#),
    ])
  func passedOver(_ fault: HTTPResponse) async throws {
    let gateway = Gateway()
    let client = ScriptedHTTPClient { request, _ in
      request.url.hasPrefix("http://a/") ? fault : gateway.answer(request)
    }
    let store = try store(client)
    #expect(try await store.read() == VirtualScalingValues())
    #expect(try await store.read() == VirtualScalingValues())
    #expect(
      client.requests.map(\.url) == [
        "http://a/v3/kv/range", "http://b/v3/kv/range", "http://b/v3/kv/range",
      ])
    #expect(client.requests.allSatisfy { $0.limits.attempts == 1 && $0.isIdempotent })
  }

  @Test(
    "failures that no other member can mend end the search",
    arguments: [
      (HTTPError.unreadableFile(path: "/ca.pem", reason: "no such file"), true),
      (.invalidURL("http://a", reason: "no"), true), (.cancelled(request: "POST"), false),
      (.notRecorded(request: "POST"), false),
    ])
  func hopeless(_ error: HTTPError, _ isMisconfiguration: Bool) async throws {
    let client = ScriptedHTTPClient { _, _ throws(HTTPError) in throw error }
    let store = try store(client)
    await expectRefusal(isMisconfiguration ? .misconfigured : .unreachable) {
      try await store.read()
    }
    #expect(client.requests.count == 1)
  }

  /// Where the transaction's first answer is lost.
  struct LostAnswer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Whether etcd had carried the transaction out.
    var ran: Bool
    /// Whether another planner's decision came in right after.
    var otherWriter = false
    var isWritten: Bool
    var transactions: Int
  }

  @Test(
    "after a lost answer, what is stored tells whether the decision was written",
    arguments: [
      LostAnswer(testDescription: "it was", ran: true, isWritten: true, transactions: 1),
      LostAnswer(
        testDescription: "it was not, so it is sent again", ran: false, isWritten: true,
        transactions: 2),
      LostAnswer(
        testDescription: "another planner was quicker", ran: false, otherWriter: true,
        isWritten: false, transactions: 1),
    ])
  func lostAnswer(_ lost: LostAnswer) async throws {
    let gateway = Gateway()
    let isFirst = Mutex(true)
    let client = ScriptedHTTPClient { request, _ throws(HTTPError) in
      let loses =
        request.url.hasSuffix("/txn")
        && isFirst.withLock { first in
          defer { first = false }
          return first
        }
      guard loses else { return gateway.answer(request) }
      if lost.ran { _ = gateway.answer(request) }
      if lost.otherWriter { gateway.keys.withLock { $0["v1/ns/planner/decision_id"] = "0" } }
      throw .timedOut(request: "POST \(request.url)", seconds: 5)
    }
    let store = try store(client, endpoints: ["a:2379"])
    #expect(try await store.write(decision, ifDecisionIs: nil) == lost.isWritten)
    #expect(client.requests.count { $0.url.hasSuffix("/txn") } == lost.transactions)
    #expect(client.requests.allSatisfy { $0.isIdempotent != $0.url.hasSuffix("/txn") })
  }

  @Test("a transaction that the first member ran without answering is recognised at the second")
  func ranAtFirstMember() async throws {
    let gateway = Gateway()
    let client = ScriptedHTTPClient { request, _ throws(HTTPError) in
      let answer = gateway.answer(request)
      if request.url.hasPrefix("http://a/") {
        throw .failed(request: "POST \(request.url)", reason: "connection reset")
      }
      return answer
    }
    #expect(try await store(client).write(decision, ifDecisionIs: nil))
    #expect(gateway.keys.withLock { $0["v1/ns/planner/num_decode_workers"] } == "4")
  }

  @Test("when etcd stays away after a transaction, the error says that its fate is unknown")
  func unknownFate() async throws {
    let client = ScriptedHTTPClient { request, _ throws(HTTPError) in
      throw .timedOut(request: "POST \(request.url)", seconds: 5)
    }
    let store = try store(client)
    let error = await expectRefusal(.unreachable) {
      try await store.write(decision, ifDecisionIs: nil)
    }
    #expect(error.contains("unknown whether the decision was written"))
  }

  @Test("when etcd reads but never writes, the error says that nothing was written")
  func readOnly() async throws {
    let gateway = Gateway()
    let client = ScriptedHTTPClient { request, _ in
      request.url.hasSuffix("/txn")
        ? .json(503, #"{"error":"etcdserver: no space","code":14}"#) : gateway.answer(request)
    }
    let store = try store(client, endpoints: ["a"])
    let error = await expectRefusal(.unreachable) {
      try await store.write(decision, ifDecisionIs: nil)
    }
    #expect(error.hasPrefix("The decision was not written."))
    #expect(error.contains("no space"))
  }

  @Test("a token is asked for once, sent with every request, and renewed once when it is refused")
  func tokens() async throws {
    let gateway = Gateway()
    let logins = Mutex(0)
    let client = ScriptedHTTPClient { request, _ in
      if request.url.hasSuffix("/authenticate") {
        let number = logins.withLock { count in
          count += 1
          return count
        }
        return .json(200, #"{"token":"t\#(number)"}"#)
      }
      let token = request.headers.first { $0.name == "Authorization" }?.value
      guard token == "t2" else {
        return .json(401, #"{"error":"etcdserver: invalid auth token","code":16}"#)
      }
      return gateway.answer(request)
    }
    let store = try store(client, endpoints: ["a"], user: "planner")
    #expect(try await store.read() == VirtualScalingValues())
    #expect(try await store.read() == VirtualScalingValues())
    #expect(logins.withLock { $0 } == 2)
    let login = client.requests.first { $0.url.hasSuffix("/authenticate") }
    #expect(
      login?.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"name":"planner","password":"secret"}"#)
  }

  @Test("a token that is refused twice is a permission problem, not an endless loop")
  func uselessTokens() async throws {
    let client = ScriptedHTTPClient { request, _ in
      request.url.hasSuffix("/authenticate")
        ? .json(200, #"{"token":"t"}"#)
        : .json(401, #"{"error":"etcdserver: invalid auth token","code":16}"#)
    }
    let store = try store(client, endpoints: ["a"], user: "planner")
    await expectRefusal(.permissionDenied) { try await store.read() }
    #expect(client.requests.count == 4)
  }

  @Test(
    "other refusals are not blamed on the network",
    arguments: [
      (404, "404 page not found", "JSON gateway"), (400, "bad", "refused the planner's request"),
      (302, "", "refused the planner's request"),
    ])
  func otherRefusals(_ status: Int, _ body: String, _ message: String) async throws {
    let client = ScriptedHTTPClient { _, _ in .json(status, body) }
    let store = try store(client)
    let error = await expectRefusal(status == 404 ? .misconfigured : .unreachable) {
      try await store.read()
    }
    #expect(error.contains(message), "\(error)")
    #expect(client.requests.count == 1)
  }

  @Test(
    "endpoints are completed and checked",
    arguments: [
      (["etcd:2379"], ["http://etcd:2379"]),
      ([" https://etcd:2379/ ", "", "[::1]:2379"], ["https://etcd:2379", "http://[::1]:2379"]),
      ([], nil), ([" ", ""], nil), (["ftp://etcd"], nil), (["http://u:p@etcd:2379"], nil),
    ])
  func endpoints(_ given: [String], _ expected: [String]?) async throws {
    guard let expected else {
      let error = await expectRefusal(.misconfigured) { try EtcdSettings(endpoints: given) }
      #expect(!error.contains("u:p"))
      return
    }
    #expect(try EtcdSettings(endpoints: given).endpoints == expected)
  }
}
