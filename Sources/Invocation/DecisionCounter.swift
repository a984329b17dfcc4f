import Planning

/// Counts what invocations come to, for those who watch them.
///
/// What it remembers is a part of the deployment's state (``StatePart/metrics``) and saved in the
/// same transaction as what it counts. Nothing of it decides anything.
public protocol DecisionCounter: Sendable {
  /// Takes up what earlier invocations counted.
  ///
  /// - Parameter stored: the document as the state holds it; nil when it holds none.
  func begin(from stored: String?)

  /// Counts a decision in its final status.
  ///
  /// - Returns: the document to save with it; nil for nothing to save.
  func count(_ document: DecisionDocument, _ record: DecisionRecord) -> String?

  /// Counts an invocation that ended with an error instead of a decision.
  ///
  /// - Returns: the document to save; nil for nothing to save.
  func countFailure() -> String?
}

extension InvocationPorts {
  /// Counts a decision; what is to be saved with it.
  func counted(_ document: DecisionDocument, _ record: DecisionRecord) -> [StatePart: String] {
    counter?.count(document, record).map { [.metrics: $0] } ?? [:]
  }

  /// Counts a decision that an earlier invocation left pending, as it was settled.
  func counted(_ pending: StoredDecision?, settledAs status: String) -> [StatePart: String] {
    guard counter != nil, let pending, let status = DecisionStatus(rawValue: status),
      var document = try? JSONText.decode(DecisionDocument.self, from: pending.document),
      let record = try? JSONText.decode(DecisionRecord.self, from: pending.input)
    else { return [:] }
    document.status = status
    return counted(document, record)
  }

  /// Counts an invocation that ends with `error`. One that was stopped, or that left the deployment
  /// to another planner, has not failed.
  func countedFailure(_ error: any Error) -> [StatePart: String] {
    if error is CancellationError { return [:] }
    if case StateError.leased = error { return [:] }
    return counter?.countFailure().map { [.metrics: $0] } ?? [:]
  }
}
