import Foundation
import Invocation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Forecasting in a run")
  struct RunForecastTests {
    /// Requests of the recorded intervals, as Mooncake writes them down: with the third interval
    /// idle and a last one that is cut off.
    private static let recorded = [100.0, 200, 0, 400, 500, 600]

    private static func trace(intervalSeconds: Int = 180) -> String {
      var lines: [String] = []
      for (interval, count) in (recorded + [3]).enumerated() {
        for request in 0..<Int(count) {
          let time = interval * intervalSeconds * 1000 + request * intervalSeconds
          lines.append(
            #"{"timestamp": \#(time), "input_length": 2000, "output_length": 100, "hash_ids": []}"#
          )
        }
      }
      return lines.joined(separator: "\n") + "\n"
    }

    private func scene(_ predictor: String, catchUp: Int = 1) throws -> Scene {
      var scene = try Scene()
      scene.planner.flags["load-predictor"] = predictor
      scene.planner.flags["catch-up-intervals"] = "\(catchUp)"
      scene.planner.flags["dry-run"] = ""
      return scene
    }

    private func isClose(_ value: Double?, _ expected: Double) -> Bool {
      value.map { abs($0 - expected) <= 0.01 * abs(expected) } == true
    }

    // MARK: State

    @Test(
      "one run after the other forecasts what one run that catches up with all forecasts",
      arguments: ["arima", "prophet", "auto"])
    func catchUp(predictor: String) async throws {
      let steps = try scene(predictor)
      var last: DecisionDocument?
      for interval in 9...24 { last = try await steps.run(after: interval).document() }
      let once = try await scene(predictor, catchUp: 16).run(after: 24).document()
      let forecast = try #require(once.forecast)
      #expect(forecast == last?.forecast)
      #expect(forecast.predictor == predictor)
      #expect((forecast.model != nil) == (predictor != "prophet"))
    }

    @Test("arima is the default, and a decision names its order")
    func standard() async throws {
      var scene = try scene("arima", catchUp: 40)
      scene.planner.flags["load-predictor"] = nil
      let document = try await scene.run(after: 60).document()
      #expect(document.forecast?.predictor == "arima")
      #expect(document.forecast?.model?.requestCount.order?.count == 3)
      #expect(document.forecast?.model?.requestCount.aic != nil)
      #expect(document.forecast.map { (1800...9000).contains($0.requestCount) } == true)
    }

    @Test("what auto chose stands in the decision, its text and its explanation")
    func choice() async throws {
      let scene = try scene("auto", catchUp: 40)
      let document = try await scene.run(after: 60).document()
      let members = try #require(document.forecast?.model?.requestCount.members)
      #expect(abs(members.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
      #expect(members.contains { $0.name == "arima" && $0.mae != nil })
      let text = try await scene.planner(after: 61).with(["output": "text"]).run()
      let second = try #require(scene.state.documents().last?.forecast?.model)
      let choice = try #require(second.requestCount.choice)
      #expect(text.output.contains(" (auto \(choice))"), "\(text)")
      let explain = Planner(
        command: "explain", flags: ["state": scene.state.path], operands: ["1"],
        directory: scene.folder.path)
      let story = try await explain.run().output
      #expect(story.contains(" (auto): "))
      let heaviest = try #require(members.max { $0.weight < $1.weight }?.name)
      #expect(story.contains("requests          \(heaviest) "), "\(story)")
      #expect(story.contains(" % (MAE "))
    }

    // MARK: Planning for more than the forecast

    @Test("--forecast-quantile plans for the errors that the forecasts made so far")
    func quantile() async throws {
      var scene = try scene("constant", catchUp: 41)
      scene.planner.flags["forecast-quantile"] = "0.9"
      let document = try await scene.run(after: 60).document()
      let forecast = try #require(document.forecast)
      let plan = try #require(forecast.plan)
      #expect(plan.nextRequestCount == document.observed?.requestCount)
      #expect(plan.intervals == 1)
      #expect(plan.quantile == 0.9)
      // Every fourth interval falls by 5400 and by 1800; the other two rise by 3600.
      #expect(isClose(forecast.requestCount, plan.nextRequestCount + 3600))
      #expect(try #require(plan.coverage) > 0.9)
      let text = try await scene.planner(after: 61).with(["output": "text"]).run().output
      #expect(text.contains("planned   for the quantile 0.9, covered so far "), "\(text)")
    }

    @Test("--startup-delay plans for the largest forecast until a worker started now serves")
    func startUp() async throws {
      var scene = try scene("kalman", catchUp: 5)
      scene.planner.flags["startup-delay"] = "400"
      // The last three of the five intervals rise: 1800, 5400, 9000.
      let document = try await scene.run(after: 22).document()
      let forecast = try #require(document.forecast)
      let plan = try #require(forecast.plan)
      #expect(plan.intervals == 3)
      #expect(plan.quantile == nil && plan.coverage == nil)
      let (level, trend) = TrafficTests.kalmanState((18...22).map(KnownTraffic.waveRequests))
      #expect(trend > 0)
      #expect(isClose(plan.nextRequestCount, level + trend))
      #expect(isClose(forecast.requestCount, level + 3 * trend))
    }

    @Test("neither is there unless it is asked for")
    func plain() async throws {
      let document = try await scene("constant").run(after: 10).document()
      #expect(document.forecast?.plan == nil)
      #expect(document.forecast?.model == nil)
    }

    // MARK: Warm-up

    @Test("a warm-up trace goes before the first live interval, and is read only once")
    func warmUp() async throws {
      var scene = try scene("kalman")
      let path = try scene.folder.write("trace.jsonl", Self.trace())
      scene.planner.flags["load-predictor-warmup-trace"] = path
      let first = try await scene.run(after: 20)
      #expect(first.errorOutput.contains("warmed up on 6 recorded intervals"), "\(first)")
      var values = Self.recorded + [KnownTraffic.waveRequests(20)]
      #expect(
        isClose(try first.document().forecast?.requestCount, TrafficTests.kalman(values)))

      try FileManager.default.removeItem(atPath: path)
      let second = try await scene.run(after: 21)
      #expect(!second.errorOutput.contains("warmed up"))
      values.append(KnownTraffic.waveRequests(21))
      #expect(
        isClose(try second.document().forecast?.requestCount, TrafficTests.kalman(values)))
    }

    @Test("a recording holds the warm-up trace, and a replay needs no other")
    func replay() async throws {
      var scene = try scene("kalman")
      let path = try scene.folder.write("trace.jsonl", Self.trace())
      scene.planner.flags["load-predictor-warmup-trace"] = path
      scene.planner.flags["record"] = scene.folder.file("recording")
      let recorded = try await scene.run(after: 20)
      try FileManager.default.removeItem(atPath: path)
      let replay = Planner(
        flags: ["replay": scene.folder.file("recording"), "output": "json"],
        directory: scene.folder.path)
      #expect(try await replay.run().output == recorded.output)
    }

    @Test(
      "a warm-up trace that says nothing is refused, and nothing is saved",
      arguments: [
        ("", "holds no request"), ("hello\nworld\n", "neither that of a Mooncake nor of an Azure"),
        (trace(intervalSeconds: 20), "less than one --adjustment-interval (180 s)"),
      ])
    func unusable(text: String, words: String) async throws {
      var scene = try scene("kalman")
      scene.planner.flags["load-predictor-warmup-trace"] =
        try scene.folder.write("trace.jsonl", text)
      try await scene.run(after: 20).refused(65, "warm-up trace", words)
      #expect(try scene.state.decisions().isEmpty)
      let absent = scene.planner(after: 20).with(["load-predictor-warmup-trace": "/nowhere"])
      try await absent.run().refused(65, "'/nowhere' can't be read")
    }

    @Test("lines of a warm-up trace that can't be used are left out and counted")
    func skippedLines() async throws {
      var scene = try scene("kalman")
      scene.planner.flags["load-predictor-warmup-trace"] = try scene.folder.write(
        "trace.jsonl", Self.trace() + "{\"timestamp\": 1, \"input_length\": -3}\n")
      let run = try await scene.run(after: 20)
      #expect(run.exit == .code(0))
      #expect(run.errorOutput.contains("1 line of the warm-up trace was left out"), "\(run)")
    }

    @Test("validate says what a warm-up trace holds")
    func validate() async throws {
      var scene = try scene("kalman")
      scene.planner.flags["load-predictor-warmup-trace"] =
        try scene.folder.write("trace.jsonl", Self.trace())
      scene.planner.command = "validate"
      scene.planner.flags["output"] = "text"
      let checklist = try await scene.planner.run().output
      #expect(
        checklist.contains("holds 6 whole intervals of 180 s with 1800 requests"), "\(checklist)")
    }
  }
}
