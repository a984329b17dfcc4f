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
struct RunInput {
  let settings: RunSettings
  let warnings: [String]
  /// The recording that is replayed.
  let replay: RecordingFolder?

  /// Reads the files that the settings come from and resolves them.
  init(_ flags: [String: String]) throws {
    var flags = flags
    let environment = ProcessInfo.processInfo.environment
    var file: ConfigurationFile?
    switch ConfigurationSource.given(flags: flags, environment: environment) {
    case .file(let path): file = try ConfigurationFile.parse(Self.text(of: path), name: path)
    case .inline(let text): file = try ConfigurationFile.parse(text, name: "--config")
    case nil: break
    }
    var recorded: [String: String] = [:]
    if let directory = flags["replay"] ?? environment["SLA_PLANNER_REPLAY"], !directory.isEmpty {
      let folder = RecordingFolder(directory)
      let manifest = try folder.readManifest()
      recorded = manifest.settings
      recorded["now"] = "\(manifest.now)"
      if folder.holdsProfile { recorded["profile-results-dir"] = folder.profilePath }
      flags["replay"] = directory
      if flags["state"] == nil { flags["state"] = try folder.copyOfState() }
      replay = folder
    } else {
      replay = nil
    }
    (settings, warnings) = try RunSettings.resolve(
      flags: flags, recorded: recorded, environment: replay == nil ? environment : [:], file: file)
  }

  private static func text(of path: String) throws -> String {
    do {
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    } catch {
      throw CommandFailure(
        .configuration,
        "The configuration file '\(path)' can't be read; check that it exists and is readable.")
    }
  }
}
