import Connectors
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// The virtual connector through a real etcd; etcdctl plays the peer's client and other planners.
@Suite("Virtual connector on etcd", .sharedEtcd)
struct EtcdScalingTests {
  private let etcd: EtcdServer
  private let namespace: String
  private let store: EtcdScalingStore
  private var prefix: String { "v1/\(namespace)/planner/" }

  init() throws {
    etcd = try #require(EtcdServer.current)
    namespace = "ns-\(UInt64.random(in: .min ... .max))"
    store = EtcdScalingStore(
      settings: try EtcdSettings(endpoints: [etcd.endpoint]), dynamoNamespace: namespace,
      client: realHTTPClient())
  }

  private func connector(_ mode: DeploymentMode = .disagg) -> VirtualConnector {
    VirtualConnector(store: store, mode: mode)
  }

  /// Every key below the planner's prefix and its value, as etcdctl shows them.
  private func keys() async throws -> [String: String] {
    let lines = try await etcd.etcdctl("get", "--prefix", prefix)
      .split(separator: "\n", omittingEmptySubsequences: false)
    return Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: lines.count - 1, by: 2).map {
        (String(lines[$0].dropFirst(prefix.count)), String(lines[$0 + 1]))
      })
  }

  /// When the decision was made, as it stands outside of the peer's prefix; empty when it does not.
  private func date() async throws -> String {
    let text = try await etcd.etcdctl(
      "get", "v1/\(namespace)/sla-planner/decided_at", "--print-value-only")
    return String(text.prefix { !$0.isNewline })
  }

  private func put(_ key: String, _ value: String) async throws {
    try await etcd.etcdctl("put", prefix + key, "--", value)
  }

  @Test("the first decision writes the peer's keys byte for byte")
  func firstDecision() async throws {
    let connector = connector()
    let status = try await connector.observe(at: 1_700_000_000.75)
    #expect(status.components[.prefill] == ComponentStatus(replicas: nil, ready: nil))
    #expect(status.readiness.waitReason == nil && status.warnings.isEmpty)

    let outcome = try await connector.apply(
      order([.prefill: 2, .decode: 10], on: status, at: 1_700_000_000.75))
    #expect(outcome.applied == [.prefill, .decode])
    #expect(
      try await keys() == [
        "num_prefill_workers": "2", "num_decode_workers": "10", "decision_id": "0",
      ])
    #expect(try await date() == "1700000000")
    let bytes = try await etcd.etcdctl("get", prefix + "num_decode_workers", "--hex")
    #expect(bytes.hasSuffix("\n\\x31\\x30\n"))
  }

  @Test("a decision goes through its life: waiting, acknowledged, followed by the next")
  func life() async throws {
    let connector = connector()
    var status = try await connector.observe(at: 100)
    _ = try await connector.apply(order([.prefill: 1, .decode: 2], on: status, at: 100))

    status = try await connector.observe(at: 160)
    #expect(
      status.readiness.waitReason?.hasPrefix(
        "Revision 0 (prefill 1, decode 2) was written 60 s ago") == true)
    #expect(status.components[.decode]?.ready == nil)

    try await put("scaled_decision_id", "0")
    status = try await connector.observe(at: 161)
    #expect(status.readiness.waitReason == nil)
    #expect(status.components[.decode] == ComponentStatus(replicas: 2, ready: 2))

    let unchanged = try await connector.apply(
      order([.prefill: 1, .decode: 2], on: status, at: 161))
    #expect(unchanged.applied.isEmpty)
    #expect(try await keys()["decision_id"] == "0")

    let next = try await connector.apply(order([.prefill: 1, .decode: 3], on: status, at: 162))
    #expect(next.applied == [.decode])
    #expect(try await keys()["decision_id"] == "1")
    #expect(try await keys()["num_decode_workers"] == "3")
    #expect(try await date() == "162")
  }

  @Test("a decision that waited too long is reported and overwritten")
  func maximumWait() async throws {
    let connector = connector()
    var status = try await connector.observe(at: 0)
    _ = try await connector.apply(order([.prefill: 1, .decode: 2], on: status, at: 0))
    status = try await connector.observe(at: 1799)
    #expect(status.readiness.waitReason != nil)
    status = try await connector.observe(at: 1800)
    #expect(status.readiness.waitReason == nil)
    #expect(status.warnings.first?.contains("not been acknowledged for 1800 s") == true)
    _ = try await connector.apply(order([.prefill: 4, .decode: 2], on: status, at: 1800))
    #expect(try await keys()["decision_id"] == "1")
  }

  @Test("an acknowledgement that vanished with its client counts as not acknowledged")
  func vanishedAcknowledgement() async throws {
    let connector = connector(.decode)
    let status = try await connector.observe(at: 0)
    _ = try await connector.apply(order([.decode: 2], on: status, at: 0))
    try await put("scaled_decision_id", "0")
    #expect(try await connector.observe(at: 1).readiness.waitReason == nil)
    try await etcd.etcdctl("del", prefix + "scaled_decision_id")
    #expect(try await connector.observe(at: 2).readiness.waitReason != nil)
  }

  @Test("of two planners that decide on the same state one wins and the other is told")
  func lostRace() async throws {
    let first = connector()
    let second = connector()
    let seenFirst = try await first.observe(at: 0)
    let seenSecond = try await second.observe(at: 0)
    _ = try await second.apply(order([.prefill: 7, .decode: 8], on: seenSecond, at: 0))
    await expectRefusal(.conflict) {
      try await first.apply(order([.prefill: 1, .decode: 1], on: seenFirst, at: 0))
    }
    #expect(try await keys()["num_prefill_workers"] == "7")
    #expect(try await keys()["num_decode_workers"] == "8")
    #expect(try await keys()["decision_id"] == "0")
  }

  @Test("many planners at once write one decision")
  func race() async throws {
    let connectors = (0..<8).map { _ in connector(.decode) }
    var seen: [DeploymentStatus] = []
    for connector in connectors { seen.append(try await connector.observe(at: 0)) }
    let statuses = seen
    let written = await withTaskGroup(of: Bool.self) { group in
      for (index, connector) in connectors.enumerated() {
        group.addTask {
          let order = order([.decode: 10 + index], on: statuses[index], at: 0)
          return (try? await connector.apply(order)) != nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(written == 1)
    #expect(try await keys()["decision_id"] == "0")
  }

  @Test("in mode prefill the other count is neither written nor touched")
  func partialMode() async throws {
    let connector = connector(.prefill)
    let status = try await connector.observe(at: 0)
    _ = try await connector.apply(order([.prefill: 3], on: status, at: 0))
    #expect(
      try await keys() == ["num_prefill_workers": "3", "decision_id": "0"])
  }

  @Test("the decision of a planner that writes no date is dated once, by a run that may write")
  func undatedDecision() async throws {
    try await put("num_decode_workers", "5")
    try await put("decision_id", "12")
    let dryRun = VirtualConnector(store: store, mode: .decode, datesUndatedDecisions: false)
    #expect(
      try await dryRun.observe(at: 1e6).readiness.waitReason?.contains("unknown time") == true)
    #expect(try await date() == "")

    let connector = connector(.decode)
    #expect(try await connector.observe(at: 1000).readiness.waitReason != nil)
    #expect(try await date() == "1000")
    #expect(
      try await connector.observe(at: 2000).readiness.waitReason?.contains("1000 s ago") == true)
    #expect(try await connector.observe(at: 2800).readiness.waitReason == nil)
  }

  @Test("a date that an earlier version left among the peer's keys counts until the next decision")
  func earlierDate() async throws {
    try await put("num_decode_workers", "5")
    try await put("decision_id", "12")
    try await put("decided_at", "1000")
    let connector = connector(.decode)
    #expect(
      try await connector.observe(at: 2000).readiness.waitReason?.contains("1000 s ago") == true)
    try await put("scaled_decision_id", "12")
    let status = try await connector.observe(at: 2100)
    _ = try await connector.apply(order([.decode: 6], on: status, at: 2100))
    #expect(try await keys()["decided_at"] == nil)
    #expect(try await date() == "2100")
  }

  @Test("a decision of another planner does not inherit the date of an older one")
  func staleDate() async throws {
    let ours = connector(.decode)
    let status = try await ours.observe(at: 0)
    _ = try await ours.apply(order([.decode: 2], on: status, at: 0))
    try await put("num_decode_workers", "6")
    try await put("decision_id", "1")
    #expect(try await store.read().decidedAt == nil)
    #expect(try await ours.observe(at: 5000).readiness.waitReason?.contains("0 s ago") == true)
    #expect(try await store.read().decidedAt == 5000)
  }

  @Test("sla-planner acknowledge writes what the client would")
  func acknowledge() async throws {
    try await store.acknowledge(3)
    #expect(try await keys() == ["scaled_decision_id": "3"])
  }

  @Test("an acknowledgement of an earlier decision, however late it comes, undoes no later one")
  func lateAcknowledgement() async throws {
    try await put("decision_id", "1")
    try await put("scaled_decision_id", "1")
    try await store.acknowledge(0)
    #expect(try await keys()["scaled_decision_id"] == "1")
    #expect(try await store.read().isAcknowledged)

    try await put("scaled_decision_id", "-1")
    let store = store
    try await withThrowingTaskGroup { group in
      for id in 0...6 { group.addTask { try await store.acknowledge(id) } }
      try await group.waitForAll()
    }
    #expect(try await keys()["scaled_decision_id"] == "6")
  }

  @Test("an acknowledgement of -1, as the peer's client writes before any decision, is none")
  func acknowledgedNothing() async throws {
    try await put("scaled_decision_id", "-1")
    #expect(try await store.read() == VirtualScalingValues())
  }

  @Test(
    "a value that is not a whole number is an error that names the key",
    arguments: [
      ("num_prefill_workers", "many"), ("num_prefill_workers", "-2"), ("num_decode_workers", ""),
      ("num_decode_workers", "3.0"), ("num_decode_workers", " 3"), ("decision_id", "0x1"),
      ("decision_id", "99999999999999999999"), ("scaled_decision_id", "null"),
      ("decided_at", "yesterday"),
    ])
  func garbage(_ key: String, _ value: String) async throws {
    if key == "decided_at" { try await put("decision_id", "3") }
    try await put(key, value)
    let error = await expectRefusal(.misconfigured) { try await store.read() }
    #expect(error.contains("'\(prefix)\(key)' holds '\(value)'"))
  }

  @Test("a number of workers that no cluster holds is refused")
  func absurdCount() async throws {
    try await put("num_decode_workers", "99999999")
    let error = await expectRefusal(.misconfigured) { try await store.read() }
    #expect(error.contains("says 99999999 workers, which can't be right"))
  }

  @Test("keys of a planner whose clients would ignore ours are an error, unknown ones are not")
  func otherKeys() async throws {
    try await put("something_else", "x")
    #expect(try await store.read() == VirtualScalingValues())
    try await put("scaling_decision", #"{"num_prefill_workers":1}"#)
    await expectRefusal(.misconfigured) { try await store.read() }
  }

  @Test("a dead endpoint before the living one is passed over")
  func deadEndpoint() async throws {
    let dead = "127.0.0.1:\(try FreePort.next())"
    let store = EtcdScalingStore(
      settings: try EtcdSettings(endpoints: [dead, etcd.endpoint]), dynamoNamespace: namespace,
      client: realHTTPClient())
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 0)
    _ = try await connector.apply(order([.decode: 2], on: status, at: 0))
    #expect(try await keys()["num_decode_workers"] == "2")
  }

  @Test(
    "a member that never answers, or breaks off, is given up for the next one",
    arguments: [StandInServer.Answer.silence, .hangUp, .raw(Array("HTTP/1.1 200 OK\r\nCont".utf8))])
  func stalledEndpoint(_ answer: StandInServer.Answer) async throws {
    let stalled = try StandInServer { _ in answer }
    let store = EtcdScalingStore(
      settings: try EtcdSettings(
        endpoints: [stalled.url, etcd.endpoint], limits: HTTPLimits(totalTimeoutSeconds: 0.3)),
      dynamoNamespace: namespace, client: realHTTPClient())
    #expect(
      try await store.write(
        VirtualScalingValues(decodeWorkers: 2, decisionID: 0, decidedAt: 1), ifDecisionIs: nil))
    #expect(try await keys()["num_decode_workers"] == "2")
    #expect(stalled.acceptedConnections == 1)
  }

  @Test("when no endpoint answers, the error names each and why it failed")
  func noEndpoint() async throws {
    let ports = [try FreePort.next(), try FreePort.next()]
    let store = EtcdScalingStore(
      settings: try EtcdSettings(endpoints: ports.map { "127.0.0.1:\($0)" }),
      dynamoNamespace: namespace, client: realHTTPClient())
    let error = await expectRefusal(.unreachable) { try await store.read() }
    for port in ports {
      #expect(error.contains("http://127.0.0.1:\(port)/v3/kv/range"))
    }
  }
}
