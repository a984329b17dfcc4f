import GRDB
import Invocation

/// The virtual connector's values in the state file, for a virtual environment without etcd.
///
/// It behaves as etcd does: counts and number change together, if the number is the one that was
/// read before. ``acknowledge(_:)`` plays the client.
public struct EmbeddedScalingStore: VirtualScalingStore {
  let connection: StateConnection
  /// The Dynamo namespace whose values these are.
  public let namespace: String
  let clock: @Sendable () -> Double

  /// Reads the values; all are nil while there is no state file.
  public func read() async throws -> VirtualScalingValues {
    try explainingErrors { try connection.read(values) } ?? VirtualScalingValues()
  }

  /// Writes counts, number and time in one transaction, if the stored number is `expected`.
  ///
  /// - Throws: ``ConnectorError``; also when `values` have no number.
  public func write(
    _ values: VirtualScalingValues, ifDecisionIs expected: Int?
  ) async throws -> Bool {
    guard let id = values.decisionID else {
      throw ConnectorError.misconfigured("A scaling decision can't be stored without its number.")
    }
    let time = clock()
    return try explainingErrors {
      try connection.write { db in
        guard try self.values(db).decisionID == expected else { return false }
        try StateQuery.setScaling.execute(
          db,
          [
            "namespace": namespace, "prefill": values.prefillWorkers,
            "decode": values.decodeWorkers, "id": id, "time": time,
          ])
        return true
      }
    }
  }

  /// Reports decision `id` as in place. An earlier decision than the last acknowledged one changes
  /// nothing.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)`` when there is no such decision yet.
  public func acknowledge(_ id: Int) async throws { _ = try acknowledge(upTo: id) }

  /// Reports the last decision as in place and returns its number.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)`` when there is no decision yet.
  @discardableResult
  public func acknowledgeLatest() async throws -> Int { try acknowledge(upTo: nil) }

  private func acknowledge(upTo id: Int?) throws -> Int {
    try explainingErrors {
      // Looking first: without a file there is nothing to acknowledge, and none is to be created.
      _ = try checked(id, connection.read(values) ?? VirtualScalingValues())
      return try connection.write { db in
        let values = try values(db)
        let id = try checked(id, values)
        guard id > values.scaledDecisionID ?? Int.min else { return id }
        try StateQuery.acknowledgeScaling.execute(db, ["namespace": namespace, "id": id])
        return id
      }
    }
  }

  /// The number to acknowledge: `id`, or the latest for nil.
  private func checked(_ id: Int?, _ values: VirtualScalingValues) throws -> Int {
    guard let latest = values.decisionID else {
      throw ConnectorError.misconfigured(
        "There is no revision to acknowledge for the namespace '\(namespace)' in "
          + "'\(connection.location.name)'. Check --namespace and --state.")
    }
    let id = id ?? latest
    guard id <= latest, id >= 0 else {
      throw ConnectorError.misconfigured(
        "There is no revision \(id) to acknowledge for the namespace '\(namespace)': "
          + "the last one has number \(latest).")
    }
    return id
  }

  private func values(_ db: Database) throws -> VirtualScalingValues {
    guard let row = try StateQuery.findScaling.row(db, ["namespace": namespace]) else {
      return VirtualScalingValues()
    }
    return VirtualScalingValues(
      prefillWorkers: try row.decode(forColumn: "prefill_workers"),
      decodeWorkers: try row.decode(forColumn: "decode_workers"),
      decisionID: try row.decode(forColumn: "decision_id"),
      scaledDecisionID: try row.decode(forColumn: "scaled_decision_id"),
      decidedAt: try row.decode(forColumn: "decided_at"))
  }

  /// Turns what the state file throws into the connector's errors.
  private func explainingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as StateError {
      throw ConnectorError.unreachable(error.description)
    }
  }
}
