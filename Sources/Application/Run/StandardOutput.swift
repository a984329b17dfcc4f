import Glibc
import Synchronization

/// What was printed and has to be written: a full disk or a closed pipe is no success.
package enum StandardOutput {
  private static let failure = Mutex<String?>(nil)

  /// Writes what was printed so far.
  package static func flush() {
    guard fflush(nil) != 0 else { return }
    let reason = String(cString: strerror(errno))
    failure.withLock { $0 = $0 ?? reason }
  }

  /// Makes sure that all that was printed has been written.
  ///
  /// - Throws: ``CommandFailure`` with exit code 74.
  package static func check() throws {
    flush()
    guard let reason = failure.withLock({ $0 }) else { return }
    throw CommandFailure(
      .unwritten, "What was to be printed could not be written (\(reason)); what was done stands.")
  }
}
