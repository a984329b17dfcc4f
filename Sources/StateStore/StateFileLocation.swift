import Foundation
import GRDB
import Invocation

/// The path of the state file, and what can be done with it without opening it as a database.
struct StateFileLocation: Sendable {
  /// The path as the user wrote it; for messages.
  let name: String
  /// The path as SQLite gets it: never empty, never `:memory:`, never a `file:` URI.
  let path: String

  /// What lies at the path.
  enum Content {
    case nothing
    case emptyFile
    case file
  }

  /// Files that belong to a database, by what is appended to its name.
  static let companions = ["-wal", "-shm", "-journal"]

  init(_ name: String) {
    self.name = name
    path = name.hasPrefix("/") ? name : "./" + name
  }

  /// The folder of the file.
  var folder: String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count == 1 && path.hasPrefix("/") ? "/" : parts.joined(separator: "/")
  }

  /// Whether an earlier process left a write-ahead log that is not yet part of the file.
  var hasLeftoverLog: Bool {
    guard case .success(let log) = Self.status(of: path + "-wal") else { return false }
    return log.st_size > 0
  }

  /// Looks at what lies at the path.
  ///
  /// - Throws: ``StateError/unusable(path:reason:)`` for what can't be a state file: a folder, a
  ///   device, a path that can't be followed.
  func content() throws -> Content {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw unusable("The path is empty or holds a NUL character. Name a file with --state.")
    }
    guard !name.hasSuffix("/") else { throw unusable("It is a folder. Name a file with --state.") }
    switch Self.status(of: path) {
    case .failure(let failure) where failure.code == ENOENT: return .nothing
    case .failure(let failure):
      throw unusable("It can't be reached (\(failure.message)). Check the path.")
    case .success(let status) where status.st_mode & S_IFMT == S_IFREG:
      return status.st_size == 0 ? .emptyFile : .file
    case .success(let status) where status.st_mode & S_IFMT == S_IFDIR:
      throw unusable("It is a folder. Name a file with --state.")
    case .success:
      throw unusable("It is not a regular file. Name another one with --state.")
    }
  }

  /// Creates the folder of the file if it does not exist; not the folder above it, whose absence
  /// rather is a typing mistake or a volume that is not mounted.
  func makeFolder() throws {
    if Self.exists(folder) || mkdir(folder, 0o777) == 0 { return }
    let failure = SystemFailure()
    if failure.code == EEXIST { return }
    throw unusable(
      "Its folder '\(folder)' does not exist and can't be created (\(failure.message)). "
        + "Create it, or name another file with --state.")
  }

  /// Bytes that an invocation writes at most times: memory, a decision and the pages they touch.
  private static let roomForOneStep = 128 << 10

  /// Why the folder doesn't take a file of the size that an invocation writes; nil when it does.
  ///
  /// Such a file is made beside the state, and removed at once: free space as the system counts it
  /// says nothing of quotas.
  func obstacleToWriting() -> SystemFailure? {
    let probe = "\(path)-room-\(getpid())"
    let file = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return SystemFailure() }
    defer {
      close(file)
      unlink(probe)
    }
    let bytes = [UInt8](repeating: 0x20, count: Self.roomForOneStep)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return SystemFailure() }
      written += count
    }
    return fsync(file) == 0 ? nil : SystemFailure()
  }

  /// Renames the file and its companions, and returns the new path.
  ///
  /// The database goes first: without it SQLite ignores a log or journal left behind, should this
  /// process be killed half-way, whereas the database without its log could pass for a whole one.
  func setAside(stamp: String) throws -> String {
    let original = Self.resolved(path)
    var aside = "\(original).damaged-\(stamp)"
    var attempt = 1
    while Self.exists(aside) || Self.companions.contains(where: { Self.exists(aside + $0) }) {
      attempt += 1
      aside = "\(original).damaged-\(stamp)-\(attempt)"
    }
    for suffix in [""] + Self.companions {
      guard rename(original + suffix, aside + suffix) != 0 else { continue }
      let failure = SystemFailure()
      if failure.code == ENOENT, !suffix.isEmpty { continue }
      throw unusable("It is damaged and can't be renamed (\(failure.message)). Move it away.")
    }
    return aside
  }

  /// Turns what `body` throws into a ``StateError`` that names this file, if it has to do with it.
  ///
  /// - Parameter waited: seconds that `body` waits for a lock.
  func explainingErrors<Value>(waited: Double, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      // A log or an index of it that finds no room is told by SQLite as a file it can't write.
      if let error = error as? DatabaseError,
        [.SQLITE_IOERR, .SQLITE_CANTOPEN].contains(error.resultCode),
        obstacleToWriting()?.isFull == true
      {
        throw unusable(StateError.fullDisk)
      }
      throw StateError(error, path: name, waited: waited) ?? error
    }
  }

  private func unusable(_ reason: String) -> StateError {
    .unusable(path: name, reason: reason)
  }

  private static func exists(_ path: String) -> Bool {
    if case .success = status(of: path) { true } else { false }
  }

  /// The path without symbolic links, so that the file is renamed and not a link to it.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func status(of path: String) -> Result<stat, SystemFailure> {
    var status = stat()
    return stat(path, &status) == 0 ? .success(status) : .failure(SystemFailure())
  }
}

/// Why the system call just made failed.
struct SystemFailure: Error {
  let code = errno
  var message: String { String(cString: strerror(code)) }
  /// Whether the volume, or this user's share of it, is used up.
  var isFull: Bool { code == ENOSPC || code == EDQUOT }
}
