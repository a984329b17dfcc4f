import Logging
import OwnMetrics
import Synchronization

/// Publishes what was counted beside the rounds, one page after the other: a push gateway that
/// takes its time delays no decision, and a run that is being stopped still tells of its last one.
final class MetricsPublishing: Sendable {
  private let ledger: MetricsLedger
  private let logger: Logger
  private let last = Mutex<Task<Void, Never>?>(nil)

  init(_ ledger: MetricsLedger, logger: Logger) {
    self.ledger = ledger
    self.logger = logger
  }

  /// Begins to publish what was counted last, once the page before it is through.
  func publishNext() {
    last.withLock { task in
      task = Task { [task, ledger, logger] in
        await task?.value
        for warning in await ledger.publish() { logger.warning("\(warning)") }
      }
    }
  }

  /// Notes what a round came to, for who asks whether the run is alive.
  func roundEnded(_ outcome: String) { ledger.roundEnded(outcome) }

  /// Waits until everything is published.
  func finish() async { await last.withLock { $0 }?.value }
}
