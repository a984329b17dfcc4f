import Foundation
import TestSupport

/// The command `sla-planner` with what it is told, to be run as a process of its own.
struct Planner: Sendable {
  /// The subcommand.
  var command = "run"
  /// Flags by name, without dashes; an empty value makes a switch.
  var flags: [String: String] = [:]
  /// Arguments without a flag.
  var operands: [String] = []
  /// Environment variables, in addition to the few that any program needs.
  var environment: [String: String] = [:]
  /// The working directory; temporary files go there, too.
  var directory: String

  private static let inherited = ["PATH", "HOME", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"]

  /// The same command with other flags; nil takes one away.
  func with(_ changes: [String: String?]) -> Planner {
    var planner = self
    for (name, value) in changes { planner.flags[name] = value }
    return planner
  }

  /// The same command with more environment variables.
  func with(environment changes: [String: String]) -> Planner {
    var planner = self
    planner.environment.merge(changes) { _, new in new }
    return planner
  }

  /// Starts it.
  func start(input: String = "") throws -> ChildProcess {
    var variables = ProcessInfo.processInfo.environment.filter { Self.inherited.contains($0.key) }
    variables["TMPDIR"] = directory
    variables.merge(environment) { _, given in given }
    let arguments = flags.sorted { $0.key < $1.key }.flatMap { name, value in
      value.isEmpty ? ["--\(name)"] : ["--\(name)", value]
    }
    return try ChildProcess(
      PlannerProgram.path(), [command] + arguments + operands, environment: variables,
      directory: directory, input: input)
  }

  /// Runs it to its end.
  func run(input: String = "") async throws -> PlannerRun {
    let process = try start(input: input)
    return try await process.finished()
  }
}

extension ChildProcess {
  /// Waits for its end.
  func finished() async throws -> PlannerRun {
    let exit = try await exit()
    return PlannerRun(exit: exit, output: output, errorOutput: errorOutput)
  }
}
