import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("The planner's own metrics")
  struct OwnMetricsTests {
    private func textfile(_ scene: Scene) throws -> MetricsText {
      MetricsText(
        text: try String(contentsOfFile: scene.folder.file("planner.prom"), encoding: .utf8))
    }

    /// A scene whose planner writes a textfile.
    private func watchedScene() throws -> Scene {
      var scene = try Scene()
      scene.planner.flags["metrics-textfile"] = scene.folder.file("planner.prom")
      return scene
    }

    @Test("a textfile tells of the decision, and promtool has nothing to say but of units")
    func textfile() async throws {
      let scene = try watchedScene()
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.ownWarnings == [])
      let page = try textfile(scene)
      let deployment = "deployment=\"\(scene.namespace)\""
      let (prefill, decode) = KnownTraffic.waveReplicas(10)
      #expect(page["predicted_num_prefill_replicas", deployment] == Double(prefill))
      #expect(page["predicted_num_decode_replicas", deployment] == Double(decode))
      let requests = try #require(document.observed?.requestCount)
      #expect(page["observed_requests_per_second"] == requests / 180)
      #expect(page["sla_target_itl_ms"] == KnownTraffic.itlTarget)
      #expect(page["decision_status", "\"applied\""] == 1)
      #expect(page["decisions_total", "\"applied\""] == 1)
      #expect(page["last_success_timestamp_seconds"] == Double(TrafficHistory.end(10) + 30))
      #expect(try #require(page["last_run_duration_seconds"]) > 0)

      let checked = try await ChildProcess.run("promtool", ["check", "metrics"], input: page.text)
      let complaints = checked.errorOutput.split(separator: "\n")
      #expect(complaints.count == 5, "\(checked.errorOutput)")
      for complaint in complaints {
        #expect(complaint.contains("base unit") || complaint.contains("abbreviated units"))
      }
    }

    @Test("counters live in the state file and grow from one invocation to the next")
    func counters() async throws {
      let scene = try watchedScene()
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      _ = try await scene.run(after: 11).decided(.applied)
      try await scene.acknowledge()
      let gpuHours = try #require(textfile(scene)["gpu_hours"])
      #expect(gpuHours > 0)
      #expect(try textfile(scene)["decisions_total", "\"applied\""] == 2)

      // Held: there is no traffic after the history's end.
      let held = try await scene.run(after: 12, seconds: 30)
      _ = try held.document()
      let down = scene.planner(after: 13).with([
        "prometheus-endpoint": "http://127.0.0.1:\(try FreePort.next())"
      ])
      try await scene.acknowledge()
      _ = try await down.run().decided(.held)
      let page = try textfile(scene)
      #expect(page["held_total", "\"traffic-unknown\""] == 1)
      #expect(page["decision_status", "\"held\""] == 1)
      #expect(page["decisions_total", "\"held\""] == 1)
      // A hold is a decision: nothing failed.
      #expect(page["last_success_timestamp_seconds"] == Double(TrafficHistory.end(13) + 30))
      #expect(try #require(page["gpu_hours"]) > gpuHours)
    }

    @Test("an invocation that fails is counted and leaves the last success where it was")
    func failure() async throws {
      var scene = try Scene(.etcd)
      scene.planner.flags["metrics-textfile"] = scene.folder.file("planner.prom")
      _ = try await scene.run(after: 10).decided(.applied)
      let down = scene.planner(after: 11).with(environment: [
        "ETCD_ENDPOINTS": "http://127.0.0.1:\(try FreePort.next())"
      ])
      #expect(try await down.run().exit == .code(69))
      let page = try textfile(scene)
      #expect(page["errors_total"] == 1)
      #expect(page["last_success_timestamp_seconds"] == Double(TrafficHistory.end(10) + 30))
      #expect(page["decisions_total", "\"applied\""] == 1)
      #expect(page["predicted_num_decode_replicas"] == nil)
      try await scene.acknowledge()
      _ = try await scene.run(after: 11).decided(.applied)
      #expect(try textfile(scene)["errors_total"] == 1)
      #expect(try textfile(scene)["decisions_total", "\"applied\""] == 2)
    }

    @Test("without a place for them nothing is counted or kept")
    func off() async throws {
      let scene = try Scene()
      _ = try await scene.run(after: 10).decided(.applied)
      #expect(try scene.state.memory()[.metrics] == nil)
    }

    @Test("a push gateway has each deployment's page, and of each only the last")
    func pushgateway() async throws {
      let gateway = try await PushgatewayServer()
      defer { gateway.stop() }
      let scenes = [try Scene(), try Scene()]
      for scene in scenes {
        let planner = scene.planner(after: 10)
          .with(environment: ["SLA_PLANNER_PUSHGATEWAY_URL": gateway.url + "/"])
        _ = try await planner.run().decided(.applied)
      }
      try await scenes[0].acknowledge()
      _ = try await scenes[0].planner(after: 11).with(["pushgateway-url": gateway.url]).run()
        .decided(.applied)
      let page = MetricsText(text: gateway.page)
      for (scene, count) in zip(scenes, [2.0, 1.0]) {
        let deployment = "deployment=\"\(scene.namespace)\""
        let applied = "\(deployment),instance=\"\",job=\"sla-planner\",status=\"applied\""
        #expect(page["decisions_total", applied] == count, "\(page.text)")
      }
      #expect(
        page["predicted_num_prefill_replicas", "\"\(scenes[0].namespace)\""]
          == Double(KnownTraffic.waveReplicas(11).0))
    }

    @Test("a dry run beside the planner has a group of its own")
    func dryRun() async throws {
      let gateway = try StandInServer { _ in .text("") }
      defer { gateway.stop() }
      let scene = try Scene()
      let planner = scene.planner(after: 10).with(["pushgateway-url": gateway.url])
      _ = try await planner.with(["dry-run": ""]).run().decided(.dryRun)
      _ = try await planner.run().decided(.applied)
      #expect(
        gateway.requests.map { $0.path.split(separator: "/")[2] }
          == ["sla-planner-dry-run", "sla-planner"])
    }

    @Test("a place that can't be reached or written is a warning; the decision stands")
    func unreachable() async throws {
      let scene = try Scene()
      let run = try await scene.planner(after: 10).with([
        "pushgateway-url": "http://127.0.0.1:\(try FreePort.next())",
        "metrics-textfile": scene.folder.file("absent/planner.prom"),
      ]).with(environment: ["PLANNER_PROMETHEUS_PORT": "\(try Servers.current().prometheus.port)"])
        .run()
      _ = try run.decided(.applied)
      for word in ["--pushgateway-url", "--metrics-textfile", "PLANNER_PROMETHEUS_PORT"] {
        #expect(run.errorOutput.contains(word), "\(run.errorOutput)")
      }
      #expect(try scene.state.decisions().map(\.status) == ["applied"])
    }

    @Test("a file that no collector would read is refused", arguments: ["planner.txt", "a.prom/"])
    func name(_ name: String) async throws {
      let scene = try Scene()
      try await scene.planner(after: 10).with(["metrics-textfile": name]).run()
        .refused(64, "--metrics-textfile", ".prom")
    }

    @Test("the port is served while a repeated run lives, and shows each round's decision")
    func port() async throws {
      let router = try Router()
      router.answer(.text(RouterPage(prefill: [400, 500], decode: [100, 200]).text))
      var scene = try Scene()
      scene.planner.scaleByLoad(of: router)
      let port = try FreePort.next()
      scene.planner.environment["PLANNER_PROMETHEUS_PORT"] = "\(port)"
      let process = try scene.planner.with([
        "disable-throughput-scaling": "", "loadbased-adjustment-interval": "1",
        "loadbased-metric-samples": "1", "repeat-for": "600",
      ]).start()
      var last = 0.0
      try await waitUntil("two rounds are shown", within: 120) {
        guard process.isRunning else { return true }
        let page = MetricsText(text: MetricsText.scraped(from: port))
        last = page["decisions_total", "\"unchanged\""] ?? 0
        return last >= 2
      }
      #expect(last >= 2)
      process.send(signal: SIGTERM)
      let run = try await process.finished()
      #expect(run.exit == .code(0) || run.exit == .code(143), "\(run)")
      #expect(MetricsText.scraped(from: port).isEmpty)
    }

    @Test("a replay publishes nothing, and a recording names no place")
    func replay() async throws {
      let gateway = try StandInServer { _ in .text("") }
      defer { gateway.stop() }
      let scene = try watchedScene()
      let folder = scene.folder.file("recording")
      _ = try await scene.planner(after: 10)
        .with(["record": folder, "pushgateway-url": gateway.url]).run().decided(.applied)
      #expect(gateway.requests.map(\.method) == ["PUT"])
      let manifest = try String(contentsOfFile: folder + "/manifest.json", encoding: .utf8)
      #expect(!manifest.contains("pushgateway") && !manifest.contains("planner.prom"))

      let written = scene.folder.file("replay.prom")
      let replay = Planner(
        flags: [
          "replay": folder, "output": "json", "metrics-textfile": written,
          "pushgateway-url": gateway.url,
        ], directory: scene.folder.path)
      _ = try await replay.run().decided(.applied)
      #expect(gateway.requests.count == 1)
      #expect(!FileManager.default.fileExists(atPath: written))
    }
  }
}
