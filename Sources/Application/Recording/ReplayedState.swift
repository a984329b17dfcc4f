import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The state that a replay works on: a copy of the recorded one, for this process alone, so that a
/// replay leaves no trace.
package final class ReplayedState: Sendable {
  private let folder: String

  /// The copy; there is no file while the recorded state held nothing.
  var path: String { folder + "/state.sqlite" }

  /// Copies the recorded state, if there is one at `recorded`.
  init(copying recorded: String) throws {
    var template = Array(
      (FileManager.default.temporaryDirectory.path + "/sla-planner-replay-XXXXXX").utf8CString)
    guard let made = mkdtemp(&template) else {
      throw CommandFailure(
        .fault,
        "No temporary folder can be made for the replay: \(String(cString: strerror(errno))).")
    }
    folder = String(cString: made)
    if FileManager.default.fileExists(atPath: recorded) {
      try FileManager.default.copyItem(atPath: recorded, toPath: path)
    }
  }

  deinit { discard() }

  /// Removes the copy; to be called once nobody uses it any more.
  package func discard() { try? FileManager.default.removeItem(atPath: folder) }
}
