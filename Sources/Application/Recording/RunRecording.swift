import Glibc
import HTTPTransport
import Invocation
import Settings
import StateStore
import Synchronization

/// The recording of a run that is under way (`--record`).
///
/// It begins once the run has the lease, so that it holds the very state that the run loads, and a
/// run that is turned away leaves nothing behind.
package final class RunRecording: Sendable {
  /// Sends the run's requests and records what comes back.
  let client: RecordingHTTPClient

  private struct Progress {
    var hasBegun = false
    var failure: (any Error)?
  }

  private let folder: RecordingFolder
  private let isFolderNew: Bool
  private let progress = Mutex(Progress())

  /// Makes sure that the folder is unused.
  ///
  /// - Throws: ``HTTPRecordingError``.
  init(_ path: String, wrapping client: any HTTPClient) throws {
    folder = RecordingFolder(path)
    isFolderNew = try !folder.checkUnused()
    self.client = try RecordingHTTPClient(wrapping: client, directory: path)
  }

  deinit { discardUnlessBegun() }

  /// Writes everything but the answers, with the state as `store` has just loaded it.
  func begin(
    settings: RunSettings, now: Double, cluster: RecordedCluster?,
    profileFiles: [(name: String, bytes: [UInt8])], store: SQLiteStateStore
  ) throws {
    try folder.begin(
      settings: settings, now: now, cluster: cluster, profileFiles: profileFiles, store: store)
    progress.withLock { $0.hasBegun = true }
  }

  /// Adds the decision that the run has made. It stands, whether or not that succeeds; see
  /// ``failure``.
  package func finish(_ document: DecisionDocument) {
    do {
      try folder.save(document)
    } catch {
      progress.withLock { $0.failure = error }
    }
  }

  /// Why the recording is not whole; nil while it is.
  package var failure: CommandFailure? {
    guard let error: any Error = client.failure ?? progress.withLock({ $0.failure }) else {
      return nil
    }
    return CommandFailure(
      .configuration,
      "\(error) The recording is incomplete; what the run did and printed stands all the same. Record into a new folder that is writable and has room."
    )
  }

  /// Takes away what the run put into the folder, if it was turned away before it began.
  package func discardUnlessBegun() {
    guard !progress.withLock({ $0.hasBegun }) else { return }
    folder.discard()
    // Only if nobody else has put something there.
    if isFolderNew { rmdir(folder.path) }
  }
}
