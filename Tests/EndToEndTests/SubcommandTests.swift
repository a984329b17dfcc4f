import Foundation
import Invocation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Other subcommands")
  struct SubcommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(
      _ command: String, _ flags: [String: String] = [:], operands: [String] = [],
      input: String = ""
    ) async throws -> PlannerRun {
      try await Planner(
        command: command, flags: flags, operands: operands, directory: folder.path
      ).run(input: input)
    }

    private func object(_ run: PlannerRun) throws -> [String: Any] {
      #expect(run.exit == .code(0), "\(run)")
      return try #require(
        JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    @Test("--version and --help answer on standard output", arguments: ["--version", "--help"])
    func about(flag: String) async throws {
      let outcome = try await ChildProcess.run(PlannerProgram.path(), [flag])
      #expect(outcome.exit == .code(0))
      #expect(outcome.errorOutput.isEmpty)
      #expect(outcome.output.contains(flag == "--help" ? "SUBCOMMANDS:" : "0."))
    }

    @Test("a bare call shows what there is and touches nothing, a misspelt command what was meant")
    func bareAndMisspelt() async throws {
      let bare = try await ChildProcess.run(
        PlannerProgram.path(), [], environment: ["SLA_PLANNER_ENVIRONMENT": "virtual"])
      #expect(bare.exit == .code(0) && bare.output.contains("SUBCOMMANDS:"))
      let misspelt = try await ChildProcess.run(PlannerProgram.path(), ["histroy"])
      #expect(misspelt.exit == .code(64))
      #expect(misspelt.errorOutput.contains("did you mean 'history'?"))
    }

    @Test("what can't be written is no success", arguments: ["--help", "simulate --help"])
    func fullDisk(arguments: String) async throws {
      let run = try await ChildProcess.run(
        "bash", ["-c", "exec \"$0\" \(arguments) > /dev/full", PlannerProgram.path()])
      #expect(run.exit != .code(0), "\(run)")
    }

    @Test("colours are only there when they are asked for, or shown on a terminal")
    func colours() async throws {
      let file = folder.file("planner.sqlite")
      let recording = Fixture.root.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("examples/demo-recording").path
      _ = try await run("run", ["replay": recording, "state": file])
      for (flag, expected) in [("always", true), ("never", false), ("auto", false)] {
        let run = try await ChildProcess.run(
          PlannerProgram.path(), ["status", "--state", file, "--color", flag])
        #expect(run.output.contains("\u{1B}[31m") == expected, "\(flag): \(run)")
      }
      let run = try await ChildProcess.run(PlannerProgram.path(), ["status", "--color", "green"])
      #expect(run.exit == .code(64) && run.errorOutput.contains("auto, always or never"))
    }

    @Test("forecast reads numbers, a column of a CSV file, or JSON")
    func forecast() async throws {
      let numbers = try object(
        try await run("forecast", ["load-predictor": "constant"], input: "3\n5\n8\n"))
      #expect(numbers["predictor"] as? String == "constant")
      #expect(numbers["forecast"] as? Double == 8)
      #expect(numbers["model"] is [String: Any])

      let file = try folder.write("series.csv", "time,requests\n0,10\n180,20\n360,30\n")
      let column = try object(
        try await run(
          "forecast", ["load-predictor": "constant", "series": file, "column": "requests"]))
      #expect(column["forecast"] as? Double == 30)

      let rolling = try object(
        try await run(
          "forecast", ["load-predictor": "constant", "rolling": "1"],
          input: #"{"values": [1, 2, 3], "interval_seconds": 60}"#))
      #expect(rolling["from"] as? Int == 1)
      #expect(rolling["forecasts"] as? [Double] == [1, 2])
    }

    @Test(
      "forecast takes a real trace's counts, with any predictor",
      arguments: ["constant", "kalman", "arima", "prophet", "auto"])
    func forecastOfTrace(predictor: String) async throws {
      let trace = try Fixture.json(Trace.self, "golden/series/azure_code_180s.json")
      let counts = trace.dense.request_count
      let answer = try object(
        try await run(
          "forecast", ["load-predictor": predictor],
          input: counts.map { "\($0)" }.joined(separator: "\n")))
      let forecast = try #require(answer["forecast"] as? Double)
      #expect(forecast >= 0 && forecast <= 2 * (counts.max() ?? 0))
      if predictor == "constant" { #expect(forecast == counts.last) }
    }

    private struct Trace: Decodable {
      struct Series: Decodable {
        var request_count: [Double]
      }
      var dense: Series
    }

    @Test("forecast refuses what is no series")
    func badSeries() async throws {
      #expect(try await run("forecast", input: "3\nfive\n").exit == .code(65))
      #expect(try await run("forecast", input: "").exit == .code(65))
      #expect(try await run("forecast", ["load-predictor": "bogus"], input: "1").exit == .code(64))
      let late = try await run("forecast", ["rolling": "3"], input: "1\n2\n3\n")
      late.refused(65, "the series has 3 values")
    }

    @Test("profile shows a real profile and answers what it predicts")
    func profile() async throws {
      let profile = Fixture.url(KnownTraffic.profile).path
      let shown = try await run("profile", operands: [profile])
      #expect(shown.exit == .code(0), "\(shown)")
      #expect(shown.output.contains("16372"))
      let answered = try object(
        try await run("profile", ["isl": "2134", "output": "json"], operands: [profile]))
      #expect("\(answered)".contains("42706.95"))
      let missing = try await run("profile", operands: [folder.path])
      #expect(missing.exit == .code(65))
      #expect(missing.errorOutput.contains("raw_data.npz"))
    }

    @Test("run is what happens without a subcommand, and the state lies in state/ by default")
    func defaults() async throws {
      let scene = try Scene()
      var planner = scene.planner(after: 10).with(["state": nil])
      planner.command = "run"
      _ = try await planner.run().decided(.applied)
      let state = scene.folder.file("state/planner.sqlite")
      #expect(FileManager.default.fileExists(atPath: state))
      #expect(try StateFile(path: state, deployment: scene.namespace).decisions().count == 1)
    }
  }
}
