import Dispatch
import Glibc

/// Runs a program that prints a little and ends soon.
enum PluginProcess {
  /// What a program left behind.
  struct Outcome: Sendable {
    /// Its exit status; 128 + n when signal n ended it.
    var exitStatus: Int32
    /// Standard output.
    var output: [UInt8]
    /// The end of standard error, in one line.
    var errorText: String
  }

  /// Why there is no outcome.
  struct Failure: Error {
    var reason: String
  }

  private static let maximumBytes = 1 << 20

  /// Starts `command` without standard input and waits for its end, in a thread of its own.
  static func run(
    _ command: String, _ arguments: [String], environment: [String: String], secondsAtMost: Double
  ) async throws(Failure) -> Outcome {
    let result: Result<Outcome, Failure> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          returning: Result { () throws(Failure) in
            try runBlocking(command, arguments, environment, secondsAtMost)
          })
      }
    }
    return try result.get()
  }

  private static func runBlocking(
    _ command: String, _ arguments: [String], _ environment: [String: String], _ seconds: Double
  ) throws(Failure) -> Outcome {
    let output = try Pipe()
    let errors = try Pipe()
    let pid = try spawn(command, arguments, environment, output, errors)
    output.closeWritingEnd()
    errors.closeWritingEnd()

    let end = ContinuousClock.now + .seconds(seconds)
    var status: Int32?
    // A program may leave a child behind that keeps the pipes open: its own end is what counts.
    while status == nil {
      var entries = [
        pollfd(fd: output.isAtEnd ? -1 : output.reading, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors.isAtEnd ? -1 : errors.reading, events: Int16(POLLIN), revents: 0),
      ]
      _ = poll(&entries, 2, 20)
      let isFull = !output.readAvailable(maximumBytes) || !errors.readAvailable(maximumBytes)
      status = exitStatus(pid)
      if status == nil, isFull || ContinuousClock.now >= end {
        kill(-pid, SIGKILL)
        while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
        throw Failure(
          reason: isFull ? "it printed more than 1 MiB" : "it did not end within \(Int(seconds)) s")
      }
    }
    _ = output.readAvailable(maximumBytes)
    _ = errors.readAvailable(maximumBytes)
    let lines = String(decoding: errors.bytes.suffix(400), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return Outcome(exitStatus: status ?? -1, output: output.bytes, errorText: lines)
  }

  private static func spawn(
    _ command: String, _ arguments: [String], _ environment: [String: String], _ output: Pipe,
    _ errors: Pipe
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    // A group of its own, so that whatever it starts can be ended with it.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

    var argv = ([command] + arguments).map { strdup($0) } + [nil]
    var envp =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, command, &actions, &attributes, &argv, &envp)
    guard status == 0 else { throw Failure(reason: String(cString: strerror(status))) }
    return pid
  }

  private static func exitStatus(_ pid: pid_t) -> Int32? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// A pipe from the program to this process, which other programs don't inherit.
  private final class Pipe {
    let reading: Int32
    private(set) var writing: Int32
    private(set) var bytes: [UInt8] = []
    private(set) var isAtEnd = false

    init() throws(Failure) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
      reading = ends[0]
      writing = ends[1]
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    deinit {
      close(reading)
      closeWritingEnd()
    }

    func closeWritingEnd() {
      if writing >= 0 { close(writing) }
      writing = -1
    }

    /// Reads what is there; false when it is more than `limit` bytes in all.
    func readAvailable(_ limit: Int) -> Bool {
      var chunk = [UInt8](repeating: 0, count: 16_384)
      while bytes.count <= limit {
        let count = read(reading, &chunk, chunk.count)
        if count == 0 { isAtEnd = true }
        guard count > 0 else { return true }
        bytes += chunk[..<count]
      }
      return false
    }
  }
}
