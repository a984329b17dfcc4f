import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("A repeated run")
  struct RepeatedRunTests {
    /// Load-based scaling every second, in the virtual environment.
    private func virtualScene(_ router: Router) throws -> Scene {
      var scene = try Scene()
      router.answer(.text(RouterPage(prefill: [400, 500], decode: [100, 200]).text))
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["disable-throughput-scaling"] = ""
      scene.planner.flags["loadbased-adjustment-interval"] = "1"
      scene.planner.flags["loadbased-metric-samples"] = "1"
      return scene
    }

    /// The same in a cluster, with workers that are so busy that each round wants more of them.
    private func clusterScene(_ router: Router) async throws -> ClusterScene {
      var scene = try await ClusterScene()
      router.showLoadGrowing(to: RouterPage(prefill: [5000, 5200], decode: [1200, 1300, 1400]))
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["disable-throughput-scaling"] = ""
      scene.planner.flags["loadbased-adjustment-interval"] = "1"
      return scene
    }

    /// The decisions that a process has printed so far, one a line.
    private func documents(_ output: String) throws -> [DecisionDocument] {
      try output.split(separator: "\n").map {
        try JSONText.decode(DecisionDocument.self, from: String($0))
      }
    }

    /// Waits until a process has printed so many decisions, and stops it.
    private func decisions(
      _ count: Int, of process: ChildProcess
    ) async throws -> (documents: [DecisionDocument], run: PlannerRun) {
      try await waitUntil("\(count) rounds have decided", within: 120) {
        guard process.isRunning else { return true }
        return process.output.split(separator: "\n").count >= count
      }
      process.send(signal: SIGTERM)
      let run = try await process.finished()
      return (try documents(run.output), run)
    }

    @Test("decides, saves and prints in every round, each under a deadline of its own")
    func rounds() async throws {
      let router = try Router()
      let scene = try virtualScene(router)
      // The fourth round begins when the first one's deadline is over.
      let process = try scene.planner.with(["repeat-for": "600s", "deadline": "2.5"]).start()
      let (documents, run) = try await decisions(4, of: process)
      #expect(documents.count >= 4, "\(run)")
      #expect(documents.compactMap(\.id) == Array(1...documents.count))
      #expect(try scene.state.decisions().map(\.id) == documents.map(\.id))
      #expect(
        try scene.state.documents().map(\.withoutIdentity) == documents.map(\.withoutIdentity))
      let first = documents.first?.components.mapValues(\.reasons.load)
      #expect(documents[3].components.mapValues(\.reasons.load) == first, "\(run)")
    }

    @Test("ends by itself when its time is used up, and tells of a change by its exit code")
    func end() async throws {
      let router = try Router()
      let idle = try virtualScene(router)
      let quiet = try await idle.planner.with(["repeat-for": "2", "detailed-exitcode": ""]).run()
      #expect(quiet.exit == .code(0), "\(quiet)")
      #expect(try documents(quiet.output).first?.status == .unchanged)
      #expect(try idle.state.decisions().count == documents(quiet.output).count)

      let busy = try await clusterScene(router)
      let changing = try await busy.planner.with(["repeat-for": "1", "detailed-exitcode": ""]).run()
      #expect(changing.exit == .code(2), "\(changing)")
      #expect(try documents(changing.output).first?.status == .applied)
      #expect(busy.leaseHolder == "")
    }

    @Test("is for people when it isn't for programs")
    func text() async throws {
      let router = try Router()
      let scene = try virtualScene(router)
      let run = try await scene.planner.with(["repeat-for": "2", "output": nil]).run()
      #expect(run.exit == .code(0), "\(run)")
      #expect(run.output.contains("decision 1: "))
      #expect(run.output.contains("\n\n"))
    }

    @Test("needs time that passes")
    func rules() async throws {
      let router = try Router()
      let scene = try virtualScene(router)
      try await scene.planner.with(["repeat-for": "55", "now": "1700000000"]).run()
        .refused(78, "--repeat-for and --now")
      try await scene.planner.with(["repeat-for": "55m"]).run().refused(
        64, "like 55 or 55s, or forever")
    }

    @Test("without end serves its health, and SIGTERM ends it well, also in the middle of a round")
    func forever() async throws {
      let router = try Router()
      var scene = try virtualScene(router)
      let port = try FreePort.next()
      scene.planner.environment["PLANNER_PROMETHEUS_PORT"] = "\(port)"
      let page = StandInServer.Answer.text(RouterPage(prefill: [400], decode: [100]).text)
      let server = try StandInServer()
      server.on("/metrics", page, page, .silence)
      scene.planner.flags["loadbased-router-metrics-url"] = server.url + "/metrics"
      let process = try scene.planner.with(["repeat-for": "forever"]).start()
      try await waitUntil("the third round has begun") { server.requests.count == 3 }
      let health = String(
        decoding: LoopbackRequest("GET", "/healthz").send(to: port), as: UTF8.self)
      #expect(health.hasPrefix("HTTP/1.1 200 OK"))
      #expect(health.contains("alive; ") && health.contains("decision 2 is "), "\(health)")
      process.send(signal: SIGTERM)
      let run = try await process.finished()
      #expect(run.exit == .code(0), "\(run)")
      #expect(try documents(run.output).count == 2)
      #expect(try scene.state.decisions().count == 2)
    }

    @Test(
      "keeps the deployment's Lease from its first round to its last, and an idle one is 2 requests"
    )
    func leases() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      let process = try scene.planner.with(["repeat-for": "600"]).start()
      let (documents, run) = try await decisions(4, of: process)
      #expect(documents.count >= 4, "\(run)")
      #expect(documents.first?.components.mapValues(\.final) == [.prefill: 3, .decode: 4])
      let calls = scene.cluster.calls
      // A Lease that nobody ever had is tried, read, taken, and given back at the end.
      #expect(
        calls.filter { $0.contains("leases") }.map { $0.prefix(3) } == ["PAT", "GET", "PUT", "PUT"])
      // The operator is away, so every round after the first waits.
      let first = try #require(calls.firstIndex { $0.hasPrefix("POST") && $0.contains("events") })
      let idle = calls[(first + 1)...].filter { !$0.contains("leases") }
      #expect(idle.count <= 2 * documents.count)
      #expect(documents.dropFirst().allSatisfy { $0.status == .held })
      #expect(scene.leaseHolder == "")
    }

    @Test(
      "renews the Lease on the way, and gives it back when it is stopped in the middle of a round")
    func renewal() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      // Renewed at an age of 4 s: half of 8.
      let process = try scene.planner.with([
        "repeat-for": "600", "state-lease": "8", "deadline": "4",
      ]).start()
      func puts() -> Int { scene.writes().count { $0.hasPrefix("PUT") } }
      try await waitUntil("it is renewed") { puts() >= 3 }
      scene.cluster.with { $0.isFrozen = true }
      let asked = scene.cluster.calls.count
      try await waitUntil("a round waits") { scene.cluster.calls.count > asked }
      process.send(signal: SIGTERM)
      scene.cluster.with { $0.isFrozen = false }
      _ = try await process.finished()
      #expect(scene.leaseHolder == "")
    }

    @Test("killed in the middle of a round, the next invocation goes on")
    func killed() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      let (reached, gate) = (StandInServer.Gate(), StandInServer.Gate())
      let process = try scene.planner.with(["repeat-for": "600"]).start()
      try await waitUntil("the first round has decided") { process.output.contains("\n") }
      scene.cluster.on(
        "POST", "selfsubjectaccessreviews",
        .interference { _ in
          reached.open()
          while !gate.isOpen { usleep(1000) }
        })
      scene.operate()
      try await waitUntil("a later round applies its decision") { reached.isOpen }
      process.kill()
      gate.open()
      let rounds = try scene.state.decisions().count
      #expect(rounds > 1)
      #expect(try scene.state.decisions().last?.status == "pending")
      #expect(try documents(process.output).count == rounds - 1)

      try scene.expireLeases()
      let document = try await scene.planner.run().decided(.applied)
      // The deployment never asked for what the last round wanted.
      #expect(
        try scene.state.decisions().map(\.status).suffix(3) == ["applied", "failed", "applied"])
      #expect(document.id == rounds + 1)
      #expect(scene.leaseHolder == "")
    }

    @Test("stopped between two rounds, it ends at once and well")
    func stoppedBetween() async throws {
      let router = try Router()
      let scene = try virtualScene(router)
      let process = try scene.planner.with([
        "repeat-for": "3600", "loadbased-adjustment-interval": "1200",
      ]).start()
      try await waitUntil("the first round has decided") { process.output.contains("\n") }
      process.send(signal: SIGTERM)
      let run = try await process.finished()
      #expect(run.exit == .code(0), "\(run)")
      #expect(try documents(run.output).count == 1)
      // Nothing is left behind that would keep the next one away.
      #expect(try await scene.planner.run().exit == .code(0))
    }

    @Test("stopped in the middle of a round, it gives that one up")
    func stoppedWithin() async throws {
      let router = try Router()
      var scene = try virtualScene(router)
      let page = StandInServer.Answer.text(RouterPage(prefill: [400], decode: [100]).text)
      let server = try StandInServer()
      server.on("/metrics", page, .silence)
      scene.planner.flags["loadbased-router-metrics-url"] = server.url + "/metrics"
      let process = try scene.planner.with(["repeat-for": "60"]).start()
      try await waitUntil("the second round has begun") { server.requests.count == 2 }
      process.send(signal: SIGTERM)
      let run = try await process.finished()
      #expect(run.exit == .code(143), "\(run)")
      #expect(try documents(run.output).count == 1)
      #expect(try scene.state.decisions().count == 1)
      server.on("/metrics", page)
      #expect(try await scene.planner.run().exit == .code(0))
    }

    @Test("a round that fails for a reason that passes is followed by the next")
    func passing() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      scene.cluster.on("GET", "deployments/chat", times: 6, .answer(.hangUp))
      let process = try scene.planner.with(["repeat-for": "600"]).start()
      let (documents, run) = try await decisions(1, of: process)
      #expect(run.errorOutput.contains("Error: The Kubernetes API server can't be used"), "\(run)")
      #expect(documents.first?.status == .applied)
    }

    @Test("the exit code is that of the last round")
    func failing() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      scene.cluster.on("GET", "deployments/chat", times: 1000, .answer(.hangUp))
      let run = try await scene.planner.with(["repeat-for": "3"]).run()
      #expect(run.exit == .code(69), "\(run)")
      #expect(run.output.isEmpty)
    }

    @Test("a failure that stays ends it at once")
    func staying() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      let run = try await scene.planner.with(["repeat-for": "60", "deployment": "chatt"])
        .with(["kubernetes-lease": "chat-planner"]).run()
      run.refused(78, "there are: 'chat'")
      #expect(scene.cluster.calls.filter { $0.hasSuffix("deployments/chatt") }.count == 1)
      #expect(scene.leaseHolder == "")
    }

    @Test("a right that is missing while the API server starts is there in a later round")
    func coldServer() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      scene.cluster.with { $0.forbidden = ["get dynamographdeployments"] }
      // A quarter of the deadline is what a round waits for a right.
      let process = try scene.planner.with(["repeat-for": "600", "deadline": "4"]).start()
      try await waitUntil("a round was refused") {
        process.errorOutput.contains("does not allow the planner")
      }
      scene.cluster.with { $0.forbidden = [] }
      let (documents, run) = try await decisions(1, of: process)
      #expect(documents.first?.status == .applied, "\(run)")
      #expect(scene.leaseHolder == "")
    }

    @Test("while another planner has the Lease, each round tries again")
    func leased() async throws {
      let router = try Router()
      let scene = try await clusterScene(router)
      scene.cluster.with {
        $0.addLease("chat-planner", holder: "other/1/2", renewedAt: Date().timeIntervalSince1970)
      }
      let process = try scene.planner.with(["repeat-for": "600"]).start()
      try await waitUntil("a round was refused") { process.errorOutput.contains("other/1/2") }
      scene.cluster.with { $0.addLease("chat-planner") }
      let (documents, run) = try await decisions(1, of: process)
      #expect(documents.first?.status == .applied, "\(run)")
    }
  }
}
