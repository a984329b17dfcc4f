import HTTPTransport
import Invocation

/// Keeps the virtual connector's values in etcd, under the keys that the peer's client reads
/// (docs/reference/etcd.md).
///
/// Below `v1/{Dynamo namespace}/planner/`, as decimal text: `num_prefill_workers`,
/// `num_decode_workers`, `decision_id`, `scaled_decision_id`, and one key of our own, `decided_at`
/// (Unix seconds). The peer's client skips keys it does not know (it logs a warning). etcd keeps
/// no times itself. `decided_at` is the date of the decision only if it was written with or after
/// `decision_id` (etcd's revisions tell), so that a decision of another planner, which does not
/// write it, never inherits the date of an older one.
public struct EtcdScalingStore: VirtualScalingStore {
  private enum Key: String, CaseIterable {
    case prefillWorkers = "num_prefill_workers"
    case decodeWorkers = "num_decode_workers"
    case decisionID = "decision_id"
    case scaledDecisionID = "scaled_decision_id"
    case decidedAt = "decided_at"
  }

  private let gateway: EtcdGateway
  private let prefix: String

  /// Creates the store of one Dynamo namespace; nothing is sent yet.
  public init(settings: EtcdSettings, dynamoNamespace: String, client: any HTTPClient) {
    prefix = "v1/\(dynamoNamespace)/planner/"
    gateway = EtcdGateway(settings: settings, client: client, keys: prefix)
  }

  /// Reads all values at one revision.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)``, naming the key, when a value is not a whole
  ///   number of at least 0 (an acknowledgement may be negative: the peer's client writes −1 when
  ///   it acknowledges before the first decision; it counts as none).
  public func read() async throws -> VirtualScalingValues {
    let stored = try await stored()
    var values = VirtualScalingValues()
    values.prefillWorkers = try number(.prefillWorkers, in: stored)
    values.decodeWorkers = try number(.decodeWorkers, in: stored)
    values.decisionID = try number(.decisionID, in: stored)
    let acknowledged = try number(.scaledDecisionID, in: stored, minimum: .min)
    values.scaledDecisionID = acknowledged.flatMap { $0 < 0 ? nil : $0 }
    if revision(.decidedAt, in: stored) >= revision(.decisionID, in: stored) {
      values.decidedAt = try number(.decidedAt, in: stored).map(Double.init)
    }
    return values
  }

  /// Writes counts, number and date in one transaction that compares the stored number.
  ///
  /// The comparison also makes it harmless to send the transaction twice. When an answer is lost,
  /// what is stored tells whether it was this transaction that went through.
  public func write(
    _ values: VirtualScalingValues, ifDecisionIs expected: Int?
  ) async throws -> Bool {
    let transaction = transaction(for: values, ifDecisionIs: expected)
    for isLastRound in [false, true] {
      do {
        let reply = try await gateway.post(
          "/v3/kv/txn", transaction, isIdempotent: false, answering: EtcdTransactionAnswer.self)
        if reply.answer.succeeded == true { return true }
        guard reply.mayHaveRunBefore || isLastRound else { return false }
        return holds(values, try await read())
      } catch ConnectorError.unreachable(let reason) {
        let stored = try await readAfterLostAnswer(reason)
        if holds(values, stored) { return true }
        guard stored.decisionID == expected else { return false }
        if isLastRound {
          throw ConnectorError.unreachable("The decision was not written. " + reason)
        }
      }
    }
    return false
  }

  /// Writes `scaled_decision_id`, as the client does, unless a later decision is acknowledged
  /// already: the number never falls, whoever else acknowledges meanwhile.
  ///
  /// - Throws: ``ConnectorError``; a conflict when others write faster than this can.
  public func acknowledge(_ id: Int) async throws {
    for _ in 0..<8 {
      let stored = try await stored()
      let acknowledged = try number(.scaledDecisionID, in: stored, minimum: .min)
      if let acknowledged, acknowledged >= id { return }
      let transaction = EtcdTransaction(
        compare: [isStill(.scaledDecisionID, stored[path(.scaledDecisionID)]?.value?.text)],
        success: [.init(put: put(.scaledDecisionID, id))])
      // Sent twice, it changes nothing the second time, and what is stored tells that it is done.
      let reply = try await gateway.post(
        "/v3/kv/txn", transaction, isIdempotent: true, answering: EtcdTransactionAnswer.self)
      if reply.answer.succeeded == true { return }
    }
    throw ConnectorError.conflict(
      "Somebody else keeps writing '\(path(.scaledDecisionID))'; decision \(id) was not acknowledged. Try again."
    )
  }

  /// Every key below the prefix, at one revision.
  private func stored() async throws -> [String: EtcdRangeAnswer.Pair] {
    let range = EtcdRangeRequest(key: EtcdBytes(prefix), rangeEnd: EtcdBytes(Self.end(of: prefix)))
    let pairs =
      try await gateway.post(
        "/v3/kv/range", range, isIdempotent: true, answering: EtcdRangeAnswer.self
      ).answer.kvs ?? []
    let stored = Dictionary(
      pairs.map { ($0.key.text, $0) }, uniquingKeysWith: { first, _ in first })
    if stored[prefix + "scaling_decision"] != nil {
      throw ConnectorError.misconfigured(
        "Another planner writes its decisions to '\(prefix)scaling_decision', and clients that know that key ignore this planner's. Stop that planner and delete the key, or use another Dynamo namespace."
      )
    }
    return stored
  }

  private func readAfterLostAnswer(_ reason: String) async throws -> VirtualScalingValues {
    do {
      return try await read()
    } catch ConnectorError.unreachable {
      throw ConnectorError.unreachable(
        "It is unknown whether the decision was written; the next invocation finds out. " + reason)
    }
  }

  private func transaction(
    for values: VirtualScalingValues, ifDecisionIs expected: Int?
  ) -> EtcdTransaction {
    var operations: [EtcdTransaction.Operation] = []
    if let count = values.prefillWorkers {
      operations.append(.init(put: put(.prefillWorkers, count)))
    }
    if let count = values.decodeWorkers {
      operations.append(.init(put: put(.decodeWorkers, count)))
    }
    if let id = values.decisionID, id != expected {
      operations.append(.init(put: put(.decisionID, id)))
    }
    if let seconds = Self.wholeSeconds(values.decidedAt) {
      operations.append(.init(put: put(.decidedAt, seconds)))
    }
    return EtcdTransaction(
      compare: [isStill(.decisionID, expected.map(String.init))], success: operations)
  }

  /// Holds if the key has this value; without one, if there is no such key.
  private func isStill(_ key: Key, _ value: String?) -> EtcdTransaction.Comparison {
    let bytes = EtcdBytes(path(key))
    return value.map { .value(key: bytes, equals: EtcdBytes($0)) } ?? .absent(key: bytes)
  }

  private func path(_ key: Key) -> String { prefix + key.rawValue }

  /// Whether what is stored is what `values` asks for.
  private func holds(_ values: VirtualScalingValues, _ stored: VirtualScalingValues) -> Bool {
    stored.decisionID == values.decisionID
      && (values.prefillWorkers == nil || stored.prefillWorkers == values.prefillWorkers)
      && (values.decodeWorkers == nil || stored.decodeWorkers == values.decodeWorkers)
      && stored.decidedAt == Self.wholeSeconds(values.decidedAt).map(Double.init)
  }

  private func put(_ key: Key, _ value: Int) -> EtcdPut {
    EtcdPut(key: EtcdBytes(path(key)), value: EtcdBytes(String(value)))
  }

  private func number(
    _ key: Key, in stored: [String: EtcdRangeAnswer.Pair], minimum: Int = 0
  ) throws -> Int? {
    guard let pair = stored[path(key)] else { return nil }
    let text = pair.value?.text ?? ""
    guard let number = Int(text), number >= minimum else {
      throw ConnectorError.misconfigured(
        "The etcd key '\(path(key))' holds '\(text.prefix(40))' instead of a whole number. Find out who wrote it, then correct or delete the key."
      )
    }
    return number
  }

  private func revision(_ key: Key, in stored: [String: EtcdRangeAnswer.Pair]) -> Int {
    stored[path(key)]?.modRevision.flatMap { Int($0) } ?? 0
  }

  /// Whole Unix seconds; nil for what is no time after 1970.
  private static func wholeSeconds(_ time: Double?) -> Int? {
    guard let time, time >= 0, time < 1e15 else { return nil }
    return Int(time)
  }

  /// The first key after all keys that start with `prefix`, which ends in "/".
  private static func end(of prefix: String) -> String { prefix.dropLast() + "0" }
}
