import Glibc

/// A file that is read whole into memory: a token, a password, a configuration.
///
/// Opening it never waits, as opening a pipe that nobody writes to would, and reading ends at a
/// limit, as that of `/dev/zero` would not.
public enum SmallFile {
  /// Why it can't be read, in a few words.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    /// `No such file or directory`, `it is not a regular file`, …
    public let description: String
    /// Whether there is no such file.
    public let isAbsent: Bool

    init(_ description: String, isAbsent: Bool = false) {
      self.description = description
      self.isAbsent = isAbsent
    }

    fileprivate static var system: Failure {
      Failure(String(cString: strerror(errno)), isAbsent: errno == ENOENT || errno == ENOTDIR)
    }
  }

  /// The bytes of the file at `path`.
  ///
  /// - Parameters:
  ///   - limitBytes: the most that it may hold.
  ///   - takesPipes: whether a pipe will do, as the shell's `<(…)` makes one.
  public static func read(
    _ path: String, limitBytes: Int = 1 << 20, takesPipes: Bool = false
  ) throws(Failure) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { throw .system }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw .system }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFIFO where takesPipes: break
    case S_IFDIR: throw Failure("it is a folder, not a regular file")
    default: throw Failure("it is not a regular file")
    }
    return try readAll(file, limitBytes: limitBytes)
  }

  private static func readAll(_ file: Int32, limitBytes: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        // A pipe whose writer has not got there yet.
        var entry = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, -1)
        continue
      }
      guard count >= 0 else { throw .system }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limitBytes else {
        throw Failure("it is too large: such a file holds \(limitBytes) bytes at most")
      }
    }
  }
}
