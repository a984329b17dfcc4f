import HTTPTransport
import Invocation

/// Keeps the virtual connector's values in etcd, under the keys that the peer's client reads
/// (docs/reference/etcd.md).
///
/// Below `v1/{Dynamo namespace}/planner/`, as decimal text: `num_prefill_workers`,
/// `num_decode_workers`, `decision_id`, `scaled_decision_id`. The peer's client logs a warning about
/// every other key there, every two seconds, so the date of a decision (etcd keeps no times itself) is
/// a key outside, `v1/{Dynamo namespace}/sla-planner/decided_at` (Unix seconds); one that an earlier
/// version has left below the peer's prefix counts until the next decision, which deletes it. Where
/// etcd's roles allow the planner no key but the peer's, it stays there. It is the date of the decision only if it was written with or after `decision_id` (etcd's revisions
/// tell), so that a decision of another planner, which does not write it, never inherits the date of
/// an older one.
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
  /// The key of the date.
  private let datePath: String

  /// Creates the store of one Dynamo namespace; nothing is sent yet.
  public init(settings: EtcdSettings, dynamoNamespace: String, client: any HTTPClient) {
    prefix = "v1/\(dynamoNamespace)/planner/"
    datePath = "v1/\(dynamoNamespace)/sla-planner/\(Key.decidedAt.rawValue)"
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
    values.prefillWorkers = try count(.prefillWorkers, in: stored)
    values.decodeWorkers = try count(.decodeWorkers, in: stored)
    values.decisionID = try number(.decisionID, in: stored)
    let acknowledged = try number(.scaledDecisionID, in: stored, minimum: .min)
    values.scaledDecisionID = acknowledged.flatMap { $0 < 0 ? nil : $0 }
    values.decidedAt = try await date(of: values, in: stored)
    return values
  }

  /// A number of workers, refused where no cluster could hold so many.
  private func count(_ key: Key, in stored: [String: EtcdRangeAnswer.Pair]) throws -> Int? {
    let count = try number(key, in: stored)
    guard let count, count > 1_000_000 else { return count }
    throw ConnectorError.misconfigured(
      "The etcd key '\(path(key))' says \(count) workers, which can't be right. Find out who wrote it, then correct or delete the key."
    )
  }

  /// The date of the decision; nil when nobody has dated it. Asked for only while it matters: until
  /// the decision is acknowledged.
  private func date(
    of values: VirtualScalingValues, in stored: [String: EtcdRangeAnswer.Pair]
  ) async throws -> Double? {
    guard values.decisionID != nil, !values.isAcknowledged else { return nil }
    if revision(path(.decidedAt), in: stored) >= revision(path(.decisionID), in: stored),
      let date = try number(path(.decidedAt), in: stored)
    {
      return Double(date)
    }
    var dates: [String: EtcdRangeAnswer.Pair] = [:]
    do {
      dates = try await range(EtcdRangeRequest(key: EtcdBytes(datePath)))
    } catch ConnectorError.permissionDenied {
      return nil
    }
    guard revision(datePath, in: dates) >= revision(path(.decisionID), in: stored) else {
      return nil
    }
    return try number(datePath, in: dates).map(Double.init)
  }

  /// Writes counts, number and date in one transaction that compares the stored number.
  ///
  /// The comparison also makes it harmless to send the transaction twice. When an answer is lost,
  /// what is stored tells whether it was this transaction that went through.
  public func write(
    _ values: VirtualScalingValues, ifDecisionIs expected: Int?
  ) async throws -> Bool {
    do {
      return try await write(values, ifDecisionIs: expected, datePath: datePath)
    } catch ConnectorError.permissionDenied where values.decidedAt != nil {
      return try await write(values, ifDecisionIs: expected, datePath: path(.decidedAt))
    }
  }

  private func write(
    _ values: VirtualScalingValues, ifDecisionIs expected: Int?, datePath: String
  ) async throws -> Bool {
    let transaction = transaction(for: values, ifDecisionIs: expected, datePath: datePath)
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
      "Somebody else keeps writing '\(path(.scaledDecisionID))'; revision \(id) was not acknowledged. Try again."
    )
  }

  /// Every key below the prefix, at one revision.
  private func stored() async throws -> [String: EtcdRangeAnswer.Pair] {
    let stored = try await range(
      EtcdRangeRequest(key: EtcdBytes(prefix), rangeEnd: EtcdBytes(Self.end(of: prefix))))
    if stored[prefix + "scaling_decision"] != nil {
      throw ConnectorError.misconfigured(
        "Another planner writes its decisions to '\(prefix)scaling_decision', and clients that know that key ignore this planner's. Stop that planner and delete the key, or use another Dynamo namespace."
      )
    }
    return stored
  }

  private func range(_ request: EtcdRangeRequest) async throws -> [String: EtcdRangeAnswer.Pair] {
    let pairs =
      try await gateway.post(
        "/v3/kv/range", request, isIdempotent: true, answering: EtcdRangeAnswer.self
      ).answer.kvs ?? []
    return Dictionary(pairs.map { ($0.key.text, $0) }, uniquingKeysWith: { first, _ in first })
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
    for values: VirtualScalingValues, ifDecisionIs expected: Int?, datePath: String
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
      operations.append(
        .init(put: EtcdPut(key: EtcdBytes(datePath), value: EtcdBytes(String(seconds)))))
      if datePath != path(.decidedAt) {
        operations.append(.init(delete: EtcdDelete(key: EtcdBytes(path(.decidedAt)))))
      }
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
    try number(path(key), in: stored, minimum: minimum)
  }

  private func number(
    _ path: String, in stored: [String: EtcdRangeAnswer.Pair], minimum: Int = 0
  ) throws -> Int? {
    guard let pair = stored[path] else { return nil }
    let text = pair.value?.text ?? ""
    guard let number = Int(text), number >= minimum else {
      throw ConnectorError.misconfigured(
        "The etcd key '\(path)' holds '\(text.prefix(40))' instead of a whole number. Find out who wrote it, then correct or delete the key."
      )
    }
    return number
  }

  private func revision(_ path: String, in stored: [String: EtcdRangeAnswer.Pair]) -> Int {
    stored[path]?.modRevision.flatMap { Int($0) } ?? 0
  }

  /// Whole Unix seconds; nil for what is no time after 1970.
  private static func wholeSeconds(_ time: Double?) -> Int? {
    guard let time, time >= 0, time < 1e15 else { return nil }
    return Int(time)
  }

  /// The first key after all keys that start with `prefix`, which ends in "/".
  private static func end(of prefix: String) -> String { prefix.dropLast() + "0" }
}
