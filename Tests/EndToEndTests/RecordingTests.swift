import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Recording and replay")
  struct RecordingTests {
    /// A run that was recorded, and the scene it was recorded in. Its servers are gone.
    private struct Recorded {
      let scene: Scene
      let run: PlannerRun
      var path: String { scene.folder.file("recording") }

      /// Replays a recording with nothing but its path.
      func replay(
        _ path: String? = nil, flags: [String: String] = [:], environment: [String: String] = [:]
      ) async throws -> PlannerRun {
        let planner = Planner(
          flags: ["replay": path ?? self.path, "output": "json"], environment: environment,
          directory: scene.folder.path)
        return try await planner.with(flags.mapValues { $0 }).run()
      }
    }

    /// Records the second decision of a deployment that is scaled in both ways.
    private func record(
      _ backend: Scene.Backend, now interval: Int? = 11, flags: [String: String?] = [:]
    ) async throws -> Recorded {
      var scene = try Scene(backend)
      let servers = try Servers.current()
      let prometheus = try Proxy(to: servers.prometheus.port)
      defer { prometheus.stop() }
      let etcd = try Proxy(to: servers.etcd.port)
      defer { etcd.stop() }
      let router = try Router()
      defer { router.stop() }
      scene.planner.flags["prometheus-endpoint"] = prometheus.endpoint
      if backend == .etcd { scene.planner.environment["ETCD_ENDPOINTS"] = etcd.endpoint }
      scene.planner.scaleByLoad(of: router)
      router.showLoadGrowing(to: RouterPage(prefill: [4500, 4600], decode: [1100, 1200]))
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()

      router.showLoadGrowing(
        to: RouterPage(prefill: [4700, 4800, 4900], decode: (0..<15).map { 1010 + $0 }))
      var planner = interval.map { scene.planner(after: $0) } ?? scene.planner
      planner = planner.with(["record": scene.folder.file("recording")]).with(flags)
      return Recorded(scene: scene, run: try await planner.run())
    }

    @Test("a replay prints the recorded decision, byte for byte", arguments: Scene.Backend.allCases)
    func replay(_ backend: Scene.Backend) async throws {
      let recorded = try await record(backend)
      let document = try recorded.run.decided(.applied)
      #expect(document.id == 2)
      let before = try await recorded.scene.state.contents()
      let files = try contents(of: recorded.path)

      let replayed = try await recorded.replay()
      #expect(replayed.exit == .code(0), "\(replayed)")
      #expect(replayed.output == recorded.run.output)
      let other = try TemporaryFolder()
      try FileManager.default.copyItem(atPath: recorded.path, toPath: other.file("elsewhere"))
      try FileManager.default.removeItem(atPath: recorded.path)
      let moved = try await recorded.replay(
        other.file("elsewhere"),
        environment: [
          "PROMETHEUS_ENDPOINT": "http://127.0.0.1:1", "ETCD_ENDPOINTS": "http://127.0.0.1:1",
          "DYN_NAMESPACE": "other", "SLA_PLANNER_TTFT": "1", "SLA_PLANNER_MODE": "bogus",
          "SLA_PLANNER_NOW": "0", "SLA_PLANNER_STATE": "/dev/null",
          "SLA_PLANNER_CONFIG": "/nowhere/at/all.yaml", "PROMETHEUS_TOKEN": "x",
        ])
      #expect(moved.output == recorded.run.output, "\(moved)")

      #expect(try contents(of: other.file("elsewhere")) == files)
      #expect(try await recorded.scene.state.contents() == before)
      let left = try FileManager.default.contentsOfDirectory(atPath: recorded.scene.folder.path)
      #expect(left.filter { !$0.hasPrefix("planner.sqlite") } == [])
    }

    /// The bytes of all files below a folder, by name.
    private func contents(of folder: String) throws -> [String: Data] {
      var files: [String: Data] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        files[name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
      }
      return files
    }

    @Test("a replay with other flags answers what would have been, and tells a change")
    func whatIf() async throws {
      let recorded = try await record(.embedded)
      let same = try await recorded.replay(flags: ["detailed-exitcode": ""])
      #expect(same.exit == .code(2))
      #expect(same.output == recorded.run.output)
      // With the load aside, the recorded traffic of interval 11 asks for 1 + 6.
      let other = try await recorded.replay(flags: ["disable-loadbased-scaling": ""])
      let document = try other.document()
      #expect(document.components.mapValues(\.final) == [.prefill: 1, .decode: 6])
    }

    /// Runs that end in another way than with a change.
    @Test(
      "holds, dry runs and runs at the machine's own time are replayed as they were",
      arguments: [
        (
          DecisionStatus.held, 11,
          ["model-name": "nope", "loadbased-router-metrics-url": "http://127.0.0.1:1/metrics"]
        ),
        (.dryRun, 11, ["dry-run": ""]),
        (.applied, nil, ["loadbased-adjustment-interval": "0.05"]),
      ] as [(DecisionStatus, Int?, [String: String])])
    func otherRuns(status: DecisionStatus, interval: Int?, flags: [String: String]) async throws {
      let recorded = try await record(.embedded, now: interval, flags: flags.mapValues { $0 })
      _ = try recorded.run.decided(status)
      let replayed = try await recorded.replay()
      #expect(replayed.exit == .code(0), "\(replayed)")
      #expect(replayed.output == recorded.run.output)
    }

    @Test("the recording of a killed run can be replayed")
    func killed() async throws {
      let scene = try Scene()
      let planner = scene.planner(after: 10).with(["record": scene.folder.file("recording")])
      let killed = try await planner.with(environment: ["SLA_PLANNER_CRASH_AFTER": "decided"]).run()
      #expect(killed.exit == .signal(SIGKILL))
      let replayed = try await Planner(
        flags: ["replay": scene.folder.file("recording"), "output": "json"],
        directory: scene.folder.path
      ).run().decided(.applied)
      #expect(replayed.components.mapValues(\.final) == [.prefill: 3, .decode: 15])
    }

    @Test("recording a replay is refused")
    func recordedReplay() async throws {
      let recorded = try await record(.embedded)
      try await recorded.replay(flags: ["record": recorded.scene.folder.file("second")])
        .refused(78, "--record", "--replay")
    }

    @Test("a second recording into the same folder is refused and leaves the first as it was")
    func occupied() async throws {
      let scene = try Scene()
      let folder = scene.folder.file("recording")
      let first = try await scene.planner(after: 10).with(["record": folder]).run()
      _ = try first.decided(.applied)
      try await scene.acknowledge()
      let files = try contents(of: folder)
      try await scene.planner(after: 11).with(["record": folder]).run()
        .refused(78, folder, "already holds")
      #expect(try contents(of: folder) == files)
      #expect(try scene.state.decisions().count == 1)
      _ = try await scene.run(after: 11).decided(.applied)
    }

    /// What goes wrong with a recording while its run asks for the traffic.
    enum Obstacle: String, CaseIterable, CustomTestStringConvertible {
      /// As if the disk were full when the decision is made.
      case decision = "decision.json"
      /// As if it were full from the first answer on.
      case answers = "http"

      var testDescription: String { rawValue }

      func stand(in folder: String) {
        let files = FileManager.default
        let path = "\(folder)/\(rawValue)"
        switch self {
        case .decision:
          try? files.createDirectory(atPath: path, withIntermediateDirectories: true)
        case .answers:
          try? files.removeItem(atPath: path)
          _ = files.createFile(atPath: path, contents: nil)
        }
      }
    }

    @Test(
      "a decision is printed and stands when its recording can't be finished, which is an error",
      arguments: Obstacle.allCases)
    func unfinished(_ obstacle: Obstacle) async throws {
      var scene = try Scene()
      let folder = scene.folder.file("recording")
      let prometheus = try Proxy(to: Servers.current().prometheus.port) { _ in
        obstacle.stand(in: folder)
        return .straight
      }
      defer { prometheus.stop() }
      scene.planner.flags["prometheus-endpoint"] = prometheus.endpoint
      let run = try await scene.planner(after: 10)
        .with(["record": folder, "detailed-exitcode": ""]).run()
      _ = try run.decided(.applied, exit: 78)
      #expect(try scene.state.documents().map(\.status) == [.applied])
      let error = try #require(
        run.errorOutput.split(separator: "\n").filter { $0.hasPrefix("Error: ") }.only)
      #expect(
        error.hasPrefix(
          "Error: The recording can't be written to '\(folder)/\(obstacle.rawValue)"))
      #expect(error.contains("stands all the same") && !error.contains("Domain"))
    }

    @Test("a decision that could not be applied says more than its recording that is incomplete")
    func unfinishedAndFailed() async throws {
      var scene = try Scene(.etcd)
      let folder = scene.folder.file("recording")
      let etcd = try Proxy(to: Servers.current().etcd.port) { request in
        guard request.path == "/v3/kv/txn" else { return .straight }
        Obstacle.decision.stand(in: folder)
        return .replaced(.text("", status: 503))
      }
      defer { etcd.stop() }
      scene.planner.environment["ETCD_ENDPOINTS"] = etcd.endpoint
      let run = try await scene.planner(after: 10).with(["record": folder]).run()
      _ = try run.decided(.failed, exit: 1)
      #expect(run.errorOutput.contains("The recording can't be written"))
    }

    @Test("a run that is turned away leaves no recording, and its folder can be used again")
    func turnedAway() async throws {
      let gate = StandInServer.Gate()
      defer { gate.open() }
      let proxy = try Proxy(to: Servers.current().prometheus.port) { _ in .held(gate) }
      defer { proxy.stop() }
      let scene = try Scene()
      let first = try scene.planner(after: 10).with(["prometheus-endpoint": proxy.endpoint]).start()
      try await proxy.waitForRequests(for: "/api/v1/query_range")
      let folders = ["new", "old"].map { scene.folder.file($0) }
      try FileManager.default.createDirectory(
        atPath: folders[1], withIntermediateDirectories: false)
      for folder in folders {
        try await scene.planner(after: 10).with(["record": folder]).run()
          .refused(75, "lasts until 20")
      }
      #expect(!FileManager.default.fileExists(atPath: folders[0]))
      #expect(try contents(of: folders[1]).isEmpty)
      // As little as one that can't begin.
      try await scene.planner(after: 10).with([
        "record": folders[0], "etcd-endpoints": "http://127.0.0.1:1", "etcd-user": "me",
        "etcd-password-file": "nowhere",
      ]).run().refused(78, "nowhere")
      #expect(!FileManager.default.fileExists(atPath: folders[0]))

      gate.open()
      _ = try await first.finished().decided(.applied)
      try await scene.acknowledge()
      let run = try await scene.planner(after: 11).with(["record": folders[0]]).run()
      _ = try run.decided(.applied)
      let replayed = try await Planner(
        flags: ["replay": folders[0], "output": "json"], directory: scene.folder.path
      ).run()
      #expect(replayed.output == run.output)
    }

    @Test("no secret gets into a recording")
    func secrets() async throws {
      let etcd = try await EtcdServer()
      defer { etcd.stop() }
      let secrets = ["t0ken-of-prometheus", "passw0rd-of-etcd", "t0ken-of-the-router"]
      for command in [
        ["role", "add", "planner"],
        ["role", "grant-permission", "planner", "readwrite", "v1/", "v10"],
        ["user", "add", "planner:\(secrets[1])"], ["user", "grant-role", "planner", "planner"],
        ["user", "add", "root:r00t"], ["user", "grant-role", "root", "root"], ["auth", "enable"],
      ] {
        try await etcd.etcdctl(command)
      }
      var scene = try Scene(.etcd)
      let router = try Router()
      defer { router.stop() }
      router.showLoadGrowing(to: RouterPage(prefill: [4500, 4600], decode: [1100, 1200]))
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["router-token-file"] = try scene.folder.write("token", secrets[2])
      scene.planner.environment = [
        "ETCD_ENDPOINTS": etcd.endpoint, "ETCD_AUTH_USERNAME": "planner",
        "ETCD_AUTH_PASSWORD": secrets[1], "PROMETHEUS_TOKEN": secrets[0],
      ]
      let folder = scene.folder.file("recording")
      let run = try await scene.planner(after: 10).with(["record": folder, "log-level": "trace"])
        .run()
      _ = try run.decided(.applied)
      #expect(try await etcd.keys(of: scene.namespace, user: "root:r00t")["decision_id"] == "0")

      let token = try #require(authorization(of: router))
      #expect(token == "Bearer \(secrets[2])")
      for (name, data) in try contents(of: folder) {
        for secret in secrets {
          let isIn = [secret, Data(secret.utf8).base64EncodedString()].contains {
            data.firstRange(of: Data($0.utf8)) != nil
          }
          #expect(!isIn, "\(secret) is in \(name)")
        }
      }
      for secret in secrets {
        #expect(!run.errorOutput.contains(secret))
        #expect(!run.output.contains(secret))
      }
      etcd.stop()
      let replayed = try await Planner(
        flags: ["replay": folder, "output": "json"], directory: scene.folder.path
      ).run()
      #expect(replayed.output == run.output, "\(replayed)")
    }

    private func authorization(of router: Router) -> String? {
      router.requests.first?.header("Authorization")
    }

    /// Something done to a recording.
    struct Damage: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var code: Int32 = 65
      var words: String
      var apply: @Sendable (_ folder: String) throws -> Void

      private static func overwrite(_ name: String, _ text: String)
        -> @Sendable (String) throws -> Void
      {
        { try text.write(toFile: "\($0)/\(name)", atomically: true, encoding: .utf8) }
      }

      private static func answer(_ suffix: String, in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/http").sorted()
        // The raw samples are left out: recordings of earlier versions lack them.
        let name = try #require(
          names.first { name in
            guard name.hasSuffix(suffix), name.hasPrefix("GET") else { return false }
            let head = folder + "/http/" + name.dropLast(suffix.count) + ".json"
            let text = try? String(contentsOfFile: head, encoding: .utf8)
            return text?.contains("query_range") == true
          })
        return "\(folder)/http/\(name)"
      }

      static let all: [Damage] = [
        Damage(testDescription: "no folder", words: "manifest.json") {
          try FileManager.default.removeItem(atPath: $0)
        },
        Damage(testDescription: "no manifest", words: "manifest.json") {
          try FileManager.default.removeItem(atPath: $0 + "/manifest.json")
        },
        Damage(
          testDescription: "half a manifest", words: "manifest.json",
          apply: overwrite("manifest.json", #"{"version": 1, "program""#)),
        Damage(
          testDescription: "a newer manifest", words: "format 2",
          apply: overwrite(
            "manifest.json", #"{"version": 2, "program": "9", "now": 1, "settings": {}}"#)),
        Damage(
          testDescription: "a manifest with an option that nobody knows", code: 78, words: "'warp'",
          apply: { folder in
            let path = folder + "/manifest.json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacing("\"ttft\"", with: "\"warp\"")
              .write(toFile: path, atomically: true, encoding: .utf8)
          }),
        Damage(testDescription: "no answers at all", words: "http") {
          try FileManager.default.removeItem(atPath: $0 + "/http")
        },
        Damage(testDescription: "a missing answer", words: "not in the recording") {
          try FileManager.default.removeItem(atPath: answer(".json", in: $0))
        },
        Damage(testDescription: "half an answer", words: "damaged") {
          try "{".write(toFile: answer(".json", in: $0), atomically: true, encoding: .utf8)
        },
        Damage(testDescription: "a shortened body", words: "damaged") {
          try "{".write(toFile: answer(".body", in: $0), atomically: true, encoding: .utf8)
        },
        Damage(testDescription: "a profile cut short", words: "raw_data.npz") { folder in
          let path = folder + "/profile/selected_decode_interpolation/raw_data.npz"
          try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100)
            .write(to: URL(fileURLWithPath: path))
        },
        Damage(testDescription: "no profile", words: "profile") {
          try FileManager.default.removeItem(atPath: $0 + "/profile")
        },
        Damage(
          testDescription: "a state file that is none", words: "state.sqlite",
          apply: overwrite("state.sqlite", String(repeating: "not a database ", count: 300))),
      ]
    }

    @Test("a damaged recording is refused with what is wrong with it", arguments: Damage.all)
    func damaged(_ damage: Damage) async throws {
      let scene = try Scene()
      _ = try await scene.run(after: 9).decided(.applied)
      try await scene.acknowledge()
      let folder = scene.folder.file("recording")
      _ = try await scene.planner(after: 10).with(["record": folder]).run().decided(.applied)
      try damage.apply(folder)
      let run = try await Planner(
        flags: ["replay": folder, "output": "json"], directory: scene.folder.path
      ).run()
      run.refused(damage.code, damage.words)
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path)
      #expect(left.filter { $0.hasPrefix("sla-planner-replay") } == [])
    }
  }
}

extension Collection {
  /// The one element; nil if there are none or several.
  fileprivate var only: Element? { count == 1 ? first : nil }
}
