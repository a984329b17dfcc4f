import Foundation
import Synchronization

/// A program started by a test, in a process group of its own; killed when the value goes away.
///
/// Its output goes to temporary files, so that it never blocks on a full pipe and can be read
/// while it runs and afterwards.
public final class ChildProcess: Sendable {
  /// Why a program could not be started.
  public struct StartError: Error, CustomStringConvertible {
    /// The program.
    public let program: String
    /// The system's reason.
    public let reason: String

    /// Which program and why.
    public var description: String { "'\(program)' can't be started: \(reason)." }
  }

  /// How a program ended.
  public enum Exit: Sendable, Equatable {
    /// It returned or called exit.
    case code(Int32)
    /// A signal ended it.
    case signal(Int32)
  }

  /// What a program that ran to its end left behind.
  public struct Outcome: Sendable {
    /// How it ended.
    public let exit: Exit
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errorOutput: String
  }

  /// Held while a program starts, and by those who open a file that it must not inherit and
  /// can't say so in one step.
  static let spawning = Mutex(())

  /// The process id; also the id of its process group.
  public let pid: pid_t
  private let outputFile: Descriptor
  private let errorFile: Descriptor
  private let ended = Mutex<Exit?>(nil)

  /// Starts `program`, looked up in `PATH` unless it contains a slash.
  ///
  /// - Parameters:
  ///   - environment: the whole environment; nil for this process's own.
  ///   - directory: the working directory; nil for this process's own.
  ///   - input: what it reads from standard input.
  /// - Throws: ``StartError``.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    directory: String? = nil, input: String = ""
  ) throws {
    let inputFile = try Descriptor.temporaryFile(holding: input)
    outputFile = try Descriptor.temporaryFile()
    errorFile = try Descriptor.temporaryFile()

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inputFile.number, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, outputFile.number, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errorFile.number, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

    let variables = (environment ?? ProcessInfo.processInfo.environment)
      .map { "\($0.key)=\($0.value)" }.sorted()
    var child: pid_t = 0
    var command = [program] + arguments
    if let directory { command = ["env", "--chdir=\(directory)"] + command }
    let status = withCStrings(command) { argv in
      withCStrings(variables) { envp in
        Self.spawning.withLock { _ in
          posix_spawnp(&child, command[0], &actions, &attributes, argv, envp)
        }
      }
    }
    guard status == 0 else {
      throw StartError(program: program, reason: String(cString: strerror(status)))
    }
    pid = child
  }

  deinit { kill() }

  /// Whether it still runs.
  public var isRunning: Bool { poll() == nil }

  /// What it wrote to standard output so far.
  public var output: String { outputFile.contents }

  /// What it wrote to standard error so far.
  public var errorOutput: String { errorFile.contents }

  /// Sends it a signal, if it still runs.
  public func send(signal: Int32) {
    ended.withLock { exit in
      // The pid can't have been given to another process: it is ours until it is reaped.
      if exit == nil { _ = Glibc.kill(pid, signal) }
    }
  }

  /// Kills its whole process group and waits for it.
  public func kill() {
    ended.withLock { exit in
      guard exit == nil else { return }
      _ = Glibc.kill(-pid, SIGKILL)
      exit = Self.reap(pid, options: 0)
    }
  }

  /// Asks it to end (SIGTERM), waits, and kills it if it is still there after `grace` seconds.
  public func terminate(grace: Double = 10) async {
    send(signal: SIGTERM)
    _ = try? await exit(within: grace)
    kill()
  }

  /// Waits for its end.
  ///
  /// - Throws: ``WaitTimedOut`` when it still runs after `seconds`; it then goes on running.
  public func exit(within seconds: Double = 60) async throws -> Exit {
    try await waitFor("process \(pid) has ended", within: seconds) { poll() }
  }

  /// Runs a program to its end; kills it when that takes longer than `seconds`.
  ///
  /// - Throws: ``StartError`` or ``WaitTimedOut``.
  public static func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    directory: String? = nil, input: String = "", within seconds: Double = 60
  ) async throws -> Outcome {
    let child = try ChildProcess(
      program, arguments, environment: environment, directory: directory, input: input)
    let exit = try await child.exit(within: seconds)
    return Outcome(exit: exit, output: child.output, errorOutput: child.errorOutput)
  }

  private func poll() -> Exit? {
    ended.withLock { exit in
      if exit == nil { exit = Self.reap(pid, options: WNOHANG) }
      return exit
    }
  }

  private static func reap(_ pid: pid_t, options: Int32) -> Exit? {
    var status: Int32 = 0
    var result = waitpid(pid, &status, options)
    while result < 0 && errno == EINTR { result = waitpid(pid, &status, options) }
    guard result == pid else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
  }
}

/// An open file, closed when the value goes away and never inherited by other child processes.
private final class Descriptor: Sendable {
  let number: Int32

  private init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  static func temporaryFile(holding text: String = "") throws -> Descriptor {
    let path = NSTemporaryDirectory() + "/child-\(UUID().uuidString)"
    let number = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard number >= 0 else {
      throw ChildProcess.StartError(
        program: "temporary file", reason: String(cString: strerror(errno)))
    }
    unlink(path)
    let file = Descriptor(number)
    _ = Array(text.utf8).withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, 0) }
    return file
  }

  var contents: String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes {
        pread(number, $0.baseAddress, $0.count, off_t(bytes.count))
      }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}

private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: strings.count + 1)
  for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
  pointers[strings.count] = nil
  defer {
    for index in strings.indices { free(pointers[index]) }
    pointers.deallocate()
  }
  return body(pointers)
}
