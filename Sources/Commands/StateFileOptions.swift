import ArgumentParser
import Invocation
import Reporting
import Settings
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Which decisions of which state file a command is about.
struct StateFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The state file (default: $SLA_PLANNER_STATE or state/planner.sqlite).", valueName: "file"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "The deployment as the state file names it; not needed while there is only one.",
      valueName: "name"))
  var deployment: String?

  /// The store of the one deployment that is meant. Reading takes no lease and changes nothing.
  func open() throws -> SQLiteStateStore {
    let path =
      state ?? ProcessInfo.processInfo.environment["SLA_PLANNER_STATE"] ?? "state/planner.sqlite"
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFailure(
        .unreadableInput,
        "There is no state file '\(path)'. Name one with --state; the first run makes it.")
    }
    let settings = StateFileSettings(path: path)
    if let deployment { return SQLiteStateStore(settings, deployment: deployment) }
    let names = try SQLiteStateStore(settings, deployment: "-").deployments()
    guard names.count <= 1 else {
      throw CommandFailure(
        .usage,
        "The state file '\(path)' holds several deployments (\(names.joined(separator: ", "))); name one with --deployment."
      )
    }
    return SQLiteStateStore(settings, deployment: names.first ?? "-")
  }
}

extension SQLiteStateStore {
  /// Hands over past decisions, newest first and a page at a time, until `visit` says stop.
  func forEachDecision(_ visit: (PastDecision) throws -> Bool) throws {
    var before: Int?
    while true {
      let page = try decisions(limit: 500, before: before)
      for stored in page where try !visit(PastDecision(stored)) { return }
      guard let last = page.last?.id else { return }
      before = last
    }
  }
}
