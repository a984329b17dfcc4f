import Invocation
import Planning
import Synchronization

/// Counts the decisions of one process and hands the page of each to the outlets.
///
/// Counting is part of the invocation: what ``count(_:_:after:)`` returns is saved in the same
/// transaction as the decision. Publishing comes after it and may fail.
public final class MetricsLedger: Sendable {
  private struct State {
    var begin = ContinuousClock.now
    var page: MetricsPage?
    var lost = false
  }

  private let outlets: MetricsOutlets
  private let state = Mutex(State())

  /// Creates a ledger; the time of the first round begins now.
  public init(_ outlets: MetricsOutlets) { self.outlets = outlets }

  /// Begins the time of another round.
  public func beginRound() { state.withLock { $0.begin = .now } }

  /// Serves what earlier invocations counted until there is a decision. Only the port shows it: the
  /// other outlets keep the last decision's page.
  ///
  /// - Parameter stored: the memory as the state file holds it; nil when it holds none.
  public func begin(from stored: String?, deployment: String, policy: PlanningPolicy) {
    let memory = stored.flatMap(OwnMetricsMemory.init(stored:)) ?? OwnMetricsMemory()
    outlets.serve(MetricsPage(memory: memory, deployment: deployment, policy: policy))
  }

  /// Counts a decision in its final status.
  ///
  /// - Parameters:
  ///   - stored: the memory as the state file holds it; one that can't be read is started anew, with
  ///     a warning from ``publish()``.
  /// - Returns: the memory to save with the decision; nil only when it can't be encoded.
  public func count(
    _ document: DecisionDocument, _ record: DecisionRecord, after stored: String?
  ) -> String? {
    state.withLock { state in
      let read = stored.map(OwnMetricsMemory.init(stored:))
      if case .some(.none) = read { state.lost = true }
      let memory = (read.flatMap { $0 } ?? OwnMetricsMemory()).advanced(
        by: record.decision, status: document.status,
        durationSeconds: (ContinuousClock.now - state.begin) / .seconds(1))
      if !outlets.isEmpty {
        state.page = MetricsPage(memory: memory, document: document, record: record)
      }
      return try? memory.stored
    }
  }

  /// Hands the page of the decision counted last to every outlet.
  ///
  /// - Returns: what a person should know, as sentences.
  public func publish() async -> [String] {
    let (page, lost) = state.withLock { state in
      defer {
        state.page = nil
        state.lost = false
      }
      return (state.page, state.lost)
    }
    let warnings =
      lost ? ["The counters in the state file can't be read; they start at 0 again."] : []
    guard let page else { return warnings }
    return warnings + (await outlets.publish(page))
  }
}
