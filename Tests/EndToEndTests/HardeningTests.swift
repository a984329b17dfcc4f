import Foundation
import Invocation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Limits, files and secrets")
  struct HardeningTests {
    private let scene: Scene

    init() throws { scene = try Scene() }

    private func pipe(_ name: String) throws -> String {
      let path = scene.folder.file(name)
      try #require(mkfifo(path, 0o600) == 0)
      return path
    }

    @Test("a lease from a clock a day ahead locks nobody out")
    func leaseFromTheFuture() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      let ahead = Date().timeIntervalSince1970 + 86_400
      let path = scene.planner.flags["state"] ?? ""
      _ = try await ChildProcess.run(
        "sqlite3", [path, "INSERT INTO lease SELECT id, 'other/1/2', \(ahead) FROM deployment"])
      let document = try await scene.run(after: 11).decided(.held)
      #expect(document.components[.decode] != nil)
    }

    @Test("what a run writes is for its user alone; the text file of the metrics is for everybody")
    func permissions() async throws {
      let recording = scene.folder.file("recording")
      let page = scene.folder.file("planner.prom")
      _ = try await scene.planner(after: 10).with([
        "record": recording, "metrics-textfile": page,
      ]).run().decided(.applied)
      func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      #expect(try mode(scene.planner.flags["state"] ?? "") == 0o600)
      #expect(try mode(recording) == 0o700)
      #expect(try mode(recording + "/manifest.json") == 0o600)
      #expect(try mode(page) == 0o644)
    }

    @Test("validate changes nothing in the state, not even for a new deployment")
    func validateLooksOnly() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      let before = try Data(contentsOf: URL(fileURLWithPath: scene.planner.flags["state"] ?? ""))
      var planner = scene.planner(after: 10).with(["namespace": "another"])
      planner.command = "validate"
      _ = try await planner.run()
      let after = try Data(contentsOf: URL(fileURLWithPath: scene.planner.flags["state"] ?? ""))
      #expect(before == after)
    }

    @Test("a pipe nobody writes to, in the place of a trace, is told at once")
    func traceIsAPipe() async throws {
      let run = try await scene.planner(after: 10).with([
        "load-predictor": "kalman", "load-predictor-warmup-trace": try pipe("trace"),
      ]).run()
      run.refused(65, "it is not a regular file")
    }

    @Test(
      "devices and endless files in the place of a configuration are told",
      arguments: ["/dev/zero", "/dev/tty", "/"])
    func device(path: String) async throws {
      let run = try await scene.planner(after: 10).with(["config": path]).run()
      run.refused(78, "configuration file '\(path)' can't be read")
    }

    @Test("a run that something holds up for ever ends a second after its deadline")
    func watchdog() async throws {
      // The shell keeps the pipe open and never writes.
      let path = try pipe("config")
      let holder = try ChildProcess(
        "sh", ["-c", "exec 3<>\"$0\"; echo open; exec sleep 60", path],
        environment: ["PATH": "/usr/bin:/bin"], directory: scene.folder.path)
      defer { holder.send(signal: SIGKILL) }
      try await waitUntil("the pipe is open") { holder.output.contains("open") }
      let run = try await scene.planner(after: 10).with(["config": path, "deadline": "1"]).run()
      run.refused(69, "has not ended within its deadline of 1 s")
    }

    @Test(
      "a machine without descriptors, threads or memory to spare is told",
      arguments: [("-n 14", "file descriptors"), ("-v 130000", "memory")])
    func starved(limit: String, says: String) async throws {
      let run = try await ChildProcess.run(
        "bash",
        ["-c", "ulimit \(limit); exec \"$0\" history --state absent", PlannerProgram.path()])
      // Where the limit is so low that not even the libraries load, the loader says so.
      guard run.exit != .code(127) else { return }
      #expect(run.exit == .code(71), "\(run)")
      #expect(run.errorOutput.contains(says), "\(run)")
    }

    @Test("escape sequences of a server reach no terminal, and its echo of the token nobody")
    func echo() async throws {
      let token = "s3cret-t0ken-0123456789"
      let server = try StandInServer { request in
        .text(
          "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}\(request.header("authorization") ?? "")", status: 401)
      }
      let planner = scene.planner(after: 10).with([
        "prometheus-endpoint": server.url, "output": "text",
      ])
      let run = try await planner.with(environment: ["PROMETHEUS_TOKEN": token]).run()
      let all = run.output + run.errorOutput
      #expect(all.contains("REDACTED") && !all.contains(token), "\(all)")
      #expect(
        !all.unicodeScalars.contains { "\u{1b}\u{7}\u{9b}\u{202e}".unicodeScalars.contains($0) })
      #expect(run.errorOutput.contains("are sent without encryption"), "\(all)")
      let stored = try scene.state.decisions().map { $0.document + $0.input }.joined()
      #expect(!stored.contains(token))
    }

    @Test("a log in JSON stays JSON whatever a server says")
    func jsonLog() async throws {
      let server = try StandInServer { _ in .text("\u{9b}2J\u{202e}", status: 401) }
      let run = try await scene.planner(after: 10).with([
        "prometheus-endpoint": server.url, "log-format": "json",
      ]).run()
      let lines = run.errorOutput.split(separator: "\n")
      #expect(!lines.isEmpty)
      for line in lines {
        #expect(throws: Never.self, "\(line)") {
          try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        }
      }
    }

    @Test(
      "a stored decision that can't be read is one line of the history and a note in the report")
    func unreadableDecision() async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      _ = try await scene.run(after: 11).decided(.applied)
      let path = scene.planner.flags["state"] ?? ""
      _ = try await ChildProcess.run(
        "sqlite3", [path, "UPDATE decision SET document = '{}' WHERE id = 1"])
      let run = try await Planner(
        command: "history", flags: ["state": path, "output": "csv"], directory: scene.folder.path
      ).run()
      #expect(run.exit == .code(0), "\(run)")
      #expect(run.output.split(separator: "\n").count == 4)
      #expect(run.output.contains("unreadable"))
      #expect(run.errorOutput.contains("Decision 1 in the state file can't be read"))
      let page = try await Planner(
        command: "report", flags: ["state": path], operands: ["-"], directory: scene.folder.path
      ).run()
      #expect(page.exit == .code(0), "\(page)")
      #expect(page.output.contains("be read and left out. Decision 1 in the state file"))
    }
  }
}
