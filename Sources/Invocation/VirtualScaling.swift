/// The values through which the virtual connector talks to its client (docs/reference/etcd.md).
///
/// Values that nobody has written yet are nil, never 0.
public struct VirtualScalingValues: Codable, Sendable, Equatable {
  /// Prefill workers wanted by the last decision.
  public var prefillWorkers: Int?
  /// Decode workers wanted by the last decision.
  public var decodeWorkers: Int?
  /// Number of the last decision: 0, 1, 2, …
  public var decisionID: Int?
  /// Number of the last decision that the client reported as in place.
  public var scaledDecisionID: Int?
  /// When the last decision was written, Unix seconds, where the backend knows it.
  public var decidedAt: Double?

  /// Creates a set of values.
  public init(
    prefillWorkers: Int? = nil, decodeWorkers: Int? = nil, decisionID: Int? = nil,
    scaledDecisionID: Int? = nil, decidedAt: Double? = nil
  ) {
    self.prefillWorkers = prefillWorkers
    self.decodeWorkers = decodeWorkers
    self.decisionID = decisionID
    self.scaledDecisionID = scaledDecisionID
    self.decidedAt = decidedAt
  }

  /// Whether the last decision is in place. No decision counts as acknowledged; a missing
  /// acknowledgement of an existing decision does not.
  public var isAcknowledged: Bool {
    guard let decisionID else { return true }
    guard let scaledDecisionID else { return false }
    return scaledDecisionID >= decisionID
  }
}

/// Where the virtual connector's values live: etcd, or the state file.
public protocol VirtualScalingStore: Sendable {
  /// Reads the values of one Dynamo namespace.
  ///
  /// - Throws: ``ConnectorError``.
  func read() async throws -> VirtualScalingValues

  /// Writes counts and number in one transaction, if the stored number is still `expected`.
  ///
  /// - Parameters:
  ///   - values: prefill and decode workers that are nil stay as they are; `decisionID` is set.
  ///   - expected: the number that was read before (nil: there was none).
  /// - Returns: whether it was written; false when another writer came first.
  /// - Throws: ``ConnectorError``.
  func write(_ values: VirtualScalingValues, ifDecisionIs expected: Int?) async throws -> Bool

  /// Reports decision `id` as in place, as the client does; after a later one it changes nothing.
  ///
  /// - Throws: ``ConnectorError``.
  func acknowledge(_ id: Int) async throws
}
