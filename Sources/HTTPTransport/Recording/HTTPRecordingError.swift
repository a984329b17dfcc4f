import Glibc

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Why a recording can't be written or read.
public enum HTTPRecordingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder already holds something; a recording never mixes with an older one.
  case occupied(path: String)
  /// A file or folder of the recording can't be written.
  case unwritable(path: String, reason: String)
  /// There is no recording in the folder.
  case missing(path: String)
  /// The recording was made by a newer or much older planner.
  case unsupportedVersion(path: String, found: Int)
  /// A file of the recording is damaged.
  case corrupt(path: String, reason: String)

  /// What stopped a file or folder from being written.
  ///
  /// - Parameter error: what Foundation threw; the system's own reason is taken from it.
  public init(writing path: String, _ error: any Error) {
    let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code
    self = .unwritable(
      path: path,
      reason: code.map { String(cString: strerror($0.rawValue)) } ?? "the system refuses it")
  }

  /// What is wrong and what to do, as a sentence.
  public var description: String {
    switch self {
    case .occupied(let path):
      "'\(path)' already holds a recording; name a new directory to record into."
    case .unwritable(let path, let reason):
      "The recording can't be written to '\(path)': \(reason)."
    case .missing(let path):
      "'\(path)' holds no recording; name a directory that was given to --record."
    case .unsupportedVersion(let path, let found):
      "The recording '\(path)' has format \(found), but this planner reads format "
        + "\(HTTPRecording.formatVersion); replay it with the planner that made it."
    case .corrupt(let path, let reason):
      "The recording's file '\(path)' is damaged: \(reason). Record again."
    }
  }
}
