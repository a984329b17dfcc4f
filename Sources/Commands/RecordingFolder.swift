import HTTPTransport
import Invocation
import Settings
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A recording: everything one invocation was told and answered, so that it can be run again with
/// no network.
///
/// - `manifest.json`: version, the moment it was taken, the settings (no secrets).
/// - `http/`: the answers.
/// - `profile/`: the profile files that were read.
/// - `warm-up-trace`: the recorded requests that the predictors were warmed up on, if they were.
/// - `decision.json`: the decision that was made, as printed.
/// - `state.sqlite`: what the state held of this deployment before; absent when it held nothing.
struct RecordingFolder {
  /// What `manifest.json` says.
  struct Manifest: Codable {
    var version = 1
    var program: String
    /// Unix seconds that counted as now.
    var now: Double
    /// The settings, by option name.
    var settings: [String: String]
    /// The cluster of a run in the kubernetes environment.
    var cluster: RecordedCluster?
  }

  let path: String

  init(_ path: String) { self.path = path }

  var profilePath: String { path + "/profile" }
  var statePath: String { path + "/state.sqlite" }
  var warmUpTracePath: String { path + "/warm-up-trace" }
  private var decisionPath: String { path + "/decision.json" }
  private var manifestPath: String { path + "/manifest.json" }

  var holdsProfile: Bool { FileManager.default.fileExists(atPath: profilePath) }
  var holdsWarmUpTrace: Bool { FileManager.default.fileExists(atPath: warmUpTracePath) }

  /// Reads the manifest.
  func readManifest() throws -> Manifest {
    guard let data = FileManager.default.contents(atPath: manifestPath) else {
      throw CommandFailure(
        .unreadableInput,
        "'\(path)' is not a recording: it has no readable manifest.json. Name a folder that --record made."
      )
    }
    let manifest: Manifest
    do {
      manifest = try JSONText.decode(
        Manifest.self, from: String(decoding: data, as: UTF8.self))
    } catch {
      throw CommandFailure(
        .unreadableInput, "'\(manifestPath)' is not a recording's manifest: \(error).")
    }
    guard manifest.version == 1 else {
      throw CommandFailure(
        .unreadableInput,
        "'\(path)' was recorded in format \(manifest.version); this version reads format 1.")
    }
    return manifest
  }

  /// Keeps the trace that the predictors are warmed up on.
  func keep(warmUpTrace source: String) throws {
    do {
      try FileManager.default.copyItem(atPath: source, toPath: warmUpTracePath)
    } catch {
      throw CommandFailure(
        .configuration, "The warm-up trace can't be added to the recording '\(path)': \(error).")
    }
  }

  /// Saves the decision that the recorded run made.
  func save(_ document: DecisionDocument) throws {
    let text = try JSONText.encode(document, pretty: true) + "\n"
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: decisionPath), options: .atomic)
    } catch {
      throw CommandFailure(
        .configuration, "The decision can't be added to the recording '\(path)': \(error).")
    }
  }

  /// The decision that the recorded run made.
  func readDecision() throws -> DecisionDocument {
    guard let data = FileManager.default.contents(atPath: decisionPath),
      let document = try? JSONText.decode(
        DecisionDocument.self, from: String(decoding: data, as: UTF8.self))
    else {
      throw CommandFailure(
        .unreadableInput,
        "The recording '\(path)' holds no readable decision.json: its run made no decision.")
    }
    return document
  }

  /// Writes everything but the answers: manifest, profile and the state as it is now.
  func begin(
    settings: RunSettings, now: Double, cluster: RecordedCluster?,
    profileFiles: [(name: String, bytes: [UInt8])], store: SQLiteStateStore
  ) throws {
    let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    guard names?.isEmpty ?? true else { throw HTTPRecordingError.occupied(path: path) }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      if FileManager.default.fileExists(atPath: settings.state.path) {
        do {
          try store.exportSeed(to: statePath)
        } catch StateError.corrupt where settings.state.recovers {
          // The run will set the damaged file aside and start with an empty state, as will a replay.
        }
      }
      for file in profileFiles {
        let target = profilePath + "/" + file.name
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
        try Data(file.bytes).write(to: URL(fileURLWithPath: target), options: .atomic)
      }
      let manifest = Manifest(
        program: plannerVersion, now: now,
        settings: settings.recordedLayer.filter { !Self.isPrivate($0.key) }, cluster: cluster)
      try Data((try JSONText.encode(manifest, pretty: true) + "\n").utf8).write(
        to: URL(fileURLWithPath: manifestPath), options: .atomic)
    } catch let error as StateError {
      throw error
    } catch {
      throw CommandFailure(
        .configuration,
        "The recording can't be written to '\(path)': \(error). Name an empty folder that is writable."
      )
    }
  }

  /// Options that say how to log in, and where this machine keeps its files: a replay needs none.
  private static func isPrivate(_ option: String) -> Bool {
    ["user", "token-file", "password-file", "ca-file", "certificate-file", "key-file"]
      .contains { option.hasSuffix($0) }
      || [
        "state", "kubeconfig", "service-account-dir", "profile-results-dir",
        "load-predictor-warmup-trace",
      ].contains(option)
  }
}
