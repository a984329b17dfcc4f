import Planning
import Testing

@testable import Simulation

/// Steps, scrapes and lateness: what a policy knows of the traffic, and when.
struct TelemetryTests {
  private final class Watcher: ScalingPolicy, @unchecked Sendable {
    let name = "watcher"
    let trafficIntervalSeconds: Int?
    let trafficStepSeconds: Int?
    let sampling = WorkerSampling.none
    let period: Double
    var looks: [ClusterMetrics] = []

    init(interval: Int? = 60, step: Int? = 15, period: Double = 15) {
      trafficIntervalSeconds = interval
      trafficStepSeconds = step
      self.period = period
    }

    func nextLook(after time: Double) -> Double { multiple(of: period, after: time) }

    func targets(for metrics: ClusterMetrics) -> [Component: Int] {
      looks.append(metrics)
      return [:]
    }
  }

  private let epoch = SimulationSettings.standardEpoch

  private func watch(
    _ trace: RequestTrace, _ watcher: Watcher = Watcher(), scrape: Double = 0, lateness: Double = 0
  ) throws -> [ClusterMetrics] {
    var settings = SimulationSettings.small(prefill: 3, decode: 3, report: 60)
    settings.scrapeSeconds = scrape
    settings.metricsLatenessSeconds = lateness
    _ = try SimulationRun(trace: trace, profile: Engines.h200(), settings: settings)
      .result(of: watcher)
    return watcher.looks
  }

  private func traffic() -> RequestTrace {
    Traces.poisson(
      rate: 10, count: 6000, isl: { Int32($0.index(below: 2000)) + 1 },
      osl: { Int32($0.index(below: 100)) + 1 })
  }

  @Test("steps come one a look and add up to the intervals")
  func steps() throws {
    let looks = try watch(traffic())
    #expect(looks.dropLast().allSatisfy { $0.steps.map(\.end) == [Int($0.time)] })
    #expect(looks.allSatisfy { $0.steps.allSatisfy { $0.seconds == 15 } })
    let steps = looks.flatMap(\.steps)
    for interval in looks.flatMap(\.intervals) {
      let own = steps.filter { $0.end > interval.end - 60 && $0.end <= interval.end }
      #expect(own.reduce(0) { $0 + $1.counters.started } == interval.counters.started)
      #expect(own.reduce(0) { $0 + $1.counters.completed } == interval.counters.completed)
      let tokens = own.reduce(0) { $0 + $1.counters.isl.sum }
      #expect(near(tokens, interval.counters.isl.sum, within: 1e-6))
      #expect(own.last?.inFlight == interval.inFlight && own.last?.queued == interval.queued)
    }
  }

  @Test("a policy that asks for none gets no steps, and one without intervals has its steps")
  func onlyWhatWasAsked() throws {
    #expect(try watch(traffic(), Watcher(step: nil)).allSatisfy { $0.steps.isEmpty })
    let looks = try watch(traffic(), Watcher(interval: nil))
    #expect(looks.allSatisfy { $0.intervals.isEmpty })
    #expect(looks.flatMap(\.steps).allSatisfy { $0.end % 15 == 0 })
  }

  @Test("what is late is known late, and once")
  func lateness() throws {
    let prompt = try watch(traffic())
    let late = try watch(traffic(), lateness: 20)
    for (index, look) in late.enumerated().dropFirst(2) {
      // 20 s after its end a step is known; the look is the one 30 s after it.
      #expect(look.steps.map(\.end) == [Int(look.time) - 30])
      #expect(look.steps == prompt[index - 2].steps)
    }
    let ends = late.flatMap(\.intervals).map(\.end)
    #expect(Set(ends).count == ends.count)
  }

  @Test("with scrapes the counts are extrapolated, right on average")
  func scrapes() throws {
    let exact = try watch(traffic()).flatMap(\.intervals)
    let scraped = try watch(traffic(), scrape: 7).flatMap(\.intervals)
    #expect(scraped.map(\.end) == exact.map(\.end))
    #expect(scraped.allSatisfy { $0.extrapolation > 1 && $0.extrapolation < 1.25 })
    let told = scraped.reduce(0) { $0 + $1.observation.requestCount }
    let counted = exact.reduce(0) { $0 + $1.observation.requestCount }
    #expect(near(told / counted, 1, within: 0.03))
    #expect(scraped != exact)
    // A step of 15 s holds two scrapes that are 7 s apart, or three.
    let steps = try watch(traffic(), scrape: 7).flatMap(\.steps)
    #expect(steps.allSatisfy { $0.extrapolation > 1 })
  }

  @Test("a window with less than two scrapes is not known")
  func tooFewScrapes() throws {
    let looks = try watch(traffic(), scrape: 20)
    #expect(looks.allSatisfy { $0.steps.isEmpty })
    #expect(!looks.flatMap(\.intervals).isEmpty)
  }

  @Test("the increase is scaled to the window's ends as Prometheus does it")
  func extrapolation() throws {
    let run = try SimulationRun(
      trace: Traces.of((0..<600).map { (Double($0) / 10, 1, 1) }), profile: Engines.ideal(),
      settings: .small())
    var cluster = run.cluster()
    var scrapes = CounterScrapes(periodSeconds: 15, phase: 4, longestWindow: 60)
    while scrapes.next < 60 {
      cluster.advance(to: scrapes.next)
      scrapes.take(cluster)
    }
    let told = try #require(scrapes.increase(from: 0, to: 60))
    // Scrapes at 4, 19, 34 and 49 s: 45 s of 10 requests each, 4 s and 11 s to the ends.
    #expect((440...451).contains(told.counters.started))
    #expect(near(told.factor, 60.0 / 45))
    // Of 90 s the last 41 s are unseen: half a scrape's distance is made up for.
    let longer = try #require(scrapes.increase(from: 0, to: 90))
    #expect(near(longer.factor, 56.5 / 45))
    #expect(scrapes.increase(from: 50, to: 60) == nil)
  }
}
