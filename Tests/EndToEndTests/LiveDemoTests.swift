import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("The live demo")
  struct LiveDemoTests {
    private static let script = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("scripts/demo.d/live.py").path

    @Test("decides on a deployment that lives, writes the report, and leaves nothing behind")
    func live() async throws {
      let folder = try TemporaryFolder()
      var environment = ProcessInfo.processInfo.environment
      environment["TMPDIR"] = folder.path
      let outcome = try await ChildProcess.run(
        "python3",
        [
          Self.script, "--planner", PlannerProgram.path(), "--seconds", "12", "--report",
          folder.file("report.html"),
        ], environment: environment)
      #expect(outcome.exit == .code(0), "\(outcome.output)\(outcome.errorOutput)")
      #expect(outcome.output.contains("TTFT p95"), "\(outcome.output)")
      #expect(outcome.output.contains("GPU-minutes"))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.html"])
    }
  }
}
