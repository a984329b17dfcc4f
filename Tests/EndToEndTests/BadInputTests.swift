import Foundation
import Invocation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Bad input")
  struct BadInputTests {
    /// A run that can't begin.
    struct Case: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var code: Int32
      var words: [String]
      var flags: [String: String?] = [:]
      var environment: [String: String] = [:]
      var operands: [String] = []

      init(
        _ testDescription: String, _ code: Int32, _ words: String...,
        flags: [String: String?] = [:], environment: [String: String] = [:],
        operands: [String] = []
      ) {
        self.testDescription = testDescription
        self.code = code
        self.words = words
        self.flags = flags
        self.environment = environment
        self.operands = operands
      }

      static let all: [Case] = [
        Case("an unknown flag", 64, "--ttfd", "--ttft", flags: ["ttfd": "1"]),
        Case("a flag without its value", 64, "--model-name", operands: ["--model-name"]),
        Case("an empty name", 64, "--namespace is ''", operands: ["--namespace="]),
        Case("a stray argument", 64, "Unexpected argument", operands: ["stray"]),
        Case("a target that is no number", 64, "--ttft is 'fast'", flags: ["ttft": "fast"]),
        Case("a negative target", 64, "--itl is '-1'", flags: ["itl": "-1"]),
        Case("a target of NaN", 64, "--ttft is 'nan'", flags: ["ttft": "nan"]),
        Case("an interval of 0", 64, "--adjustment-interval", flags: ["adjustment-interval": "0"]),
        Case("a mode that isn't", 64, "--mode is 'both'", "disagg", flags: ["mode": "both"]),
        Case("a time that isn't", 64, "--now is 'yesterday'", flags: ["now": "yesterday"]),
        Case(
          "user information in a URL", 64, "--prometheus-endpoint is 'http://***@host:1'",
          flags: ["prometheus-endpoint": "http://me:hunter2@host:1"]),
        Case(
          "a variable with a bad value", 78, "SLA_PLANNER_TTFT is '-5'",
          environment: ["SLA_PLANNER_TTFT": "-5"]),
        Case(
          "user information in a variable's URL", 78, "http://***@etcd:1",
          environment: ["ETCD_ENDPOINTS": "http://me:hunter2@etcd:1"]),
        Case(
          "both kinds of scaling off", 78, "--disable-throughput-scaling",
          flags: ["disable-throughput-scaling": ""]),
        Case(
          "a budget below the minimum", 78, "--max-gpu-budget is 1", "nothing was changed",
          flags: ["max-gpu-budget": "1"]),
        Case(
          "load without a router", 78, "--loadbased-router-metrics-url",
          flags: ["enable-loadbased-scaling": ""]),
        Case(
          "a password without a user", 78, "user",
          environment: ["ETCD_AUTH_PASSWORD": "hunter2"]),
        Case("no configuration file", 78, "nowhere.yaml", flags: ["config": "nowhere.yaml"]),
        Case(
          "a configuration that is inline and broken", 78, "--config",
          flags: ["config": "{ttft: [}"]),
        Case(
          "an unknown key in the configuration", 78, "'ttfd'", "'ttft'",
          flags: ["config": #"{"ttfd": 1}"#]),
        Case("a replay of nothing", 65, "manifest.json", flags: ["replay": "nowhere"]),
        Case(
          "no profile", 65, "--profile-results-dir", "raw_data.npz",
          flags: ["profile-results-dir": "nowhere"]),
        Case(
          "a token file that isn't there", 78, "nowhere.token",
          flags: ["prometheus-token-file": "nowhere.token"]),
        Case(
          "a certificate authority that isn't there", 78, "nowhere.pem",
          flags: [
            "prometheus-ca-file": "nowhere.pem", "prometheus-endpoint": "https://127.0.0.1:1",
          ]),
      ]
    }

    @Test("is refused with its exit code and a sentence, and changes nothing", arguments: Case.all)
    func refused(_ bad: Case) async throws {
      let scene = try Scene()
      var planner = scene.planner(after: 10).with(bad.flags).with(environment: bad.environment)
      planner.operands = bad.operands
      let run = try await planner.run()
      #expect(run.exit == .code(bad.code), "\(run)")
      #expect(run.output.isEmpty)
      for word in bad.words { #expect(run.errorOutput.contains(word), "\(run.errorOutput)") }
      #expect(!run.errorOutput.contains("hunter2"))
      #expect(try scene.state.decisions().isEmpty)
      #expect(try scene.state.observations().isEmpty)
    }

    /// A file in the place of a part of the profile.
    @Test(
      "a profile that can't be read is 65 and named",
      arguments: [
        ("selected_prefill_interpolation/raw_data.npz", Data("PK not really".utf8)),
        ("selected_decode_interpolation/raw_data.npz", Data()),
        ("selected_decode_interpolation/raw_data.npz", Data(repeating: 0xff, count: 5000)),
      ])
    func profile(name: String, content: Data) async throws {
      let scene = try Scene()
      let folder = scene.folder.file("profile")
      try FileManager.default.copyItem(
        atPath: Fixture.url(KnownTraffic.profile).path, toPath: folder)
      try content.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      try await scene.planner(after: 10).with(["profile-results-dir": folder]).run()
        .refused(65, name)
      #expect(try scene.state.decisions().isEmpty)
    }

    /// Something done to a state file, with SQL or to its bytes.
    struct Damage: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var words: String
      var sql: String?
      var bytes: (@Sendable (inout Data) -> Void)?

      static let all: [Damage] = [
        Damage(
          testDescription: "its header is gone", words: "damaged",
          bytes: { data in
            data.replaceSubrange(0..<16, with: Data(repeating: 0x20, count: 16))
          }),
        Damage(
          testDescription: "it was cut short", words: "damaged",
          bytes: { data in
            data = data.prefix(5000)
          }),
        Damage(
          testDescription: "a newer version wrote it", words: "newer sla-planner (schema v99)",
          sql: "INSERT INTO grdb_migrations VALUES ('v99')"),
        Damage(
          testDescription: "another program wrote it", words: "another program",
          sql: "PRAGMA application_id = 7"),
        Damage(
          testDescription: "a record in it makes no sense", words: "'predictors' record",
          sql: "UPDATE memory SET document = '{\"x\": 1}' WHERE part = 'predictors'"),
      ]
    }

    @Test("a state file that can't be used is 65 and left untouched", arguments: Damage.all)
    func state(_ damage: Damage) async throws {
      let scene = try Scene()
      _ = try await scene.run(after: 10).decided(.applied)
      let path = scene.state.path
      if let sql = damage.sql {
        let outcome = try await ChildProcess.run("sqlite3", [path, sql])
        #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
      }
      let url = URL(fileURLWithPath: path)
      var bytes = try Data(contentsOf: url)
      damage.bytes?(&bytes)
      try bytes.write(to: url)

      let run = try await scene.run(after: 11)
      run.refused(65, damage.words, path)
      // A record that can't be understood is found with the lease in hand, which is given back.
      if damage.testDescription.hasPrefix("a record") {
        try await scene.run(after: 11).refused(65, damage.words)
      } else {
        #expect(try Data(contentsOf: url) == bytes)
      }

      guard damage.words == "damaged" else { return }
      let recovered = try await scene.planner(after: 11).with(["state-recover": ""]).run()
      _ = try recovered.decided(.applied)
      #expect(recovered.errorOutput.contains("set aside"))
      let aside = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path)
        .filter { $0.contains("planner.sqlite") && $0.count > "planner.sqlite-wal".count }
      #expect(
        try aside.contains {
          try Data(contentsOf: URL(fileURLWithPath: scene.folder.file($0))) == bytes
        },
        "\(aside)")
    }

    @Test("a state file in a place that can't be written is 65")
    func unwritableState() async throws {
      let scene = try Scene()
      try await scene.planner(after: 10).with(["state": "/proc/planner.sqlite"]).run()
        .refused(65, "/proc/planner.sqlite")
      try await scene.planner(after: 10).with(["state": scene.folder.path]).run()
        .refused(65, scene.folder.path)
    }

    @Test("etcd that wants a user, another password or another role is 77 with what to do")
    func permissions() async throws {
      let etcd = try await EtcdServer()
      defer { etcd.stop() }
      for command in [
        ["user", "add", "planner:right"], ["user", "add", "root:r00t"],
        ["user", "grant-role", "root", "root"], ["auth", "enable"],
      ] {
        try await etcd.etcdctl(command)
      }
      let scene = try Scene(.etcd)
      func run(_ user: [String: String]) async throws -> PlannerRun {
        try await scene.planner(after: 10)
          .with(environment: ["ETCD_ENDPOINTS": etcd.endpoint]).with(environment: user).run()
      }
      try await run([:]).refused(77, "asks for a user")
      try await run(["ETCD_AUTH_USERNAME": "planner", "ETCD_AUTH_PASSWORD": "wrong"])
        .refused(77, "refuses the password of user 'planner'")
      try await run(["ETCD_AUTH_USERNAME": "planner", "ETCD_AUTH_PASSWORD": "right"])
        .refused(77, "Grant its role 'readwrite' on the prefix 'v1/\(scene.namespace)/planner/'")
      #expect(try scene.state.observations().count == 5)
      #expect(try scene.state.decisions().isEmpty)
    }
  }
}
