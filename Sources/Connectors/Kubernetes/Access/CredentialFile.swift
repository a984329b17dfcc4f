import Glibc
import Invocation

/// A certificate or key that is only known as bytes, as a file that libcurl can open.
///
/// The file has no name in any folder: it is removed as soon as it is open, so nothing is left
/// behind however the process ends. It is gone when this value is.
final class CredentialFile: Sendable {
  /// Where this process finds the file.
  let path: String
  /// What a message calls it: the path means nothing to anybody.
  let title: String
  private let descriptor: Int32

  /// - Throws: ``ConnectorError/misconfigured(_:)`` when no temporary file can be written.
  init(_ bytes: [UInt8], title: String, temporaryFolder: String) throws {
    self.title = title
    let name = "\(temporaryFolder)/sla-planner-\(UInt64.random(in: .min ... .max))"
    descriptor = open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Self.unwritable(temporaryFolder)
    }
    unlink(name)
    path = "/proc/self/fd/\(descriptor)"
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    // From here on deinit closes the file.
    guard written == bytes.count else { throw Self.unwritable(temporaryFolder) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func unwritable(_ folder: String) -> ConnectorError {
    .misconfigured(
      "The certificates inside the kubeconfig need a temporary file, and none can be written to '\(folder)' (\(String(cString: strerror(errno)))). Set TMPDIR to a writable folder, or name certificate files in the kubeconfig instead."
    )
  }
}
