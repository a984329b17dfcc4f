import Foundation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("status, pause, pin, limit, resume")
  struct ControlTests {
    private let scene: Scene

    init() throws { scene = try Scene() }

    private func control(
      _ command: String, _ operands: [String] = [], _ flags: [String: String?] = [:],
      after interval: Int = 10, seconds: Int = 40
    ) async throws -> PlannerRun {
      let state = scene.planner.flags["state"] ?? ""
      return try await Planner(
        command: command,
        flags: ["state": state, "now": "\(TrafficHistory.end(interval) + seconds)"],
        operands: operands, environment: ["USER": "anna"], directory: scene.folder.path
      ).with(flags).run()
    }

    @Test("a pin is carried out by the next run, told by status and explain, and taken back")
    func pin() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      let pinned = try await control("pin", ["decode=4"], ["for": "1h", "reason": "load test"])
      #expect(pinned.exit == .code(0), "\(pinned)")
      #expect(pinned.output.contains("decode pinned to 4 by anna until"))
      let decision = try await scene.run(after: 11).decided(.applied)
      #expect(decision.components[.decode]?.final == 4)
      #expect(decision.components[.decode]?.reasons.control == .pinned)
      #expect(decision.controls?.map(\.owner) == ["anna"])
      try await scene.acknowledge()

      let status = try await control("status", after: 11)
      #expect(status.exit == .code(0), "\(status)")
      #expect(status.output.contains("in force: decode pinned to 4 by anna until"))
      let story = try await control("explain", [], ["now": nil])
      #expect(story.output.contains("pinned"), "\(story)")

      let resumed = try await control("resume", ["decode"], after: 11)
      #expect(resumed.output.contains("taken back: decode pinned to 4"))
      let free = try await scene.run(after: 12).decided(.applied)
      #expect(free.components[.decode]?.final == KnownTraffic.waveReplicas(12).decode)
      #expect(free.controls == nil)
    }

    @Test("while paused, runs decide that nothing changes, and say who asked for it")
    func pause() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      #expect(try await control("pause").exit == .code(0))
      let paused = try await scene.run(after: 11).decided(.unchanged)
      #expect(paused.components.values.allSatisfy { $0.reasons.control == .paused })
      let status = try await control("status", [], ["output": "json"], after: 11)
      #expect(status.exit == .code(0) && status.output.contains(#""state":"paused""#), "\(status)")
      #expect(try await control("resume", ["nonsense"]).exit == .code(64))
      #expect(try await control("resume").output.contains("decides alone"))
      _ = try await scene.run(after: 12).decided(.applied)
    }

    @Test("a run that ended with an error leaves a row that status tells of")
    func failedRun() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      let broken = scene.planner(after: 11).with(["profile-results-dir": "nowhere"])
      for _ in 1...2 { #expect(try await broken.run().exit == .code(65)) }
      let status = try await control("status", after: 11)
      #expect(status.exit == .code(1), "\(status)")
      let text = status.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("broken: the last 2 runs ended with an error"))
      #expect(text.contains("exit code 65): The profile folder 'nowhere'"), "\(text)")
    }

    @Test("a hold is exit code 3 of status, and of run where that is asked for")
    func holds() async throws {
      let dark = scene.planner(after: 10).with(["prometheus-endpoint": "http://127.0.0.1:1"])
      _ = try await dark.run().decided(.held)
      let later = scene.planner(after: 10, seconds: 90)
        .with(["prometheus-endpoint": "http://127.0.0.1:1", "fail-on-hold": "60"])
      _ = try await later.run().decided(.held, exit: 3)
      _ = try await later.with(["fail-on-hold": "600"]).run().decided(.held)
      let status = try await control("status", seconds: 100)
      #expect(status.exit == .code(3), "\(status)")
      #expect(status.output.contains("holding for"))
    }

    @Test(
      "what can't be meant is refused",
      arguments: [
        ("pin", ["decode"], "no count"), ("pin", ["decode=0"], "never scales to zero"),
        ("pin", ["decode=2..3"], "limit"), ("pin", ["router=2"], "no count"),
        ("limit", ["decode=5..2"], "allows no count"), ("limit", ["decode=.."], "allows no count"),
      ] as [(String, [String], String)])
    func refused(command: String, operands: [String], words: String) async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await control(command, operands).refused(64, words)
    }

    @Test("a command finds state and deployment as run does, and takes its log flags")
    func configuration() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      let file = scene.folder.file("planner.yaml")
      try "state: \(scene.folder.file("planner.sqlite"))\nnamespace: \(scene.namespace)\n"
        .write(toFile: file, atomically: true, encoding: .utf8)
      for command in ["history", "explain", "status", "report"] {
        let run = try await Planner(
          command: command,
          flags: ["config": file, "log-format": "json", "log-level": "error"],
          environment: ["SLA_PLANNER_NOW": "\(TrafficHistory.end(10) + 40)"],
          directory: scene.folder.path
        ).run()
        #expect(run.exit == .code(0), "\(command): \(run)")
      }
    }
  }
}
