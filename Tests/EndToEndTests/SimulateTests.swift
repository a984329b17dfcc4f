import Foundation
import FoundationXML
import TestSupport
import Testing

extension EndToEnd {
  @Suite("simulate")
  struct SimulateTests {
    private let folder: TemporaryFolder
    private static let profile = "profiles/h200-llama3.1-8b-tp1"

    init() throws { folder = try TemporaryFolder() }

    /// Runs `simulate` on `trace`; `more` may name a flag several times.
    private func simulate(
      _ trace: String?, _ more: [String] = [], _ flags: [String: String?] = [:], input: String = ""
    ) async throws -> PlannerRun {
      let planner = Planner(
        command: "simulate",
        flags: [
          "profile-results-dir": Fixture.url(Self.profile).path, "ttft": "500", "itl": "15",
          "adjustment-interval": "60",
        ], operands: more + (trace.map { [$0] } ?? []), directory: folder.path
      ).with(flags)
      return try await planner.run(input: input)
    }

    private static let azure = Fixture.url("traces/azure_code_excerpt.csv").path
    private static let mooncake = Fixture.url("traces/mooncake_conversation_excerpt.jsonl").path

    // MARK: Outputs

    /// The part of the JSON output that is looked at.
    private struct Report: Decodable, Equatable {
      struct Trace: Decodable, Equatable {
        var requests: Int
        var skipped_lines: Int
      }
      struct Outcome: Decodable, Equatable {
        struct Latency: Decodable, Equatable {
          var mean: Double
          var p50: Double
          var p90: Double
          var p99: Double
        }
        var arrivals: Int
        var refused: Int
        var unfinished: Int
        var good: Int
        var sla_attainment: Double?
        var goodput_per_s: Double
        var gpu_hours: Double
        var failed_starts: Int
        var ttft_ms: Latency?
        var itl_ms: Latency?
      }
      struct Interval: Decodable, Equatable {
        var outcome: Outcome
      }
      struct Policy: Decodable, Equatable {
        var policy: String
        var total: Outcome
        var intervals: [Interval]
      }
      var schema: Int
      var trace: Trace
      var policies: [Policy]
      var pareto_front: [String]
    }

    private func report(_ run: PlannerRun) throws -> Report {
      #expect(run.exit == .code(0), "\(run)")
      return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    }

    @Test("people read the traffic, the totals and every interval")
    func text() async throws {
      let run = try await simulate(Self.azure)
      #expect(run.exit == .code(0), "\(run)")
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0].hasPrefix("40 requests in 0.6 min, TTFT ≤ 500 ms, ITL ≤ 15 ms"))
      #expect(lines.contains { $0.contains("policy") && $0.contains("GPU-hours") })
      #expect(lines.contains { $0.contains("planner") })
      #expect(lines.contains { $0.hasPrefix("0:00:00") })
      #expect(lines.allSatisfy { $0.last != " " })
    }

    @Test("programs read JSON, whose intervals add up to its totals")
    func json() async throws {
      let found = try report(
        try await simulate(
          Self.mooncake, ["--policy", "fixed:prefill=2,decode=1", "--policy", "hpa"],
          ["output": "json", "report-interval": "10"]))
      #expect(found.schema == 1)
      #expect(found.trace == .init(requests: 30, skipped_lines: 0))
      #expect(found.policies.map(\.policy) == ["fixed:prefill=2,decode=1", "hpa"])
      #expect(!found.pareto_front.isEmpty)
      for policy in found.policies {
        #expect(policy.total.arrivals + policy.total.refused == 30)
        #expect(policy.intervals.reduce(0) { $0 + $1.outcome.arrivals } == policy.total.arrivals)
        #expect(policy.intervals.reduce(0) { $0 + $1.outcome.good } == policy.total.good)
        let hours = policy.intervals.reduce(0) { $0 + $1.outcome.gpu_hours }
        #expect((hours - policy.total.gpu_hours).magnitude < 1e-9)
        let ttft = try #require(policy.total.ttft_ms)
        #expect(ttft.p50 <= ttft.p90 && ttft.p90 <= ttft.p99)
        #expect(policy.total.itl_ms != nil)
      }
    }

    @Test("the timeline is a CSV file with a row for each interval of each policy")
    func timeline() async throws {
      let file = folder.file("timeline.csv")
      let run = try await simulate(
        Self.azure, ["--policy", "fixed", "--policy", "planner:modes=both,every=30"],
        ["timeline": file, "report-interval": "5", "loadbased-metric-samples": "2"])
      #expect(run.exit == .code(0), "\(run)")
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      let header = lines[0].split(separator: ",").map(String.init)
      #expect(header.starts(with: ["policy", "start_s", "seconds", "arrivals"]))
      for name in ["goodput", "failed_starts", "ttft_p99_ms", "prefill_asked", "decode_draining"] {
        #expect(header.contains(name), "\(name)")
      }
      let arrivals = try #require(header.firstIndex(of: "arrivals"))
      var total = 0
      for line in lines.dropFirst() {
        // The second policy's name holds a comma and stands in quotation marks.
        let fields = line.replacing("\"planner:modes=both,every=30\"", with: "planner")
          .split(separator: ",", omittingEmptySubsequences: false)
        #expect(fields.count == header.count)
        total += Int(fields[arrivals]) ?? 0
      }
      #expect(total == 80)
      #expect((lines.count - 1) % 2 == 0)
    }

    @Test("the plot is well-formed XML; the page is one file that names no other")
    func pictures() async throws {
      let (plot, page) = (folder.file("pareto.svg"), folder.file("page.html"))
      let run = try await simulate(
        Self.mooncake, ["--policy", "fixed:prefill=1", "--policy", "fixed:prefill=3"],
        ["plot": plot, "report": page])
      #expect(run.exit == .code(0), "\(run)")
      let svg = try XMLDocument(contentsOf: URL(fileURLWithPath: plot))
      #expect(svg.rootElement()?.name == "svg")
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.utf8.count < 2_000_000)
      #expect(html.contains("2 policies on mooncake_conversation_excerpt.jsonl"))
      #expect(!html.contains("http://") && !html.contains("https://"))
    }

    @Test("the page of the planner alone tells what it saw and decided")
    func plannersPage() async throws {
      let page = folder.file("page.html")
      let run = try await simulate(
        nil, ["--synthetic"],
        [
          "report": page, "synthetic-hours": "0.5", "synthetic-rate": "2",
          "synthetic-trough": "1", "enable-loadbased-scaling": "", "loadbased-metric-samples": "2",
        ])
      #expect(run.exit == .code(0), "\(run)")
      let html = try String(contentsOfFile: page, encoding: .utf8)
      for heading in ["What became of the requests", "Traffic and forecast", "Last decisions"] {
        #expect(html.contains("<h2>\(heading)</h2>"), "\(heading)")
      }
    }

    @Test("--compare runs the standard set", arguments: ["disagg", "agg"])
    func compare(mode: String) async throws {
      let found = try report(
        try await simulate(
          Self.azure, ["--compare", "--policy", "fixed:decode=2"],
          ["output": "json", "mode": mode, "loadbased-metric-samples": "2"]))
      let names = found.policies.map(\.policy)
      for name in ["planner:modes=load", "hpa:target=0.7", "fixed:peak=1", "oracle"] {
        #expect(names.contains(name), "\(name)")
      }
      #expect(names.contains("original:modes=both") == (mode == "disagg"))
      #expect(names.last == "fixed:decode=2")
      #expect(Set(names).count == names.count)
      #expect(found.policies.allSatisfy { $0.total.arrivals == 40 })
    }

    // MARK: Chance

    @Test("the same seed gives the same bytes, whatever the number of jobs; another one others")
    func determinism() async throws {
      func run(_ seed: Int, jobs: Int) async throws -> String {
        let run = try await simulate(
          Self.mooncake,
          ["--policy", "hpa", "--policy", "planner:modes=both", "--policy", "fixed"],
          [
            "output": "json", "seed": "\(seed)", "jobs": "\(jobs)", "scale": "8",
            "start-failures": "0.3", "router": "random", "loadbased-metric-samples": "2",
          ])
        #expect(run.exit == .code(0), "\(run)")
        return run.output
      }
      let first = try await run(1, jobs: 1)
      #expect(try await run(1, jobs: 3) == first)
      #expect(try await run(2, jobs: 1) != first)
    }

    @Test("starts that fail are counted and cost GPU time")
    func failedStarts() async throws {
      func total(_ share: String) async throws -> Report.Outcome {
        let found = try report(
          try await simulate(
            nil, ["--synthetic", "--policy", "hpa:target=0.3"],
            [
              "output": "json", "synthetic-hours": "0.3", "synthetic-rate": "40",
              "synthetic-trough": "1", "start-failures": share, "initial": "1,1",
            ]))
        return try #require(found.policies.first?.total)
      }
      #expect(try await total("0").failed_starts == 0)
      #expect(try await total("0.6").failed_starts > 0)
    }

    // MARK: Where the requests come from

    @Test("a trace is the same in a file, compressed, and on standard input")
    func sources() async throws {
      let flags: [String: String?] = ["output": "json"]
      let plain = try report(try await simulate(Self.azure, [], flags))
      let text = try String(contentsOfFile: Self.azure, encoding: .utf8)
      #expect(try report(try await simulate("-", [], flags, input: text)) == plain)
      let file = try folder.write("trace.csv", text)
      #expect(try await ChildProcess.run("gzip", [file]).exit == .code(0))
      #expect(try report(try await simulate(file + ".gz", [], flags)) == plain)
    }

    @Test("any CSV is read by the names of its columns")
    func columns() async throws {
      let text = "when,in,out,who\n0,100,10,a\n1500,200,20,\"b, c\"\n61000,300,30,d\n"
      let found = try report(
        try await simulate(
          "-", [],
          [
            "format": "csv", "time-column": "when", "isl-column": "in", "osl-column": "out",
            "time-unit": "ms", "output": "json",
          ], input: text))
      #expect(found.trace.requests == 3)
      #expect(found.policies[0].intervals.map(\.outcome.arrivals) == [2, 1])
    }

    /// A trace that can't be used, and what is said of it.
    struct BadTrace: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var text: String
      var words: [String]
      var flags: [String: String] = [:]

      private static let good = #"{"timestamp": 0, "input_length": 100, "output_length": 10}"#
      private static let header = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

      static let all: [BadTrace] = [
        BadTrace(
          testDescription: "a truncated line",
          text: good + "\n" + good + "\n" + #"{"timestamp": 9, "input_le"#, words: ["Line 3"]),
        BadTrace(
          testDescription: "a truncated CSV line",
          text: header + "2023-11-16 18:17:03.97,4808,10\n2023-11-16 18:17:04,31",
          words: ["Line 3", "output length", "cut off"]),
        BadTrace(
          testDescription: "a wrong column", text: "time,isl,osl\n0,1,1\n",
          words: ["no column 'timestamp'", "'time', 'isl', 'osl'"], flags: ["format": "csv"]),
        BadTrace(
          testDescription: "a negative length",
          text: good + "\n" + #"{"timestamp": 1, "input_length": -5, "output_length": 10}"#,
          words: ["Line 2", "input_length is '-5'"]),
        BadTrace(
          testDescription: "an unsorted line",
          text: header + "2023-11-16 18:17:04,100,10\n2023-11-16 18:17:03,100,10\n",
          words: ["Line 3", "--sort"]),
        BadTrace(testDescription: "nothing", text: "", words: ["no request"]),
        BadTrace(testDescription: "a header only", text: header, words: ["no request"]),
        BadTrace(
          testDescription: "another kind of file", text: "<html>\n", words: ["<html>", "--format"]),
        BadTrace(
          testDescription: "no time", text: header + "soon,100,10\n",
          words: ["Line 2", "'soon' is no time"]),
      ]
    }

    @Test("a bad trace is refused with the line's number", arguments: BadTrace.all)
    func badTrace(_ trace: BadTrace) async throws {
      let run = try await simulate("-", [], trace.flags, input: trace.text)
      run.refused(65)
      for word in trace.words { #expect(run.errorOutput.contains(word), "\(run.errorOutput)") }
    }

    @Test("a compressed trace that is cut off is refused with the last whole line")
    func cutOff() async throws {
      let file = try folder.write(
        "trace.jsonl", try String(contentsOfFile: Self.mooncake, encoding: .utf8))
      #expect(try await ChildProcess.run("gzip", [file]).exit == .code(0))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file + ".gz"))
      try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: file + ".gz"))
      try await simulate(file + ".gz").refused(65, "ends too early", "after line")
      // Not even the user's leave makes half a file a whole one.
      try await simulate(file + ".gz", ["--skip-bad-lines"]).refused(65, "ends too early")
      try await simulate(folder.file("missing.jsonl")).refused(65, "No such file")
    }

    @Test("bad lines are left out and counted where the user allows it")
    func skipped() async throws {
      let text = """
        {"timestamp": 0, "input_length": 100, "output_length": 10}
        {"timestamp": 5, "input_length": -1, "output_length": 10}
        {"timestamp": 9000, "input_length": 100, "output_length": 10}
        {"timestamp": 8000, "input_length": 100, "output_length": 10}
        nonsense
        {"timestamp": 9001, "input_length": 100
        """
      let run = try await simulate("-", ["--skip-bad-lines"], ["output": "json"], input: text)
      #expect(try report(run).trace == .init(requests: 2, skipped_lines: 4))
      for line in [2, 4, 5, 6] { #expect(run.errorOutput.contains("Line \(line) ")) }
      let sorted = try await simulate(
        "-", ["--skip-bad-lines", "--sort"], ["output": "json"], input: text)
      #expect(try report(sorted).trace == .init(requests: 3, skipped_lines: 3))
      let people = try await simulate("-", ["--skip-bad-lines"], input: text)
      #expect(people.output.contains("4 lines of the trace were left out."))
    }

    // MARK: Mistakes

    @Test(
      "a policy that makes no sense is refused",
      arguments: [
        ("magic", ["no policy 'magic'", "oracle-past"]), ("", ["no policy ''"]),
        ("hpa:target=much", ["target=much", "0.01"]), ("hpa:target=0", ["target=0"]),
        ("hpa:target=0.5,target=0.6", ["'target' twice"]), ("hpa:speed=2", ["knows no 'speed'"]),
        ("fixed:prefill=1.5", ["prefill=1.5", "count"]), ("fixed:prefill=0", ["prefill=0"]),
        ("fixed:peak=1,prefill=2", ["prefill"]), ("oracle:goal=2", ["goal=2"]),
        ("oracle-past:margin=-1", ["margin=-1"]), ("planner:modes=magic", ["modes=magic", "both"]),
        ("planner:sped=2", ["'sped'", "no option of run"]), ("planner:every=0", ["every=0"]),
        ("planner:itl=-3", ["itl"]), ("original:modes=none", ["modes=none"]),
      ])
    func badPolicy(spec: String, words: [String]) async throws {
      let run = try await simulate(Self.azure, ["--policy", "hpa", "--policy", spec])
      run.refused(64)
      for word in words { #expect(run.errorOutput.contains(word), "\(run.errorOutput)") }
    }

    @Test(
      "other mistakes on the command line are told apart",
      arguments: [
        (["--output", "xml"], 64, "--output"), (["--format", "xml"], 64, "--format"),
        (["--synthetic"], 64, "not both"), (["--scale", "0"], 64, "--scale"),
        (["--from", "9", "--until", "3"], 64, "--until"), (["--repeat", "0"], 64, "--repeat"),
        (["--from", "-1"], 64, "--from"), (["--jitter", "nan"], 64, "--jitter"),
        (["--initial", "1"], 64, "--initial"), (["--initial", "0,1"], 64, "--initial"),
        (["--router", "magic"], 64, "--router"), (["--start-failures", "1"], 64, "start"),
        (["--worker-startup=-1"], 64, "start-up"), (["--report-interval", "0"], 64, "interval"),
        (["--warm-up", "-5"], 64, "warm-up"), (["--max-num-seqs", "0"], 64, "equences"),
        (["--block-size", "0"], 64, "lock"), (["--jobs", "0"], 64, "--jobs"),
        (["--every", "0"], 64, "--every"), (["--bogus"], 64, "--bogus"),
        (["--ttft", "-1"], 64, "ttft"), (["--from", "1e9"], 64, "--from"),
        (["--plot", "/nowhere/plot.svg"], 78, "plot '/nowhere/"),
        (["--report", "/nowhere/page.html"], 78, "report '/nowhere/"),
        (["--profile-results-dir", "/nowhere"], 65, "/nowhere"),
      ])
    func mistakes(flags: [String], code: Int32, word: String) async throws {
      let run = try await simulate(
        Self.azure, flags, flags[0] == "--profile-results-dir" ? ["profile-results-dir": nil] : [:])
      #expect(run.exit == .code(code), "\(run)")
      #expect(run.output.isEmpty)
      #expect(run.errorOutput.contains(word), "\(run.errorOutput)")
    }

    // MARK: Scenarios, seeds, sweeps

    @Test("scenarios with seeds give means and spreads, the same every time")
    func study() async throws {
      let flags = [
        "--scenario", "steady,slow-engine", "--scenario-hours", "0.1", "--seeds", "1..2",
        "--policy", "fixed:prefill=3,decode=2", "--frontier", "--worker-startup", "uniform:20,60",
      ]
      let run = try await simulate(nil, flags)
      #expect(run.exit == .code(0), "\(run)")
      for words in ["steady: ", "slow-engine: ", "all: ", "2 seeds", "× reactive", " ± "] {
        #expect(run.output.contains(words), "\(run.output)")
      }
      #expect(try await simulate(nil, flags + ["--jobs", "1"]).output == run.output)
    }

    @Test("a sweep compares the planner with every combination of values")
    func sweep() async throws {
      let run = try await simulate(
        nil,
        [
          "--scenario", "steady", "--scenario-hours", "0.1", "--sweep", "sla-quantile=0.9,0.99",
          "--sweep", "every=60",
        ], ["adjustment-interval": "60"])
      #expect(run.exit == .code(0), "\(run)")
      for words in [
        "planner:sla-quantile=0.9,every=60", "planner:sla-quantile=0.99,every=60", "oracle",
        "× reactive", "reactive: margin",
      ] { #expect(run.output.contains(words), "\(run.output)") }
    }

    @Test(
      "mistakes in scenarios, seeds and sweeps are told",
      arguments: [
        (["--scenario", "magic"], "no scenario 'magic'"),
        (["--scenario", "steady", "--synthetic"], "not both"),
        (["--scenario", "steady", "--scenario-hours", "0"], "--scenario-hours"),
        (["--synthetic", "--scenario-hours", "1"], "--scenario-hours"),
        (["--scenario", "steady", "--seeds", "1,1"], "twice"),
        (["--scenario", "steady", "--seeds", "5..1"], "--seeds"),
        (["--scenario", "steady", "--seeds", "1..2", "--plot", "x.svg"], "--plot"),
        (["--scenario", "steady", "--sweep", "magic=1"], "magic"),
        (["--scenario", "steady", "--sweep", "every"], "--sweep"),
        (["--scenario", "steady", "--never-start", "2"], "never"),
        (["--scenario", "steady", "--engine-slowdown", "x=2"], "--engine-slowdown"),
        (["--scenario", "steady", "--engine-slowdown", "0"], "slowdown"),
        (["--scenario", "steady", "--worker-startup", "soon"], "--worker-startup"),
        (["--scenario", "steady", "--scrape-interval=-1"], "scrape"),
        (["--scenario", "steady", "--metrics-lateness=-1"], "lateness"),
        (["--scenario", "steady", "--policy", "keda:growth=slow"], "growth=slow"),
        (["--scenario", "steady", "--policy", "reactive:margin=-1"], "margin=-1"),
      ])
    func scenarioMistakes(flags: [String], words: String) async throws {
      try await simulate(nil, flags).refused(64, words)
    }

    @Test("without a trace it says what it wants")
    func nothing() async throws { try await simulate(nil).refused(64, "--synthetic") }
  }
}
