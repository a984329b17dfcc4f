import Invocation
import Planning

/// One decision of the state file, decoded.
public struct PastDecision: Sendable {
  /// Its number in the file.
  public var id: Int
  /// The document as it was printed, with its number and its final status.
  public var document: DecisionDocument
  /// What it rests on.
  public var record: DecisionRecord
  /// Whether it changed (or in a dry run would have changed) a count.
  public var isChange: Bool

  /// Decodes a stored decision.
  ///
  /// - Throws: ``PastDecisionError`` when its JSON can't be read.
  public init(_ stored: StoredDecision) throws(PastDecisionError) {
    guard let id = stored.id else { throw PastDecisionError(id: 0, reason: "it has no number") }
    self.id = id
    isChange = stored.isChange
    do {
      document = try JSONText.decode(DecisionDocument.self, from: stored.document)
      record = try JSONText.decode(DecisionRecord.self, from: stored.input)
    } catch {
      throw PastDecisionError(id: id, reason: "\(error)")
    }
    document.id = id
    document.status = DecisionStatus(rawValue: stored.status) ?? document.status
    if let error = stored.error { document.error = error }
  }

  /// The components, prefill before decode.
  public var components: [(name: Component, document: DecisionDocument.ComponentDocument)] {
    document.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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
