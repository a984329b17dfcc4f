import Glibc
import HTTPTransport
import Invocation
import Settings

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a run was told: flags, environment, configuration file, and the recording it replays.
package struct RunInput {
  package let settings: RunSettings
  package let warnings: [String]
  /// The recording that is replayed.
  package let replay: RecordingFolder?
  /// What the replay works on; nil when it was given another state file.
  package let replayedState: ReplayedState?

  /// Reads the files that the settings come from and resolves them. A replay takes nothing from the
  /// environment: it holds what the recorded run found there.
  package init(_ flags: [String: String]) throws {
    var flags = flags
    var environment = ProcessInfo.processInfo.environment
    let directory = flags["replay"] ?? environment["SLA_PLANNER_REPLAY"] ?? ""
    if !directory.isEmpty { environment = [:] }
    var recorded: [String: String] = [:]
    if !directory.isEmpty {
      let folder = RecordingFolder(directory)
      let manifest = try folder.readManifest()
      recorded = manifest.settings
      recorded["now"] = "\(manifest.now)"
      if folder.holdsProfile { recorded["profile-results-dir"] = folder.profilePath }
      if folder.holdsWarmUpTrace {
        recorded["load-predictor-warmup-trace"] = folder.warmUpTracePath
      }
      flags["replay"] = directory
      replayedState =
        flags["state"] == nil ? try ReplayedState(copying: folder.statePath) : nil
      flags["state"] = replayedState?.path ?? flags["state"]
      replay = folder
    } else {
      replayedState = nil
      replay = nil
    }
    let given = try GivenSettings.reading(
      flags: flags, recorded: recorded, environment: environment)
    settings = try RunSettings(given, isReplay: replay != nil)
    warnings = given.warnings
  }
}

extension GivenSettings {
  /// What was given, with the configuration file that flags or environment name.
  package static func reading(
    flags: [String: String], recorded: [String: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> GivenSettings {
    let file: ConfigurationFile? =
      switch ConfigurationSource.given(flags: flags, environment: environment) {
      case .file(let path): try ConfigurationFile.parse(text(of: path), name: path)
      case .inline(let text): try ConfigurationFile.parse(text, name: "--config")
      case nil: nil
      }
    return try GivenSettings(
      flags: flags, recorded: recorded, environment: environment, file: file)
  }

  private static func text(of path: String) throws -> String {
    do {
      return String(
        decoding: try SmallFile.read(path, limitBytes: 4 << 20, takesPipes: true), as: UTF8.self)
    } catch {
      throw CommandFailure(
        .configuration,
        "The configuration file '\(path)' can't be read: \(error). Check that it exists and is readable."
      )
    }
  }
}
