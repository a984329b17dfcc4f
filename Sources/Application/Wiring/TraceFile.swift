import Glibc
import Simulation

/// Reads a file with requests piece by piece; `-` is standard input.
package enum TraceFile {
  /// The requests, and what was left out of the file.
  ///
  /// - Parameter takesPipes: whether to wait for a pipe or a device; a run has no time to.
  /// - Throws: `TraceError`; ``CommandFailure`` when the file can't be read.
  package static func read(
    _ path: String, format: TraceFormat?, rules: TraceRules, takesPipes: Bool = true
  ) throws -> (trace: RequestTrace, skipped: TraceReader.Skipped) {
    var reader = TraceReader(format: format, rules: rules)
    let waiting = takesPipes ? 0 : O_NONBLOCK
    let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | waiting)
    guard file >= 0 else { throw unreadable(path) }
    var facts = stat()
    guard takesPipes || (fstat(file, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG) else {
      if path != "-" { close(file) }
      throw CommandFailure(
        .unreadableInput, "The trace '\(path)' can't be read: it is not a regular file.")
    }
    defer { if path != "-" { close(file) } }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { break }
      try reader.read(Array(buffer[..<count]))
    }
    return try reader.finish()
  }

  private static func unreadable(_ path: String) -> CommandFailure {
    CommandFailure(
      .unreadableInput,
      "The trace '\(path)' can't be read: \(String(cString: strerror(errno))).")
  }
}
