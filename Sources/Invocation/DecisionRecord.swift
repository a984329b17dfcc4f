import Planning

/// What the state file keeps of a decision besides the document that was printed: everything it
/// rests on and every operand, so that it can be explained and made again.
public struct DecisionRecord: Codable, Sendable, Equatable {
  /// What it was made of.
  public var input: DecisionInput
  /// What came out, with the arithmetic.
  public var decision: Decision

  /// Creates a record.
  public init(input: DecisionInput, decision: Decision) {
    self.input = input
    self.decision = decision
  }
}
