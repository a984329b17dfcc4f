import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Acknowledgement")
  struct AcknowledgementTests {
    @Test(
      "a decision that is not acknowledged keeps the next one away for the maximum wait",
      arguments: Scene.Backend.allCases)
    func wait(_ backend: Scene.Backend) async throws {
      let scene = try Scene(backend)
      let first = try await scene.run(after: 10).decided(.applied)
      #expect(first.components[.decode]?.ready == nil)

      let held = try await scene.run(after: 11).decided(.held)
      for component in held.components.values {
        #expect(component.reasons.throughput == .scalingInProgress)
        #expect(component.explanation.contains("Revision 0 (prefill 3, decode 15)"))
        #expect(component.explanation.contains("180 s ago"))
      }
      #expect(held.components.mapValues(\.final) == [.prefill: 3, .decode: 15])
      // What was observed meanwhile is not lost.
      #expect(
        try scene.state.observations().last?.observation.intervalEnd == TrafficHistory.end(11))
      #expect(try await scene.scaling().decisionID == 0)

      try await scene.acknowledge()
      let next = try await scene.run(after: 11, seconds: 60).decided(.applied)
      #expect(next.components[.decode]?.ready == 15)
      #expect(next.components[.decode]?.final == 6)
      #expect(try await scene.scaling().decisionID == 1)

      let patient = scene.planner(after: 12).with(["scaling-max-wait-time": "151"])
      #expect(try await patient.run().decided(.held).holdSeconds == 0)
      let overdue = try await scene.planner(after: 12, seconds: 31)
        .with(["scaling-max-wait-time": "151"]).run().decided(.applied)
      #expect(overdue.warnings.contains { $0.contains("Revision 1 has not been acknowledged") })
      #expect(overdue.components[.decode]?.final == 3)
      #expect(overdue.components[.decode]?.ready == nil)
      #expect(try await scene.scaling().decisionID == 2)
    }

    @Test("the program plays the client", arguments: Scene.Backend.allCases)
    func acknowledge(_ backend: Scene.Backend) async throws {
      let scene = try Scene(backend)
      var client = scene.planner.with(scene.planner.flags.mapValues { _ in nil })
      client.command = "acknowledge"
      client.flags["namespace"] = scene.namespace
      client.flags["state"] = scene.state.path

      try await client.run().refused(78, "no revision to acknowledge", scene.namespace)
      #expect(FileManager.default.fileExists(atPath: scene.state.path) == false)
      _ = try await scene.run(after: 10).decided(.applied)

      func acknowledge(_ id: String?) async throws -> PlannerRun {
        var client = client
        client.operands = id.map { [$0] } ?? []
        return try await client.run()
      }
      try await acknowledge("1").refused(64, "no revision 1", "0")
      #expect(try await scene.scaling().scaledDecisionID == nil)
      let latest = try await acknowledge(nil)
      #expect(latest.exit == .code(0))
      #expect(latest.output == "Revision 0 is acknowledged.\n")
      #expect(try await scene.scaling().scaledDecisionID == 0)

      _ = try await scene.run(after: 11).decided(.applied)
      #expect(try await acknowledge("0").exit == .code(0))
      _ = try await scene.run(after: 11, seconds: 60).decided(.held)
      #expect(try await acknowledge("1").exit == .code(0))
      _ = try await scene.run(after: 11, seconds: 70).decided(.unchanged)
    }
  }
}
