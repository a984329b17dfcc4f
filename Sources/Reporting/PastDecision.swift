import Invocation

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
    guard let id = stored.id else { throw PastDecisionError(id: 0, reason: "it has no number") }
    printed = try PastDocument(
      id: id, time: stored.time, status: stored.status, isChange: stored.isChange,
      document: stored.document, error: stored.error)
    do {
      record = try JSONText.decode(DecisionRecord.self, from: stored.input)
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
