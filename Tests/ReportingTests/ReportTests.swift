import Foundation
import FoundationXML
import Invocation
import Planning
import Presentation
import TestSupport
import Testing

@testable import Reporting

@Suite("Report page")
struct ReportPageTests {
  @Test("a hostile name or explanation stays text")
  func hostileNameOrExplanationStaysText() throws {
    let attack = "</title></script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&\u{0}"
    var heading = ReportScene.heading
    heading.title = attack
    heading.notes = [attack]
    var data = try ReportScene.data(100, heading: heading)
    data.decisions[0].deployment = attack
    data.decisions[0].time = attack
    data.decisions[0].error = attack
    data.decisions[0].warnings = [attack]
    data.decisions[0].components[.decode]?.explanation = attack
    var moment = ReportScene.moment(99)
    moment.time += 1
    moment.forecast?.predictor = attack
    moment.forecast?.intervalEnd += 60
    data.add(moment)
    data.add(ReportScene.observation(100))
    data.add(ReportScene.observation(101))
    let page = ReportPage(data).html
    #expect(!page.contains("<img"))
    #expect(!page.contains("\u{0}"))
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(page.components(separatedBy: "<title>&lt;/title&gt;").count == 2)
    #expect(page.contains("&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&quot;&amp;\u{FFFD}"))
  }

  @Test("the drawings are well-formed XML")
  func drawingsAreWellFormedXML() throws {
    let page = ReportPage(try ReportScene.data(300)).html
    let drawings = page.components(separatedBy: "<svg class=\"chart\"").dropFirst()
    #expect(drawings.count == 15)
    for drawing in drawings {
      let end = try #require(drawing.range(of: "</svg>"))
      let text = "<svg " + drawing[..<end.upperBound]
      #expect(XMLParser(data: Data(text.utf8)).parse(), "\(text.prefix(300))")
      #expect(!text.contains("nan") && !text.contains("inf"))
    }
  }

  @Test("nothing in the page points outside of it")
  func nothingInThePagePointsOutsideOfIt() throws {
    let page = ReportPage(try ReportScene.data(300)).html
    for reference in ["http:", "https:", "//", "src=", "@import", "url("] {
      #expect(!page.contains(reference), "\(reference)")
    }
  }

  @Test("the script is the one that the security policy lets run")
  func scriptIsTheOne() async throws {
    let digest = try await ChildProcess.run(
      "sh", ["-c", "openssl dgst -sha256 -binary | base64"], input: ReportScript.text)
    #expect(
      "sha256-\(digest.output.trimmingCharacters(in: .whitespacesAndNewlines))"
        == ReportScript.digest)
  }

  @Test("every table has a caption, every plot a name and a description")
  func everyTableHasACaption() throws {
    let page = ReportPage(try ReportScene.data(300)).html
    func count(_ text: String) -> Int { page.components(separatedBy: text).count - 1 }
    #expect(count("<table") == count("<caption>"))
    #expect(count("role=\"img\"") == count("<desc id="))
    #expect(count("role=\"img\"") == count("aria-labelledby="))
  }

  @Test("a report without any row says so instead of drawing nothing")
  func reportWithoutAnyRowSaysSoInstead() {
    let data = ReportData(ReportScene.heading, span: 0...0)
    let page = ReportPage(data).html
    #expect(page.contains("Nothing is known of this yet."))
    #expect(page.contains("No decision has been made yet."))
    #expect(!page.contains("class=\"chart\""))
  }

  @Test("a single decision is drawn")
  func singleDecisionIsDrawn() throws {
    var data = ReportData(ReportScene.heading, span: 1_772_409_601...1_772_409_601)
    data.add(ReportScene.moment(0))
    #expect(ReportPage(data).html.contains("class=\"dot first\""))
  }

  @Test("a simulation tells elapsed time")
  func simulationTellsElapsedTime() throws {
    var heading = ReportScene.heading
    heading.clock = .elapsed(since: 0)
    var data = ReportData(heading, span: 0...7200)
    for step in 0..<120 {
      data.add(ReportMoment(time: Double(step) * 60, components: [.decode: .init(final: 2)]))
    }
    let page = ReportPage(data).html
    #expect(page.contains(">2 h<") || page.contains(">120 min<"))
    #expect(page.contains("1:59:00"))
    #expect(!page.contains("Last decisions"))
  }

  @Test("a year of minutes stays below 2 MB")
  func yearOfMinutesStaysBelow2MB() throws {
    let page = ReportPage(try ReportScene.data(525_600)).html
    #expect(page.utf8.count < 2_000_000, "\(page.utf8.count) bytes")
    #expect(page.contains(">2027<"))
  }

  @Test("absurd numbers neither trap nor leave the drawing")
  func absurdNumbersNeitherTrapNorLeaveTheDrawing() {
    var data = ReportData(ReportScene.heading, span: 0...600)
    for (index, value) in [
      0, 1e300, -1e300, .infinity, .nan, .leastNonzeroMagnitude, Double(Int.max),
    ].enumerated() {
      data.add(
        TrafficObservation(
          intervalEnd: index * 60, requestCount: value, isl: value, osl: value,
          ttftMilliseconds: value, itlMilliseconds: value))
      data.add(
        ReportMoment(
          time: Double(index * 60) + 1, components: [.decode: .init(current: .max, final: .min)],
          gpus: .max, slowdown: EngineSlowdown(prefill: value, decode: value),
          forecast: .init(
            intervalEnd: index * 60 + 60, predictor: "x", requestCount: value, isl: value,
            osl: value)))
    }
    data.add(ReportMoment(time: .nan, components: [:]))
    data.add(TrafficObservation(intervalEnd: .max, requestCount: 1))
    data.add(TrafficObservation(intervalEnd: .min, requestCount: 1))
    data.regressions = [
      ReportRegression(
        latency: .itl,
        points: [
          LoadPoint(load: 1e300, latencyMilliseconds: 1e-300),
          LoadPoint(load: .nan, latencyMilliseconds: .infinity),
        ], bound: .line(load: .infinity, slope: 1e-300, intercept: .nan),
        targetMilliseconds: 1e308)
    ]
    let page = ReportPage(data).html
    for broken in ["\"nan", " nan", "Hnan", "Lnan", "Vnan", "Vinf", "Linf", "Hinf"] {
      #expect(!page.contains(broken), "\(broken)")
    }
  }
}

@Suite("What a report gathers")
struct ReportDataTests {
  @Test("GPU-hours count what each decision holds until the next")
  func gpuHoursCountWhatEachDecisionHolds() {
    var data = ReportData(ReportScene.heading, span: 0...7200)
    for (time, gpus) in [(0.0, 4), (1800, 8), (3600, nil), (7200, 2)] as [(Double, Int?)] {
      data.add(ReportMoment(time: time, components: [:], gpus: gpus))
    }
    #expect(data.totalGPUHours == 6)
    #expect(data.decisionCount == 4)
  }

  @Test("intervals within the targets are counted")
  func intervalsWithinTheTargetsAreCounted() {
    var data = ReportData(ReportScene.heading, span: 0...600)
    for (end, ttft) in [(60, 400.0), (120, 500), (180, 501), (240, nil)] as [(Int, Double?)] {
      data.add(TrafficObservation(intervalEnd: end, requestCount: 1, ttftMilliseconds: ttft))
    }
    #expect(data.traffic.ttftIntervals == (3, 2))
    #expect(data.traffic.itlIntervals == (0, 0))
  }

  @Test("a forecast is judged by its own interval and next to the last value")
  func forecastIsJudgedByItsOwnInterval() {
    var errors = ForecastErrors()
    #expect(errors.observe(10, end: 60, intervalSeconds: 60) == nil)
    errors.expect(99, predictor: "old", end: 120)
    errors.expect(13, predictor: "kalman", end: 120)
    let error = errors.observe(16, end: 120, intervalSeconds: 60)
    #expect(error?.predictor == 3)
    #expect(error?.lastValue == 6)
    let comparison = errors.byPredictor["kalman"]
    #expect(comparison?.predictor.meanAbsolute == 3)
    #expect(comparison?.predictor.bias == 3)
    #expect(comparison?.lastValue.rootMeanSquare == 6)
    #expect(comparison?.predictor.share == 3.0 / 16)
    #expect(errors.byPredictor["old"] == nil)
  }

  @Test("after a gap the last value is not compared with")
  func afterAGapTheLastValueIsNotCompared() {
    var errors = ForecastErrors()
    _ = errors.observe(10, end: 60, intervalSeconds: 60)
    errors.expect(13, predictor: "kalman", end: 240)
    #expect(errors.observe(16, end: 240, intervalSeconds: 60) == nil)
    #expect(errors.byPredictor.isEmpty)
  }

  @Test("the band holds nine in ten of the errors before it")
  func bandHoldsNineInTenOfTheErrors() throws {
    var errors = ForecastErrors()
    #expect(errors.interval(around: 50) == nil)
    for index in 1...100 {
      errors.expect(100, predictor: "x", end: index * 60)
      _ = errors.observe(100 + Double(index) - 50, end: index * 60, intervalSeconds: 60)
    }
    #expect(errors.interval(around: 60) == 15...105)
    #expect(errors.interval(around: 10) == 0...55)
  }

  @Test("a sliding sample forgets the oldest and keeps the order")
  func slidingSampleForgetsTheOldest() {
    var sample = SlidingSample(capacity: 3)
    #expect(sample.mean == nil)
    for value in [5.0, 1, 9, 2, 2] { sample.add(value) }
    #expect(sample.count == 3)
    #expect(sample.quantile(0) == 2)
    #expect(sample.quantile(1) == 9)
    #expect(sample.mean == 13.0 / 3)
  }

  @Test("a document that was only held keeps the GPUs it found")
  func documentThatWasOnlyHeldKeepsTheGPUsItFound() throws {
    var document = try Scene.past(1).document
    #expect(
      ReportMoment(document, time: 1000, isChange: true, intervalSeconds: 60).gpus
        == document.gpus.after)
    document.status = .failed
    #expect(
      ReportMoment(document, time: 1000, isChange: true, intervalSeconds: 60).gpus
        == document.gpus.before)
  }

  @Test("a document's forecast is of the interval after the observed one")
  func documentsForecastIsOfTheInterval() throws {
    var document = try Scene.past(1).document
    document.forecast = try JSONText.decode(
      DecisionDocument.Forecast.self,
      from: #"{"predictor":"kalman","num_req":5,"isl":1,"osl":1}"#)
    func end(_ seconds: Int?) -> Int? {
      ReportMoment(document, time: 1000, isChange: false, intervalSeconds: seconds)
        .forecast?.intervalEnd
    }
    #expect(end(60) == 1020)
    #expect(end(nil) == nil)
    document.observed = try JSONText.decode(
      DecisionDocument.Observed.self,
      from: """
        {"interval_end":"1970-01-01T00:15:00Z","num_req":1,"isl":null,"osl":null,"ttft_ms":null,\
        "itl_ms":null,"request_duration_s":null}
        """)
    #expect(end(60) == 960)
  }

  @Test("the regressions come from the decision's record")
  func regressionsComeFromTheDecisionsRecord() throws {
    let regression = try #require(ReportRegression.all(of: try Scene.past(1).record).first)
    #expect(regression.latency == .itl)
    #expect(regression.points.count == 10)
    #expect(regression.targetMilliseconds == 20)
    #expect(regression.workers == [LoadPoint(load: 1500, latencyMilliseconds: 25)])
    #expect(abs((regression.bound.load ?? 0) - 1000) < 1e-9)
  }
}

@Suite("Series and axes of a report")
struct ReportSeriesTests {
  @Test("of a part of time the extremes stay")
  func ofAPartOfTimeTheExtremesStay() {
    var series = SeriesSampler(TimeGrid(0...3000))
    for index in 0..<300_000 {
      series.add(index == 123_456 ? 99 : index == 200_000 ? -7 : 1, at: Double(index) / 100)
    }
    let points = series.runs.flatMap(\.points)
    #expect(points.count <= 4 * TimeGrid.standardCount)
    #expect(points.contains { $0.value == 99 && $0.time == 1234.56 })
    #expect(points.contains { $0.value == -7 && $0.time == 2000 })
    #expect(series.range == -7...99)
    #expect(points.map(\.time) == points.map(\.time).sorted())
  }

  @Test("what is missing is a gap")
  func whatIsMissingIsAGap() {
    var series = SeriesSampler(TimeGrid(0...3000))
    for (time, value) in [(0.0, 1), (100, 2), (200, nil), (1000, 3), (1100, .nan), (3001, 4)]
      as [(Double, Double?)]
    {
      series.add(value, at: time)
    }
    #expect(series.runs.map { $0.points.map(\.value) } == [[1, 2], [3]])
    #expect(series.runs.map(\.end) == [200, 1100])
    #expect(series.last?.value == 3)
  }

  @Test("thinned, a part of time is its middle")
  func thinnedAPartOfTimeIsItsMiddle() {
    var series = SeriesSampler(TimeGrid(0...3000))
    for (time, value) in [(0.0, 1), (1, 9), (2, 3), (20, 5), (30, nil)] as [(Double, Double?)] {
      series.add(value, at: time)
    }
    #expect(series.middleRuns.map { $0.points.map(\.value) } == [[5, 5]])
    #expect(series.middleRuns.first?.points.map(\.time) == [1, 20])
    #expect(series.middleRuns.first?.end == 30)
  }

  @Test(
    "number axes have round ticks",
    arguments: [
      (0.0, 7.0, true, ["0", "2", "4", "6", "8"]), (0, 1, true, ["0", "1"]),
      (0, 0.37, false, ["0", "0.1", "0.2", "0.3", "0.4"]),
      (2900, 3110, false, ["2900", "3000", "3100", "3200"]),
      (0, 43_000, false, ["0", "20k", "40k", "60k"]), (5, 5, false, ["4.5", "5", "5.5"]),
    ])
  func numberAxesHaveRoundTicks(
    _ low: Double, _ high: Double, _ whole: Bool, _ labels: [String]
  ) {
    let axis = NumberAxis(low: low, high: high, wholeSteps: whole)
    #expect(axis.ticks.map(axis.label) == labels)
  }

  @Test("a number axis survives anything")
  func numberAxisSurvivesAnything() {
    for low in [0, -1, 1e-300, 1e300, .infinity, .nan] {
      for high in [0, 1, -5, 1e-300, 1e14, .infinity, .nan] {
        let axis = NumberAxis(low: low, high: high)
        #expect(axis.high > axis.low)
        #expect(axis.ticks.count <= 8)
        #expect(axis.ticks.allSatisfy { !axis.label($0).isEmpty })
      }
    }
  }

  @Test(
    "time axes have round ticks",
    arguments: [
      (90.0, "00:00:00"), (3600.0, "00:00"), (86_400.0, "00:00"), (604_800.0, "Mar 2"),
      (17_280_000.0, "May"), (345_600_000.0, "Jan"),
    ])
  func timeAxesHaveRoundTicks(_ length: Double, _ first: String) {
    let start = Double(ReportScene.start)
    let axis = TimeAxis(start: start, end: start + length, clock: .utc)
    #expect((2...7).contains(axis.ticks.count))
    #expect(axis.ticks.first?.label == first, "\(axis.ticks)")
    #expect(axis.ticks.first?.subLabel != nil)
  }
}
