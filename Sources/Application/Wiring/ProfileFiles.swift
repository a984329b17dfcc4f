import EngineProfiles
import Glibc
import Planning
import Settings

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The files of a profile folder, read into an ``EngineProfile``.
package struct ProfileFiles {
  package let profile: EngineProfile
  /// The files that were read, their names relative to the folder.
  let read: [(name: String, bytes: [UInt8])]

  /// Reads what `mode` needs: the prefill file, the decode file, or both.
  ///
  /// - Parameter remedy: what to do when one is missing.
  package init(
    directory: String, mode: DeploymentMode,
    remedy: String =
      "Name the folder with --profile-results-dir, or turn throughput-based scaling off with --disable-throughput-scaling."
  ) throws {
    func file(_ component: Component) throws -> EngineProfile.File? {
      guard mode.workComponents.contains(component) else { return nil }
      let candidates = Self.candidates(component)
      if let file = try Self.first(of: candidates, in: directory) { return file }
      throw CommandFailure(
        .unreadableInput,
        "The profile folder '\(directory)' holds no \(component.rawValue) data; it needs \(candidates.joined(separator: " or ")). \(remedy)"
      )
    }
    try self.init(prefill: file(.prefill), decode: file(.decode))
  }

  /// Reads what a run needs; nil where engines are to be learned: a prior was chosen, or nobody named
  /// a folder and the default one does not exist.
  package init?(_ settings: RunSettings) throws {
    guard let throughput = settings.throughput, throughput.enginePrior == nil else { return nil }
    var isNamed = false
    switch settings.entries.first(where: { $0.name == "profile-results-dir" })?.origin {
    case .flag, .environment, .file: isNamed = true
    case .recording, .standard, nil: break
    }
    var status = stat()
    if case .sla = settings.sizing, !isNamed, stat(throughput.profileDirectory, &status) != 0,
      errno == ENOENT
    {
      return nil
    }
    try self.init(directory: throughput.profileDirectory, mode: settings.mode)
  }

  /// Reads whatever of the two files is there.
  package init(directory: String) throws {
    let prefill = try Self.first(of: Self.candidates(.prefill), in: directory)
    let decode = try Self.first(of: Self.candidates(.decode), in: directory)
    guard prefill != nil || decode != nil else {
      let names = Component.allCases.flatMap(Self.candidates).joined(separator: ", ")
      throw CommandFailure(
        .unreadableInput,
        "The folder '\(directory)' holds no profile; it needs at least one of \(names).")
    }
    try self.init(prefill: prefill, decode: decode)
  }

  private init(prefill: EngineProfile.File?, decode: EngineProfile.File?) throws {
    profile = try EngineProfile(prefillFile: prefill, decodeFile: decode)
    read = [prefill, decode].compactMap { $0 }.map { ($0.name, $0.bytes) }
  }

  private static func candidates(_ component: Component) -> [String] {
    switch component {
    case .prefill: EngineProfile.fileCandidates.prefill
    case .decode: EngineProfile.fileCandidates.decode
    }
  }

  /// The first of the files that exists. One that exists and can't be read is an error: falling
  /// back to the next would answer with other data than the folder shows.
  private static func first(
    of candidates: [String], in directory: String
  ) throws -> EngineProfile.File? {
    for name in candidates {
      let path = "\(directory)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else {
        if errno == ENOENT || errno == ENOTDIR { continue }
        throw unreadable(path, String(cString: strerror(errno)))
      }
      guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable(path, "not a file") }
      guard status.st_size <= EngineProfile.largestFile else {
        throw unreadable(path, "\(status.st_size) bytes, far more than a profile has")
      }
      guard let data = FileManager.default.contents(atPath: path) else {
        throw unreadable(path, "check its permissions")
      }
      return EngineProfile.File(name: name, bytes: Array(data))
    }
    return nil
  }

  private static func unreadable(_ path: String, _ reason: String) -> CommandFailure {
    CommandFailure(.unreadableInput, "The profile file '\(path)' can't be read: \(reason).")
  }
}
