import Foundation
import Testing

@testable import Connectors

@Suite("Running a plugin's process")
struct PluginProcessTests {
  private let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]

  @Test("a program that does not end is killed with what it started")
  func hangs() async throws {
    await #expect(throws: PluginProcess.Failure.self) {
      try await PluginProcess.run(
        "sh", ["-c", "sleep 1000 & sleep 1000"], environment: environment, secondsAtMost: 0.1)
    }
  }

  @Test("a child left behind with the pipes open is not waited for")
  func childLeftBehind() async throws {
    let outcome = try await PluginProcess.run(
      "sh", ["-c", "sleep 5 & echo done"], environment: environment, secondsAtMost: 60)
    #expect(outcome.output == Array("done\n".utf8))
    #expect(outcome.exitStatus == 0)
  }

  @Test("both outputs may be long, and input is empty")
  func longOutputs() async throws {
    let script = "cat; head -c 500000 /dev/zero; head -c 500000 /dev/zero | tr '\\0' e >&2; exit 7"
    let outcome = try await PluginProcess.run(
      "sh", ["-c", script], environment: environment, secondsAtMost: 60)
    #expect(outcome.output.count == 500_000)
    #expect(outcome.errorText.count == 400)
    #expect(outcome.exitStatus == 7)
  }
}
