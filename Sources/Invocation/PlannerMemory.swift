import Forecasting
import Planning

/// Everything a deployment's state holds, decoded.
package struct PlannerMemory: Sendable {
  package var predictors: TrafficPredictors?
  package var load = LoadMemory()
  package var correction = CorrectionFactors()
  package var calibration = SLACalibration()
  package var decision = DecisionMemory()
  /// The connector's own document.
  var connector: String?

  package init() {}

  /// Decodes what the store holds.
  ///
  /// - Throws: ``UnreadableMemory`` when a part is no longer understood: it is not silently dropped.
  package init(_ stored: StoredMemory) throws {
    predictors = try Self.decode(.predictors, stored)
    load = try Self.decode(.load, stored) ?? LoadMemory()
    correction = try Self.decode(.correction, stored) ?? CorrectionFactors()
    calibration = try Self.decode(.calibration, stored) ?? SLACalibration()
    decision.plan = try Self.decode(.plan, stored)
    decision.recommendations = try Self.decode(.recommendations, stored) ?? []
    decision.holdSince = try Self.decode(.hold, stored)
    connector = stored.parts[.connector]
  }

  private static func decode<Value: Decodable>(
    _ part: MemoryPart, _ stored: StoredMemory
  ) throws -> Value? {
    guard let text = stored.parts[part], text != "null" else { return nil }
    do {
      return try JSONText.decode(Value.self, from: text)
    } catch {
      throw UnreadableMemory(part: part, reason: "\(error)")
    }
  }

  /// The parts that differ from `before`, as they are stored.
  func changes(from before: PlannerMemory) throws -> [MemoryPart: String] {
    var parts: [MemoryPart: String] = [:]
    if predictors != before.predictors { parts[.predictors] = try JSONText.encode(predictors) }
    if load != before.load { parts[.load] = try JSONText.encode(load) }
    if correction != before.correction { parts[.correction] = try JSONText.encode(correction) }
    if calibration != before.calibration {
      parts[.calibration] = try JSONText.encode(calibration)
    }
    if decision.plan != before.decision.plan { parts[.plan] = try JSONText.encode(decision.plan) }
    if decision.recommendations != before.decision.recommendations {
      parts[.recommendations] = try JSONText.encode(decision.recommendations)
    }
    if decision.holdSince != before.decision.holdSince {
      parts[.hold] = try JSONText.encode(decision.holdSince)
    }
    if let connector, connector != before.connector { parts[.connector] = connector }
    return parts
  }
}

/// A part of the memory that can't be decoded.
package struct UnreadableMemory: Error {
  /// The part.
  package let part: MemoryPart
  /// What the decoder says.
  package let reason: String
}
