import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Modes")
  struct ModesTests {
    /// What one mode makes of traffic that needs 3 prefill and 15 decode engines, and of workers
    /// that are all too busy (2 prefill, 3 decode or 5 aggregated ones).
    struct Case: Sendable, CustomTestStringConvertible {
      var mode: DeploymentMode
      var throughput: Bool
      var load: Bool
      var expected: [Component: Int]

      var testDescription: String {
        "\(mode.rawValue), \(throughput ? "throughput" : "")\(load ? " load" : "")"
      }

      static let all: [Case] = [
        Case(mode: .disagg, throughput: true, load: false, expected: [.prefill: 3, .decode: 15]),
        Case(mode: .disagg, throughput: false, load: true, expected: [.prefill: 3, .decode: 4]),
        Case(mode: .disagg, throughput: true, load: true, expected: [.prefill: 3, .decode: 15]),
        Case(mode: .prefill, throughput: true, load: false, expected: [.prefill: 3]),
        Case(mode: .prefill, throughput: false, load: true, expected: [.prefill: 3]),
        Case(mode: .prefill, throughput: true, load: true, expected: [.prefill: 3]),
        Case(mode: .decode, throughput: true, load: false, expected: [.decode: 15]),
        Case(mode: .decode, throughput: false, load: true, expected: [.decode: 4]),
        Case(mode: .decode, throughput: true, load: true, expected: [.decode: 15]),
        Case(mode: .agg, throughput: false, load: true, expected: [.decode: 6]),
      ]
    }

    @Test(
      "every mode and kind of scaling decides, applies and saves",
      arguments: Scene.Backend.allCases, Case.all)
    func modes(_ backend: Scene.Backend, _ mode: Case) async throws {
      var scene = try Scene(backend)
      let router = try Router()
      defer { router.stop() }
      router.showLoadGrowing(
        to: mode.mode == .agg
          ? RouterPage(
            decode: [1250, 1200, 1300, 1400, 1450], aggregated: [5000, 5100, 5200, 5300, 5400])
          : RouterPage(prefill: [5000, 5200], decode: [1200, 1300, 1400]))
      scene.planner.flags["mode"] = mode.mode.rawValue
      if !mode.throughput { scene.planner.flags["disable-throughput-scaling"] = "" }
      if mode.load { scene.planner.scaleByLoad(of: router) }

      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.mode == mode.mode)
      #expect(document.components.mapValues(\.final) == mode.expected.mapValues { $0 })
      for (component, decided) in document.components {
        let final = mode.expected[component]
        #expect(
          decided.throughput == (mode.throughput ? KnownTraffic.replicas(component, 10) : nil))
        #expect(decided.floor == decided.throughput)
        #expect(decided.reasons.throughput == (mode.throughput ? .scaleUp : .disabled))
        #expect(decided.reasons.load == (mode.load ? .scaleUp : .disabled))
        #expect(decided.explanation.contains("\(component.rawValue) "))
        #expect(decided.explanation.contains("\(final ?? 0)"))
      }
      #expect((document.observed != nil) == mode.throughput)

      let scaling = try await scene.scaling()
      #expect(scaling.prefillWorkers == mode.expected[.prefill])
      #expect(scaling.decodeWorkers == mode.expected[.decode])
      #expect(scaling.decisionID == 0)
      #expect(scaling.scaledDecisionID == nil)
      #expect(try scene.state.documents() == [document])
      #expect(try scene.state.observations().count == (mode.throughput ? 5 : 0))
    }

    @Test("with both kinds on, load acts above the throughput floor and never below it")
    func floor() async throws {
      var scene = try Scene()
      let router = try Router()
      defer { router.stop() }
      scene.planner.scaleByLoad(of: router)
      // 5400 requests: a floor of 2 + 9. Idle workers, of which load-based scaling would take one.
      router.showLoadGrowing(
        to: RouterPage(
          prefill: [100, 120, 130], decode: (0..<10).map { 50 + $0 }))
      let first = try await scene.run(after: 9).decided(.applied)
      #expect(first.components[.prefill]?.final == 2)
      #expect(first.components[.prefill]?.reasons.load == .scaleDown)
      #expect(first.components[.decode]?.final == 9)
      try await scene.acknowledge()

      // The same load on as many workers as the floor asks for: there it stops.
      router.showLoadGrowing(to: RouterPage(prefill: [101, 121], decode: (0..<9).map { 60 + $0 }))
      let second = try await scene.run(after: 9, seconds: 60).decided(.unchanged)
      #expect(second.components[.prefill]?.load == 1)
      #expect(second.components[.prefill]?.floor == 2)
      #expect(second.components[.prefill]?.final == 2)
      #expect(second.components[.decode]?.final == 9)

      // Above the floor it adds one of each.
      router.showLoadGrowing(
        to: RouterPage(prefill: [4500, 4600], decode: (0..<9).map { 1100 + $0 }))
      let third = try await scene.run(after: 9, seconds: 90).decided(.applied)
      #expect(third.components[.prefill]?.final == 3)
      #expect(third.components[.decode]?.final == 10)
      #expect(try await scene.scaling().decisionID == 1)
    }

    @Test(
      "a page as a real frontend served it is scaled by",
      arguments: ["v100_05_heavy", "v161_04_medium"])
    func capturedPage(name: String) async throws {
      var scene = try Scene(namespace: "dynamo")
      let page = String(decoding: try Fixture.data("captures/\(name).prom"), as: UTF8.self)
      let router = try Router()
      defer { router.stop() }
      router.answer(.text(page))
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["disable-throughput-scaling"] = ""
      scene.planner.flags["model-name"] = nil
      // One page is one observation of each worker, of which the regressions need five.
      let document = try await scene.run(after: 10).decided(.unchanged)
      for component in [Component.prefill, .decode] {
        let decided = document.components[component]
        #expect(decided?.reasons.load == .insufficientData)
        #expect(decided?.final == decided?.current)
        #expect((decided?.current ?? 0) >= 1)
      }
      #expect(document.warnings.isEmpty)
    }
  }
}
