import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Output")
  struct OutputTests {
    @Test("JSON has every key of the contract, in an applied decision and in a held one")
    func keys() async throws {
      var scene = try Scene()
      scene.planner.flags["max-gpu-budget"] = "20"
      let applied = try object(try await scene.run(after: 10))
      try expectKeys(applied)
      #expect(applied["observed"] is [String: Any])
      #expect(applied["hold_seconds"] is NSNull)
      let gpus = try #require(applied["gpus"] as? [String: Any])
      #expect(gpus["before"] is NSNull)
      #expect(gpus["after"] as? Int == 18)
      #expect(gpus["budget"] as? Int == 20)

      let held = try object(
        try await scene.planner(after: 11).with(["model-name": "nope", "max-gpu-budget": "-1"])
          .run())
      try expectKeys(held)
      #expect(held["status"] as? String == "held")
      #expect(held["observed"] is NSNull)
      #expect(held["forecast"] is [String: Any])
      #expect((held["gpus"] as? [String: Any])?["budget"] is NSNull)
    }

    private func object(_ run: PlannerRun) throws -> [String: Any] {
      _ = try run.document()
      return try #require(
        JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    private func expectKeys(_ document: [String: Any]) throws {
      func expect(_ value: Any?, _ keys: Set<String>, _ name: String) {
        guard !(value is NSNull) else { return }
        #expect(Set((value as? [String: Any])?.keys.map { $0 } ?? []) == keys, "\(name)")
      }
      expect(
        document,
        [
          "schema", "id", "time", "deployment", "mode", "status", "observed", "forecast",
          "correction", "components", "gpus", "hold_seconds", "error", "warnings",
        ], "document")
      #expect(document["schema"] as? Int == 1)
      expect(
        document["observed"],
        [
          "interval_end", "num_req", "isl", "osl", "ttft_ms", "itl_ms", "request_duration_s",
        ], "observed")
      expect(document["forecast"], ["predictor", "num_req", "isl", "osl"], "forecast")
      expect(document["correction"], ["prefill", "decode"], "correction")
      expect(document["gpus"], ["before", "after", "budget"], "gpus")
      let components = try #require(document["components"] as? [String: Any])
      #expect(Set(components.keys) == ["prefill", "decode"])
      for (name, value) in components {
        expect(
          value,
          [
            "current", "ready", "throughput", "load", "floor", "desired", "final", "capacity",
            "reasons", "explanation",
          ], name)
        let component = try #require(value as? [String: Any])
        expect(component["reasons"], ["throughput", "load", "budget"], "reasons")
        expect(
          component["capacity"],
          [
            "tokens_per_second_per_replica", "demand_tokens_per_second", "expected_latency_ms",
          ], "capacity")
      }
    }

    @Test("text has the numbers, a table and one sentence for each component")
    func text() async throws {
      var scene = try Scene()
      scene.planner.flags["output"] = "text"
      let run = try await scene.run(after: 10)
      #expect(run.exit == .code(0))
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      #expect(lines.first?.hasSuffix("\(scene.namespace) (disagg)  decision 1: applied") == true)
      #expect(run.output.contains("9000 requests until 2023-11-14T22:42:00Z, ISL 2134, OSL 1726"))
      #expect(run.output.contains("forecast  9000 requests"))
      let table = lines.drop { !$0.hasPrefix("component ") }.prefix(3).map {
        $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      }
      #expect(
        table == [
          ["component", "current", "ready", "needed", "load", "floor", "final", "why"],
          ["prefill", "–", "–", "3", "–", "3", "3", "scale-up"],
          ["decode", "–", "–", "15", "–", "15", "15", "scale-up"],
        ])
      #expect(run.output.contains("\nprefill is set to 3: 9000 requests × 2134 prompt tokens"))
      #expect(run.output.contains("\ndecode is set to 15: 9000 requests × 1726 output tokens"))
    }

    @Test("a warning stands in the text or in the log, not twice on one terminal")
    func warnings() async throws {
      var scene = try Scene()
      let prometheus = try Proxy(to: Servers.current().prometheus.port) { request in
        request.target.contains("time_to_first_token")
          ? .replaced(.text("oops", status: 500)) : .straight
      }
      defer { prometheus.stop() }
      scene.planner.flags["prometheus-endpoint"] = prometheus.endpoint
      let warning = "The time to first token is not known"
      for (output, log, inOutput, inLog) in [
        ("text", "text", true, false), ("text", "json", true, true), ("json", "text", true, true),
      ] {
        let run = try await scene.planner(after: 10).with([
          "output": output, "log-format": log, "dry-run": "",
          "state": scene.folder.file(log + output),
        ]).run()
        #expect(run.exit == .code(0))
        #expect(run.output.contains(warning) == inOutput)
        #expect(run.errorOutput.contains(warning) == inLog, "\(output) \(log)")
        #expect(run.errorOutput.contains("Decision 1 is a dry run."))
      }
    }

    @Test("the log goes to stderr, one JSON object a line if asked for, and names every step")
    func log() async throws {
      var scene = try Scene()
      scene.planner.flags["log-format"] = "json"
      scene.planner.flags["log-level"] = "debug"
      let run = try await scene.run(after: 10)
      _ = try run.decided(.applied)
      let steps = try run.errorOutput.split(separator: "\n").compactMap { line in
        try #require(
          JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String],
          "not JSON: \(line)")["step"]
      }
      #expect(steps == InvocationStep.allCases.map(\.rawValue))
    }

    @Test("--detailed-exitcode tells a change from none")
    func detailedExitCode() async throws {
      var scene = try Scene()
      scene.planner.flags["detailed-exitcode"] = ""
      let dry = scene.planner(after: 10).with(["dry-run": ""])
      _ = try await dry.run().decided(.dryRun, exit: 2)
      _ = try await scene.run(after: 10).decided(.applied, exit: 2)
      _ = try await scene.run(after: 10, seconds: 40).decided(.held)
      try await scene.acknowledge()
      _ = try await dry.run().decided(.unchanged)
      _ = try await scene.run(after: 10, seconds: 50).decided(.unchanged)
    }

    @Test(
      "a dry run changes nothing, but saves what it learned and what it would have done",
      arguments: Scene.Backend.allCases)
    func dryRun(_ backend: Scene.Backend) async throws {
      let scene = try Scene(backend)
      let first = try await scene.planner(after: 9).with(["dry-run": ""]).run().decided(.dryRun)
      #expect(first.components[.decode]?.final == 9)
      #expect(try await scene.scaling() == VirtualScalingValues())

      _ = try await scene.run(after: 9).decided(.applied)
      try await scene.acknowledge()
      let before = try await scene.scaling()
      let second = try await scene.planner(after: 10).with(["no-operation": ""]).run()
        .decided(.dryRun)
      #expect(second.components[.prefill]?.current == 2)
      #expect(second.components[.prefill]?.final == 3)
      #expect(try await scene.scaling() == before)
      #expect(
        try scene.state.observations().map(\.observation.intervalEnd)
          == (5...10).map(TrafficHistory.end))
      #expect(try scene.state.documents().map(\.status) == [.dryRun, .applied, .dryRun])
      #expect(try scene.state.documents().last?.withoutIdentity == second.withoutIdentity)
    }
  }
}
