import Invocation
import Planning

/// One decision of the state file, decoded, with everything it rests on.
public struct PastDecision: Sendable {
  /// What was printed of it.
  public var printed: PastDocument
  /// What it rests on.
  public var record: DecisionRecord

  /// Its number in the file.
  public var id: Int { printed.id }
  /// The document as it was printed, with its number and its final status.
  public var document: DecisionDocument { printed.document }

  /// Decodes a stored decision.
  ///
  /// - Throws: ``PastDecisionError`` when its JSON can't be read.
  public init(_ stored: StoredDecision) throws(PastDecisionError) {
    printed = try PastDocument(stored)
    record = try stored.decodedInput(printed.id)
  }
}

/// One decision of the state file as an audit makes it again: what was printed of it and what it
/// was made of, without the arithmetic, which would take a third of the time to read.
public struct AuditedDecision: Sendable {
  /// What was printed of it.
  public var printed: PastDocument
  /// What it was made of.
  public var input: DecisionInput

  private struct Record: Decodable {
    var input: DecisionInput
  }

  /// Decodes a stored decision.
  ///
  /// - Throws: ``PastDecisionError`` when its JSON can't be read.
  public init(_ stored: StoredDecision) throws(PastDecisionError) {
    printed = try PastDocument(stored)
    input = try (stored.decodedInput(printed.id) as Record).input
  }
}

extension PastDocument {
  /// Decodes what was printed of a stored decision.
  ///
  /// - Throws: ``PastDecisionError`` when its JSON can't be read.
  public init(_ stored: StoredDecision) throws(PastDecisionError) {
    guard let id = stored.id else { throw PastDecisionError(id: 0, reason: "it has no number") }
    try self.init(
      id: id, time: stored.time, status: stored.status, isChange: stored.isChange,
      document: stored.document, error: stored.error)
  }
}

extension StoredDecision {
  fileprivate func decodedInput<Value: Decodable>(_ id: Int) throws(PastDecisionError) -> Value {
    do {
      return try JSONText.decode(Value.self, from: input)
    } catch {
      throw PastDecisionError(id: id, reason: "\(error)")
    }
  }
}

/// A stored decision whose JSON can't be read.
public struct PastDecisionError: Error, Sendable, CustomStringConvertible {
  /// The decision.
  public let id: Int
  /// The decoder's reason.
  public let reason: String

  /// Names the decision and the reason.
  public init(id: Int, reason: String) {
    self.id = id
    self.reason = reason
  }

  /// Which decision and why.
  public var description: String {
    "Decision \(id) in the state file can't be read (\(reason)); it may come from another version."
  }
}
