import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("The forecast command")
  struct ForecastCommandTests {
    static let predictors = ["constant", "kalman", "arima", "prophet", "auto"]
    /// Requests of 20 minutes, one number each half minute.
    static let series: [Double] = [
      12, 15, 11, 18, 22, 19, 25, 31, 28, 24, 30, 36, 33, 29, 27, 35, 41, 38, 34, 30, 28, 33, 39,
      44, 40, 37, 35, 42, 47, 43, 39, 36, 41, 46, 50, 45, 42, 40, 47, 52,
    ]

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(
      _ flags: [String: String], input: String = Self.text(series)
    ) async throws -> PlannerRun {
      try await Planner(command: "forecast", flags: flags, directory: folder.path)
        .run(input: input)
    }

    private static func text(_ values: some Sequence<Double>) -> String {
      values.map { "\($0)" }.joined(separator: "\n")
    }

    private func object(_ run: PlannerRun) throws -> [String: Any] {
      #expect(run.exit == .code(0), "\(run)")
      return try #require(
        JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    @Test("rolling, every forecast uses only the values before it", arguments: predictors)
    func rolling(predictor: String) async throws {
      let rolling = try object(try await run(["load-predictor": predictor, "rolling": "10"]))
      #expect(rolling["predictor"] as? String == predictor)
      #expect(rolling["from"] as? Int == 10)
      let forecasts = try #require(rolling["forecasts"] as? [Double])
      #expect(forecasts.count == Self.series.count - 10)
      for index in [10, 25, 39] {
        let alone = try object(
          try await run(
            ["load-predictor": predictor], input: Self.text(Self.series.prefix(index))))
        #expect(alone["forecast"] as? Double == forecasts[index - 10])
        #expect(alone["planned"] == nil)
      }
    }

    @Test("rolling with a quantile is what would have been planned for", arguments: predictors)
    func planned(predictor: String) async throws {
      let flags = ["load-predictor": predictor, "forecast-quantile": "0.9", "startup-delay": "200"]
      let rolling = try object(try await run(flags.merging(["rolling": "39"]) { $1 }))
      let alone = try object(try await run(flags, input: Self.text(Self.series.dropLast())))
      let planned = try #require(alone["planned"] as? Double)
      #expect(rolling["forecasts"] as? [Double] == [planned])
      #expect(planned >= (alone["forecast"] as? Double ?? .infinity))
      let coverage = try #require(alone["coverage"] as? Double)
      #expect((0...1).contains(coverage))
    }

    @Test("--compare ranks all predictors by their error, as a table and as JSON")
    func compare() async throws {
      let table = try await run(["compare": ""])
      #expect(table.exit == .code(0))
      let rows = table.output.split(separator: "\n").map(String.init)
      #expect(rows.count == 2 + Self.predictors.count)
      #expect(rows[0].hasPrefix("35 one-step forecasts from index 5 on"))
      for heading in ["MAE", "sMAPE %", "RMSE", "pinball", "coverage", "ms/forecast"] {
        #expect(rows[1].contains(heading))
      }
      let json = try object(
        try await run(["compare": "", "json": "", "rolling": "20", "forecast-quantile": "0.8"]))
      #expect(json["from"] as? Int == 20)
      #expect(json["quantile"] as? Double == 0.8)
      let scores = try #require(json["scores"] as? [[String: Any]])
      #expect(
        Set(scores.compactMap { $0["predictor"] as? String }) == Set(Self.predictors))
      let errors = scores.compactMap { $0["mae"] as? Double }
      #expect(errors.count == Self.predictors.count && errors == errors.sorted())
      #expect(scores.allSatisfy { $0["count"] as? Int == 20 })
      let constant = try #require(scores.first { $0["predictor"] as? String == "constant" })
      let steps = zip(Self.series.dropFirst(20), Self.series.dropFirst(19)).map { abs($0 - $1) }
      let mean = steps.reduce(0, +) / 20
      #expect(abs((constant["mae"] as? Double ?? 0) - mean) < 1e-9)
    }

    @Test("--plot draws the series, its forecasts and their interval", arguments: predictors)
    func plot(predictor: String) async throws {
      let path = folder.file("\(predictor).svg")
      let answer = try object(try await run(["load-predictor": predictor, "plot": path]))
      #expect(answer["forecast"] is Double)
      let svg = try String(contentsOfFile: path, encoding: .utf8)
      #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
      #expect(svg.contains("<title>One-step forecasts by \(predictor)</title>"))
      /// How many points each element of this kind has.
      func points(_ element: String) -> [Int] {
        svg.split(separator: "\n").filter { $0.hasPrefix("<\(element) ") }.map { line in
          line.split(separator: "\"")[1].split(separator: " ").count
        }
      }
      #expect(points("polyline") == [40, 35])
      #expect(points("polygon") == [70])
    }

    @Test("a picture that can't be written is a usage error")
    func unwritable() async throws {
      let run = try await run(["plot": folder.file("absent/series.svg")])
      #expect(run.exit == .code(64))
      #expect(run.errorOutput.contains("check that its folder exists"))
    }

    @Test(
      "what is no series is refused with the place",
      arguments: [
        ("", "empty"), ("\n\n", "empty"), ("3\nfive\n", "'five'"), ("3\n-1\n", "'-1'"),
        ("3\nnan\n", "'nan'"), ("1e400\n", "'1e400'"), ("a,b\n1,2\n", "--column"),
        ("t,requests\n1\n", "requests"), ("{\"values\": [1, \"x\"]}", "not JSON"),
        ("{\"values\": []}", "empty"), ("{\"values\": [1], \"interval_seconds\": 0}", "interval"),
        ("{\"values\": [1, 2", "not JSON"), ("t,\"requests\n1,2\n", "quotation mark"),
      ])
    func unreadable(text: String, words: String) async throws {
      let flags = text.contains("requests") ? ["column": "requests"] : [:]
      let run = try await run(flags, input: text)
      #expect(run.exit == .code(65), "\(run)")
      #expect(run.output.isEmpty)
      #expect(run.errorOutput.contains(words), "\(run.errorOutput)")
    }

    @Test(
      "flags that make no sense are refused",
      arguments: [
        (["load-predictor": "bogus"], "auto"), (["rolling": "-1"], "at least 0"),
        (["json": ""], "--compare"), (["forecast-quantile": "1"], "below 1"),
        (["startup-delay": "-1"], "from 0 to"), (["kalman-r": "0"], "above 0"),
        (["prophet-window-size": "0"], "from 1 to"), (["adjustment-interval": "0"], "from 1 to"),
      ] as [([String: String], String)])
    func badFlags(flags: [String: String], words: String) async throws {
      let run = try await run(flags)
      #expect(run.exit == .code(64), "\(run)")
      #expect(run.output.isEmpty)
      #expect(run.errorOutput.contains(words), "\(run.errorOutput)")
    }

    @Test("a series with nothing left to compare is refused", arguments: ["compare", "plot"])
    func tooShort(flag: String) async throws {
      let flags = [flag: flag == "plot" ? folder.file("a.svg") : "", "rolling": "40"]
      let run = try await run(flags)
      #expect(run.exit == .code(65), "\(run)")
      #expect(run.errorOutput.contains("nothing to compare"))
    }
  }
}
