import Foundation
import FoundationXML
import Invocation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("history, explain, audit and report")
  struct LookBackTests {
    private let scene: Scene

    init() throws { scene = try Scene() }

    /// Decides after the intervals 10 to 13, in which `wave` needs 3 + 15, 1 + 6, 1 + 3 and 2 + 9
    /// replicas.
    private func decide() async throws {
      for interval in 10...13 {
        _ = try await scene.run(after: interval).decided(.applied)
        try await scene.acknowledge()
      }
    }

    private func look(
      _ command: String, _ more: [String] = [], _ flags: [String: String?] = [:]
    ) async throws -> PlannerRun {
      let state = scene.planner.flags["state"] ?? ""
      return try await Planner(
        command: command, flags: ["state": state], operands: more, directory: scene.folder.path
      ).with(flags).run()
    }

    private func audit(
      _ more: [String] = [], _ flags: [String: String?] = [:], environment: [String: String] = [:]
    ) async throws -> PlannerRun {
      var planner = scene.planner.with(["output": nil]).with(flags)
      planner.command = "audit"
      planner.operands = more
      return try await planner.with(environment: environment).run()
    }

    private static func time(_ interval: Int) -> String { "\(TrafficHistory.end(interval))" }

    // MARK: history

    /// A row of `history --output json`.
    private struct Row: Decodable, Equatable {
      var id: Int
      var component: String
      var status: String
      var final: Int?
    }

    private struct History: Decodable {
      var shown: Int
      var total: Int
      var decisions: [Row]
    }

    @Test("history shows the newest decisions first, a line a decision, and how many there are")
    func history() async throws {
      try await decide()
      let run = try await look("history", [], ["limit": "2"])
      #expect(run.exit == .code(0), "\(run)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix("id  time"))
      #expect(lines[1].hasPrefix("4   ") && lines[1].contains("3 → 9"), "\(run.output)")
      #expect(lines[2].hasPrefix("3   "))
      #expect(lines[3] == "2 of 4 decisions; --limit 0 shows all.")
      #expect(lines.allSatisfy { $0.count <= 80 })
      let wide = try await look("history", ["--wide"], ["limit": "2"]).output
      #expect(wide.split(separator: "\n").count == 5 && wide.contains("throughput_reason"))
      let history = try JSONDecoder().decode(
        History.self, from: Data(try await look("history", ["--output", "json"]).output.utf8))
      #expect(history.shown == 4 && history.total == 4)
      let rows = history.decisions
      #expect(
        rows.map(\.final)
          == [4, 3, 2, 1].flatMap { id -> [Int?] in
            let needed = KnownTraffic.waveReplicas(id + 9)
            return [needed.prefill, needed.decode]
          })
      #expect(rows.allSatisfy { $0.status == "applied" })
    }

    @Test(
      "history filters by time, component, reason and change",
      arguments: [
        (["--component", "decode"], [4, 3, 2, 1]), (["--changed", "--limit", "1"], [4, 4]),
        (["--reason", "scale-down", "--component", "decode"], [3, 2]),
        (["--since", time(12), "--component", "prefill"], [4, 3]),
        (["--until", time(11), "--component", "prefill"], [1]),
        (["--since", time(11), "--until", time(12)], [2, 2]),
        (["--since", time(100)], []), (["--limit", "0", "--component", "decode"], [4, 3, 2, 1]),
      ])
    func filters(flags: [String], ids: [Int]) async throws {
      try await decide()
      let csv = try await look("history", flags + ["--output", "csv"])
      #expect(csv.exit == .code(0), "\(csv)")
      let lines = csv.output.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      #expect(lines[0].starts(with: ["id", "time", "status", "component"]))
      #expect(lines.dropFirst().map { String($0[0]) } == ids.map(String.init))
      #expect(lines.allSatisfy { $0.count == lines[0].count })
      if ids.isEmpty {
        #expect(try await look("history", flags).output == "No decision matches.\n")
      }
    }

    @Test(
      "a filter that makes no sense is refused",
      arguments: [
        (["--reason", "magic"], "scale-up"), (["--component", "router"], "prefill or decode"),
        (["--since", "someday"], "--since"), (["--until", "1e400"], "--until"),
        (["--limit", "-1"], "--limit"), (["--since", "200", "--until", "100"], "after --since"),
        (["--deployment", "other"], "no deployment 'other'"),
      ])
    func badFilter(flags: [String], words: String) async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await look("history", flags).refused(64, words)
    }

    // MARK: explain

    @Test("explain tells a decision to the last number, and what the next one saw")
    func explain() async throws {
      try await decide()
      let run = try await look("explain", ["2"])
      #expect(run.exit == .code(0), "\(run)")
      for part in [
        "Decision 2 on \(scene.namespace)", "requests          3600",
        "requests from     sum (increase(dynamo_frontend_requests_total{model=~",
        "for the next 180 s (constant): 3600 requests", "42707 tokens/s", "⌈", "Sent and confirmed",
        "What decision 3 saw", "prefill: 1 current, 1 ready", "1800 requests (forecast: 3600)",
      ] {
        #expect(run.output.contains(part), "\(part) is missing in:\n\(run.output)")
      }
      let latest = try await look("explain")
      #expect(latest.output == (try await look("explain", ["4"]).output))
      #expect(latest.output.contains("No later decision has been made yet."))
      try await look("explain", ["9"]).refused(64, "no decision 9", "history")
      try await look("explain", ["first"]).refused(64, "latest")
    }

    // MARK: What if

    @Test("what another budget would have decided is told with what differs; nothing is written")
    func whatIf() async throws {
      try await decide()
      let profile = scene.planner.flags["profile-results-dir"] ?? ""
      let before = try await look("history", ["--output", "json"]).output
      let told = try await look(
        "explain", ["2", "--with", "max-gpu-budget=4"], ["profile-results-dir": profile])
      #expect(told.exit == .code(0), "\(told)")
      #expect(told.output.hasPrefix("Decision 2 would have been: "), "\(told)")
      #expect(told.output.contains("Different settings: max-gpu-budget -1 → 4."))
      #expect(!told.output.contains("Note:"), "\(told)")
      let json = try await look(
        "explain", ["2", "--with", "max-gpu-budget=4", "--output", "json"],
        ["profile-results-dir": profile])
      #expect(json.output.contains(#""what_if":{"#) && json.output.contains(#""schema":1"#))
      let audit = try await audit(["--as-recorded", "--with", "max-gpu-budget=4"])
      #expect(audit.exit == .code(2), "\(audit)")
      #expect(audit.output.contains("Different settings: max-gpu-budget -1 → 4."))
      #expect(audit.output.contains("GPU-hours "))
      let same = try await self.audit(["--as-recorded"], ["itl": "99"])
      #expect(same.exit == .code(0), "\(same)")
      #expect(try await look("history", ["--output", "json"]).output == before)
    }

    @Test(
      "a change that can't be tried is refused",
      arguments: [
        (["--with", "ttft"], "NAME=VALUE"), (["--with", "ttfd=3"], "did you mean ttft"),
        (["--with", "load-predictor=kalman"], "does not rest on it"),
        (["--with", "max-gpu-budget=1"], "--max-gpu-budget is 1"),
      ])
    func refusedWhatIf(flags: [String], words: String) async throws {
      _ = try await scene.run(after: 10).decided(.applied)
      try await look("explain", flags).refused(64, words)
    }

    // MARK: audit

    @Test("an unchanged configuration passes, wherever the deployment is")
    func unchanged() async throws {
      try await decide()
      let run = try await audit()
      #expect(run.exit == .code(0), "\(run)")
      #expect(
        run.output == "4 decisions audited: 4 equal, 0 different as allowed, 0 different.\n")
      let elsewhere = try await audit(
        [], ["environment": "kubernetes", "prometheus-endpoint": nil, "namespace": nil])
      #expect(elsewhere.output == run.output, "\(elsewhere)")
    }

    @Test("a changed target is a difference, with why, for people and for machines")
    func changed() async throws {
      try await decide()
      let junit = scene.folder.file("audit.xml")
      // At that target an engine does 7279.3 tokens/s instead of 6101.5: 11.9, 4.7, 2.4 and 7.1 of
      // them take the place of 14.1, 5.7, 2.8 and 8.5, and only the third takes as many as before.
      let run = try await audit(
        ["--junit", junit], ["itl": "30"], environment: ["GITHUB_ACTIONS": "true"])
      #expect(run.exit == .code(2), "\(run)")
      #expect(run.output.contains("decision 1, "))
      #expect(run.output.contains("decode final: 15 → 12\n"))
      #expect(!run.output.contains("prefill final"))
      #expect(run.output.contains("  now: "))
      #expect(run.output.hasSuffix("0 different as allowed, 3 different.\n"))
      let annotations = run.errorOutput.split(separator: "\n").filter { $0.hasPrefix("::error ") }
      #expect(annotations.count == 3)
      let document = try XMLDocument(contentsOf: URL(fileURLWithPath: junit))
      #expect(try document.nodes(forXPath: "//testcase").count == 4)
      #expect(try document.nodes(forXPath: "//testcase/failure").count == 3)

      let json = try await audit([], ["itl": "30", "output": "json"])
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(object["different"] as? Int == 3 && object["passes"] as? Bool == false)
      #expect(!json.errorOutput.contains("::error"))

      let rules = ["--allow", "replicas=±99", "--allow", "reason"]
      let allowed = try await audit(rules, ["itl": "30"])
      #expect(allowed.exit == .code(0), "\(allowed)")
      #expect(allowed.output.contains("(allowed)"))
      #expect(allowed.output.hasSuffix("3 different as allowed, 0 different.\n"))
    }

    @Test("there has to be something to audit, and rules that there are")
    func badAudit() async throws {
      try await audit().refused(65, "no state file")
      _ = try await scene.run(after: 10).decided(.applied)
      try await audit(["--allow", "everything"]).refused(64, "replicas=N or reason")
      try await audit(["--limit", "-1"]).refused(64, "--limit")
      try await audit([scene.folder.path]).refused(65, "decision.json")
      try await audit([], ["profile-results-dir": "/nowhere"]).refused(65, "/nowhere")
      try await audit(["--junit", "/nowhere/audit.xml"]).refused(78, "/nowhere")
    }

    // MARK: report

    @Test("report writes one file, or to standard output")
    func report() async throws {
      try await decide()
      let file = scene.folder.file("page.html")
      let run = try await look("report", [file])
      #expect(run.exit == .code(0), "\(run)")
      #expect(run.output.contains("4 decisions"))
      let page = try String(contentsOfFile: file, encoding: .utf8)
      #expect(page.contains("<h1>\(scene.namespace)</h1>"))
      #expect(try await look("report", ["-"]).output == page)
      try await look("report", [file, "--since", Self.time(100)]).refused(65, "in that time")
      try await look("report", ["/nowhere/page.html"]).refused(78, "/nowhere")
    }

    @Test(
      "without a state file each says so", arguments: ["history", "explain", "report", "audit"])
    func noState(command: String) async throws {
      let run =
        command == "audit" ? try await audit() : try await look(command)
      run.refused(65, "There is no state file", "--state")
    }

    @Test("with something else in its place, too", arguments: ["history", "explain", "report"])
    func noStateFile(command: String) async throws {
      let text = String(repeating: "not a database\n", count: 99)
      let file = try scene.folder.write("notes.txt", text)
      try await look(command, [], ["state": file]).refused(65, "notes.txt")
    }
  }
}
