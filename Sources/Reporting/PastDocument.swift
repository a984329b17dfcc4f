import Invocation
import Planning

/// What was printed of one decision of the state file, decoded: enough to list it.
public struct PastDocument: Sendable {
  /// Its number in the file.
  public var id: Int
  /// When it was made, Unix seconds.
  public var time: Double
  /// Whether it changed (or in a dry run would have changed) a count.
  public var isChange: Bool
  /// The document as it was printed, with its number and its final status.
  public var document: DecisionDocument

  /// Decodes a stored document. Its own number and status are those from before it was applied.
  ///
  /// - Throws: ``PastDecisionError`` when its JSON can't be read.
  public init(
    id: Int, time: Double, status: String, isChange: Bool, document: String, error: String?
  ) throws(PastDecisionError) {
    self.id = id
    self.time = time
    self.isChange = isChange
    do {
      self.document = try JSONText.decode(DecisionDocument.self, from: document)
    } catch {
      throw PastDecisionError(id: id, reason: "\(error)")
    }
    self.document.id = id
    self.document.status = DecisionStatus(rawValue: status) ?? self.document.status
    if let error { self.document.error = error }
  }

  /// The components, prefill before decode.
  public var components: [(name: Component, document: DecisionDocument.ComponentDocument)] {
    document.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
