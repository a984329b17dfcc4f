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
/// - `state.sqlite`: what the state held of this deployment before.
package struct RecordingFolder {
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

  package init(_ path: String) { self.path = path }

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
    guard
      let manifest = try? JSONText.decode(
        Manifest.self, from: String(decoding: data, as: UTF8.self))
    else {
      throw CommandFailure(
        .unreadableInput,
        "'\(manifestPath)' is not a recording's manifest, or is damaged. Record again.")
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
    try write((try JSONText.encode(document, pretty: true) + "\n").utf8, to: decisionPath)
  }

  /// The decision that the recorded run made.
  package func readDecision() throws -> DecisionDocument {
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

  /// Makes sure that the folder is empty or yet to be made, and tells whether it is there.
  func checkUnused() throws -> Bool {
    let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    guard names?.isEmpty ?? true else { throw HTTPRecordingError.occupied(path: path) }
    return names != nil
  }

  /// Writes everything but the answers: the state as the run has just loaded it, the profile, and
  /// last the manifest, which makes it a recording.
  func begin(
    settings: RunSettings, now: Double, cluster: RecordedCluster?,
    profileFiles: [(name: String, bytes: [UInt8])], store: SQLiteStateStore
  ) throws {
    do {
      try store.exportSeed(to: statePath)
    } catch StateError.unusable(path: statePath, let reason) {
      throw CommandFailure(
        .configuration, "The recording can't be written to '\(statePath)': \(reason)")
    }
    for file in profileFiles { try write(file.bytes, to: profilePath + "/" + file.name) }
    let manifest = Manifest(
      program: plannerVersion, now: now,
      settings: settings.recordedLayer.filter { !Self.isPrivate($0.key) }, cluster: cluster)
    try write((try JSONText.encode(manifest, pretty: true) + "\n").utf8, to: manifestPath)
  }

  /// Takes away what ``begin(settings:now:cluster:profileFiles:store:)`` and the requests until
  /// then have put here.
  func discard() {
    for part in [path + "/" + HTTPRecording.folder, profilePath, statePath, manifestPath] {
      try? FileManager.default.removeItem(atPath: part)
    }
  }

  private func write(_ bytes: some Sequence<UInt8>, to path: String) throws(HTTPRecordingError) {
    let file = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file, options: .atomic)
    } catch {
      throw HTTPRecordingError(writing: path, error)
    }
  }

  /// Options that say how to log in, and where this machine keeps its files: a replay needs none.
  private static func isPrivate(_ option: String) -> Bool {
    ["user", "token-file", "password-file", "ca-file", "certificate-file", "key-file"]
      .contains { option.hasSuffix($0) }
      || option.hasPrefix("metrics-") || option.hasPrefix("pushgateway-")
      || [
        "state", "kubeconfig", "service-account-dir", "profile-results-dir",
        "load-predictor-warmup-trace",
      ].contains(option)
  }
}
