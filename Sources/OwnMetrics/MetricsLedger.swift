import Invocation
import Planning
import Synchronization

/// Counts what the invocations of one process come to, and hands a page of each to the outlets.
///
/// Counting is part of the invocation: what it remembers is saved in the same transaction as the
/// decision. Publishing comes after it and may fail.
public final class MetricsLedger: DecisionCounter {
  private struct Run {
    var begin = ContinuousClock.now
    var counted = MetricsState()
    var page: MetricsPage?
    var lost = false

    /// Seconds since the invocation began.
    var elapsedSeconds: Double { (ContinuousClock.now - begin) / .seconds(1) }
  }

  private let outlets: MetricsOutlets
  private let deployment: String
  private let policy: PlanningPolicy
  private let tellsDesired: Bool
  private let run = Mutex(Run())

  /// Creates a ledger.
  ///
  /// - Parameters:
  ///   - outlets: where the pages go.
  ///   - deployment: names the deployment, as its decisions do.
  ///   - policy: the targets and the budget that pages without a decision show.
  ///   - tellsDesired: whether pages tell the counts that others may scale to; not in a dry run.
  public init(
    _ outlets: MetricsOutlets, deployment: String, policy: PlanningPolicy, tellsDesired: Bool = true
  ) {
    self.outlets = outlets
    self.deployment = deployment
    self.policy = policy
    self.tellsDesired = tellsDesired
  }

  /// Begins another invocation: takes its time from now on, and counts on from what is `stored`.
  ///
  /// The port shows the counters until there is a decision; the other outlets keep the page of the
  /// last one. A state that can't be read is started anew, with a warning from ``publish()``.
  public func begin(from stored: String?) {
    let read = stored.map(MetricsState.init(stored:))
    let counted = read.flatMap { $0 } ?? MetricsState()
    run.withLock { run in
      run.begin = .now
      run.counted = counted
      if case .some(.none) = read { run.lost = true }
    }
    outlets.serveFirst(MetricsPage(state: counted, deployment: deployment, policy: policy))
  }

  /// Counts a decision in its final status.
  ///
  /// - Returns: the state to save with the decision; nil only when it can't be encoded.
  public func count(_ document: DecisionDocument, _ record: DecisionRecord) -> String? {
    run.withLock { run in
      run.counted = run.counted.advanced(
        by: record.decision, status: document.status, durationSeconds: run.elapsedSeconds)
      run.page = MetricsPage(
        state: run.counted, document: document, record: record, tellsDesired: tellsDesired)
      return try? run.counted.stored
    }
  }

  /// Counts an invocation that ended with an error. Its page has the counters only: what was
  /// observed and decided before is not true any more, or not known to be.
  ///
  /// - Returns: the state to save; nil only when it can't be encoded.
  public func countFailure() -> String? {
    run.withLock { run in
      run.counted = run.counted.failed(durationSeconds: run.elapsedSeconds)
      run.page = MetricsPage(state: run.counted, deployment: deployment, policy: policy)
      return try? run.counted.stored
    }
  }

  /// Hands the page of what was counted last to every outlet.
  ///
  /// - Returns: what a person should know, as sentences.
  public func publish() async -> [String] {
    let (page, lost) = run.withLock { run in
      defer {
        run.page = nil
        run.lost = false
      }
      return (run.page, run.lost)
    }
    let warnings =
      lost
      ? ["The metrics' counters in the state file can't be read; they start at 0 again."] : []
    guard let page else { return warnings }
    return warnings + (await outlets.publish(page))
  }

  /// Notes what a round came to, for who asks the port's `/healthz`.
  public func roundEnded(_ outcome: String) { outlets.roundEnded(outcome) }

  /// Stops serving the port.
  public func stop() { outlets.stop() }
}
