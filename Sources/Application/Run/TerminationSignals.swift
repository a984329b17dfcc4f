import Dispatch
import Glibc
import Logging

/// Turns SIGTERM and SIGINT into the cancellation of a task: an invocation finishes what it has
/// saved as decided and gives everything else up, and no further round begins.
package struct TerminationSignals {
  private let sources: [any DispatchSourceSignal]

  package init<Value>(cancelling task: Task<Value, any Error>, logger: Logger) {
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        logger.notice("Stopping: a decision that is saved is finished, anything else is given up.")
        task.cancel()
      }
      source.resume()
      return source
    }
  }

  package func stop() { for source in sources { source.cancel() } }
}
