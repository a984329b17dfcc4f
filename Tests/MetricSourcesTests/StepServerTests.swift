import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

/// Short steps as a real Prometheus's samples tell them, each kind of frontend a model.
@Suite("Traffic in short steps")
struct StepServerTests {
  private static func rising(_ second: Int) -> Int { 20 + (second - DemandHistory.start) / 60 }
  private static let end = DemandHistory.end(10)

  private static let history: String = {
    var history = DemandHistory()
    func add(
      _ model: String, _ instance: String = "a", countsStarts: Bool = true, scrape: Int = 5,
      intervals: ClosedRange<Int> = 1...10, capacity: Int = 1000, restarts: Set<Int> = [],
      isScraped: @escaping (Int) -> Bool = { _ in true }
    ) {
      history.add(
        DemandHistory.Frontend(
          labels: "model=\"\(model)\",instance=\"\(instance)\",job=\"frontend\"",
          countsStarts: countsStarts, scrapeSeconds: scrape, phase: 2 % scrape,
          intervals: intervals, arrivals: rising, capacity: capacity, restarts: restarts,
          isScraped: isScraped))
    }
    add("1.6.1")
    // More come than are completed: completions alone would show a level load.
    add("overloaded 1.0.0", countsStarts: false, capacity: 25)
    add("two", countsStarts: false)
    add("two", "b", countsStarts: true)
    add("slowly scraped", scrape: 15)
    add("late") { $0 <= end - 50 }
    add("restarted", countsStarts: false, restarts: [end - 100])
    add("joined by another")
    add("joined by another", "b", intervals: 10...10)
    add("one of two unscraped")
    add("one of two unscraped", "b") { !((end - 120)...(end - 60)).contains($0) }
    return history.openMetrics
  }()

  private static func truth(_ step: TrafficStep) -> Double {
    (step.start..<step.end).reduce(0) { $0 + Double(rising($1)) }
  }

  private func steps(
    _ server: PrometheusServer, _ model: String?, after: Int = end - 180, until: Int = end
  ) async throws -> [TrafficStep] {
    try await PrometheusTrafficSource(
      client: server.client,
      settings: PrometheusSettings(
        endpoint: server.endpoint, dynamoNamespace: "", isDisaggregated: true)
    ).readSteps(
      StepWindow(after: after, until: Double(until), shortestSeconds: 15, intervalSeconds: 180),
      modelName: model
    ).steps
  }

  private func expect(
    _ steps: [TrafficStep], times frontends: Double = 1, within share: Double = 0.02,
    _ name: Comment
  ) {
    for step in steps {
      let truth = frontends * Self.truth(step)
      let arrived = step.observation.arrivals?.count ?? -1
      #expect(abs(arrived - truth) <= share * truth + 1, name)
    }
  }

  @Test("count every arrival, whatever the frontend's generation and the load")
  func counts() async throws {
    try await PrometheusServer.run(history: Self.history) { server in
      for (model, frontends) in [("1.6.1", 1.0), ("overloaded 1.0.0", 1), ("two", 2)] {
        let steps = try await steps(server, model)
        // The samples end three seconds before the end.
        #expect(steps.map(\.end) == Array(stride(from: Self.end - 165, to: Self.end, by: 15)))
        expect(steps, times: frontends, "\(model)")
        #expect(steps.allSatisfy { abs(($0.observation.isl ?? 0) - 850) < 60 }, "\(model)")
      }
      let overloaded = try #require(try await steps(server, "overloaded 1.0.0").last?.observation)
      #expect(abs(overloaded.requestCount - 25 * 15) < 2)
      #expect((overloaded.inFlightRequests ?? 0) > 1000)

      let slow = try await steps(server, "slowly scraped")
      #expect(slow.map(\.seconds) == [45, 45, 45])
      expect(slow, "a scrape every 15 s")
      // Several models and no name: whose traffic it is nobody knows.
      #expect(try await steps(server, nil).isEmpty)
      try await judgesParts(server)
    }
  }

  /// A part of the samples, or of the frontends, is never the whole.
  private func judgesParts(_ server: PrometheusServer) async throws {
    let late = try await steps(server, "late")
    #expect(late.last?.end == Self.end - 60)
    expect(late, "late samples")
    let restarted = try await steps(server, "restarted")
    expect(restarted.filter { $0.end < Self.end - 110 || $0.start > Self.end - 95 }, "restarted")
    #expect(restarted.count == 11)

    let joined = try await steps(server, "joined by another", after: Self.end - 240)
    expect(joined.filter { $0.end <= Self.end - 180 }, "before it came")
    expect(joined.filter { $0.start >= Self.end - 165 }, times: 2, "since it came")

    let unscraped = try await steps(server, "one of two unscraped", after: Self.end - 240)
    let gap = (Self.end - 120)...(Self.end - 60)
    #expect(!unscraped.contains { gap.contains($0.start + 6) && gap.contains($0.end - 6) })
    expect(unscraped, times: 2, "around the gap")
  }

  @Test(
    "are the shortest part of an interval that holds three scrapes",
    arguments: [
      (5.0, 180, 15), (15, 180, 45), (14.98, 180, 45), (30, 180, 90), (60, 180, 180),
      (15, 60, 60), (10, 60, 30), (1, 60, 15), (90, 180, 180),
    ])
  func length(_ scrape: Double, _ interval: Int, _ seconds: Int) {
    let window = StepWindow(
      after: 0, until: 0, shortestSeconds: 15, intervalSeconds: interval)
    #expect(window.stepSeconds(scrapeSeconds: scrape) == seconds)
  }
}
