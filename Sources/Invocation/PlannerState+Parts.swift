import Forecasting
import Planning

/// The state as a store keeps it: named parts, each a JSON document of its own.
extension PlannerState {
  /// Decodes what the store holds.
  ///
  /// - Throws: ``UnreadableState`` when a part is no longer understood: it is not silently dropped.
  package init(_ stored: StoredState) throws {
    self.init()
    predictors = try Self.decode(.predictors, stored)
    load = try Self.decode(.load, stored) ?? load
    sizing.byCapacity = try Self.decode(.correction, stored) ?? sizing.byCapacity
    sizing.bySLA = try Self.decode(.calibration, stored) ?? sizing.bySLA
    decision.plan = try Self.decode(.plan, stored)
    decision.recommendations = try Self.decode(.recommendations, stored) ?? []
    decision.holdSince = try Self.decode(.hold, stored)
    controls = try Self.decode(.controls, stored) ?? []
  }

  private static func decode<Value: Decodable>(
    _ part: StatePart, _ stored: StoredState
  ) throws -> Value? {
    guard let text = stored.parts[part], text != "null" else { return nil }
    do {
      return try JSONText.decode(Value.self, from: text)
    } catch {
      throw UnreadableState(part: part, reason: "\(error)")
    }
  }

  /// The parts that differ from `before`, as they are stored.
  func changes(from before: PlannerState) throws -> [StatePart: String] {
    var parts: [StatePart: String] = [:]
    func note<Value: Encodable & Equatable>(
      _ part: StatePart, _ value: KeyPath<PlannerState, Value>
    ) throws {
      guard self[keyPath: value] != before[keyPath: value] else { return }
      parts[part] = try JSONText.encode(self[keyPath: value])
    }
    try note(.predictors, \.predictors)
    try note(.load, \.load)
    try note(.correction, \.sizing.byCapacity)
    try note(.calibration, \.sizing.bySLA)
    try note(.plan, \.decision.plan)
    try note(.recommendations, \.decision.recommendations)
    try note(.hold, \.decision.holdSince)
    return parts
  }
}

/// A part of the state that can't be decoded.
package struct UnreadableState: Error {
  /// The part.
  package let part: StatePart
  /// What the decoder says.
  package let reason: String
}
