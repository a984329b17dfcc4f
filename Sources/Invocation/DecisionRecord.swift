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

extension DecisionRecord {
  /// The record as it is stored: of very many workers those that stand for all
  /// (``Planning/WorkerSketch``), and of what is known of each worker nothing, which only learning rests on.
  var bounded: DecisionRecord {
    var record = self
    if var workers = record.input.workers {
      workers.samples = workers.samples.map(\.sketched)
      workers.state.workers = [:]
      record.input.workers = workers
    }
    for (component, var decided) in record.decision.components {
      guard var verdict = decided.verdict else { continue }
      verdict.sides = verdict.sides.map(\.sketched)
      decided.verdict = verdict
      record.decision.components[component] = decided
    }
    return record
  }
}
