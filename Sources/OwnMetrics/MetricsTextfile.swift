import Glibc

/// A file for the textfile collector of Prometheus's node exporter.
///
/// The collector reads whenever it is scraped, so the page is written beside the file and then
/// takes its name: a reader sees the old page or the new one, never a part. The other file's name
/// does not end in `.prom`, so the collector passes it over.
public struct MetricsTextfile: Sendable {
  /// The file; the collector takes those whose name ends in `.prom`.
  public let path: String

  /// Names a file; its folder has to exist.
  public init(path: String) { self.path = path }

  /// Puts `page` in the place of what the file held. Readable for every user: the collector is
  /// seldom the planner's.
  public func write(_ page: MetricsPage) throws(OwnMetricsError) {
    let temporary = temporaryPath
    // Left by an invocation that was killed here.
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw failure() }
    let isWritten = Self.write(Array(page.text.utf8), to: file) && fchmod(file, 0o644) == 0
    let writeError = errno
    // A full disk may be told only now.
    let isClosed = close(file) == 0
    guard isWritten, isClosed, rename(temporary, path) == 0 else {
      let reason = isWritten ? errno : writeError
      unlink(temporary)
      throw failure(reason)
    }
  }

  /// Why the file could not be written now, as a sentence; nil when it could.
  public var obstacle: String? {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let folder = path.dropLast(name.count)
    guard access(folder.isEmpty ? "." : String(folder), W_OK | X_OK) != 0 else { return nil }
    return failure().description
  }

  /// In the same folder: a rename is atomic only within a file system.
  private var temporaryPath: String {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return "\(path.dropLast(name.count)).\(name).\(getpid()).tmp"
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  private func failure(_ number: Int32 = errno) -> OwnMetricsError {
    .unwritable(path: path, reason: String(cString: strerror(number)))
  }
}
