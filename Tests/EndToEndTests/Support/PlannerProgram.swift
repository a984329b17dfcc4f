import Foundation
import TestSupport

/// The `sla-planner` binary of this build.
enum PlannerProgram {
  /// There is no binary beside the tests.
  struct Missing: Error, CustomStringConvertible {
    let searched: [String]
    var description: String {
      "There is no sla-planner in \(searched.joined(separator: ", ")); build it or name it with SLA_PLANNER_BINARY."
    }
  }

  /// Its path: `SLA_PLANNER_BINARY`, or the one beside the tests' own program.
  static func path() throws -> String {
    if let named = ProcessInfo.processInfo.environment["SLA_PLANNER_BINARY"] { return named }
    let candidates = folders.map { $0 + "/sla-planner" }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
      throw Missing(searched: folders)
    }
    return found
  }

  /// The tests run as a program of their own or inside a helper that is told where they lie; with
  /// a bundle that is a folder, the build's folder is above it.
  private static var folders: [String] {
    let places = CommandLine.arguments.filter { $0.contains("/") } + [Bundle.main.bundlePath]
    var folders: [String] = []
    for place in places {
      var folder = URL(fileURLWithPath: place)
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        if !folders.contains(folder.path) { folders.append(folder.path) }
      }
    }
    return folders
  }
}
