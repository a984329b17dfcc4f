import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

/// Each kind of incomplete interval as a real Prometheus answers it, a model a kind.
@Suite("Late samples and gaps in a real Prometheus")
struct CoverageServerTests {
  private static let rate = 180.0
  /// The interval that each kind is about, the one before the newest.
  private static let interval = 40

  private static func seconds(_ offset: Int) -> Int { TrafficHistory.end(interval) + offset }

  private static let history: String = {
    var history = TrafficHistory()
    func add(
      _ model: String, _ instance: String = "a", in intervals: ClosedRange<Int> = 1...41,
      resets: [Int] = [], growing: Bool = true, isScraped: @escaping (Int) -> Bool = { _ in true }
    ) {
      history.addFrontend(
        "model=\"\(model)\",instance=\"\(instance)\",job=\"frontend\"", in: intervals,
        isScraped: isScraped, resets: resets
      ) { _ in
        TrafficHistory.Load(
          requests: growing ? rate : 0, ttft: 0.1, itl: 0.01, duration: 2, isl: 1000, osl: 100)
      }
    }
    add("whole")
    add("late") { $0 <= seconds(-85) }
    add("gap at the start") { !(seconds(-190)...seconds(-106)).contains($0) }
    add("gap at the end") { !(seconds(-40)...seconds(20)).contains($0) }
    add("gap in the middle") { !(seconds(-130)...seconds(-50)).contains($0) }
    add("idle with a gap", growing: false) { !(seconds(-190)...seconds(-106)).contains($0) }
    add("restarted in a gap", resets: [seconds(-150)]) {
      !(seconds(-190)...seconds(-151)).contains($0)
    }
    add("one of two late")
    add("one of two late", "b") { $0 <= seconds(-45) }
    add("new") { $0 >= seconds(-120) }
    add("old gap") { !(seconds(-30 * 180 - 40)...seconds(-30 * 180 + 10)).contains($0) }
    // The old frontend ends 60 s before the interval does, and the new one begins 30 s later.
    add("replaced") { $0 <= seconds(-60) }
    add("replaced", "b") { $0 >= seconds(-30) }
    // b's scrapes fail since three intervals, c's since two hours.
    for (model, instance, silence) in [
      ("failing", "failing-b", 540), ("failing for long", "failing-c", 7200),
    ] {
      add(model)
      add(model, instance) { $0 <= seconds(-silence) }
      history.addFailing("instance=\"\(instance)\",job=\"frontend\"") { $0 > seconds(-silence) }
    }
    return history.openMetrics
  }()

  private func read(
    _ server: PrometheusServer, _ model: String, _ first: Int, _ last: Int
  ) async throws -> TrafficReport {
    try await PrometheusTrafficSource(
      client: server.client,
      settings: PrometheusSettings(
        endpoint: server.endpoint, dynamoNamespace: "", isDisaggregated: true)
    ).readTraffic(
      TrafficWindow(
        firstIntervalEnd: TrafficHistory.end(first), lastIntervalEnd: TrafficHistory.end(last),
        intervalSeconds: TrafficHistory.intervalSeconds), modelName: model)
  }

  @Test("are unknown where requests may be missing, and only there")
  func kinds() async throws {
    try await PrometheusServer.run(history: Self.history) { server in
      for (model, reason) in [
        ("whole", nil), ("late", "90 s older"), ("gap at the start", "in its first 75 s"),
        ("gap at the end", "in its last 45 s"), ("gap in the middle", nil),
        ("idle with a gap", nil), ("restarted in a gap", nil),
        ("one of two late", "of instance 'b' is 45 s older"), ("new", nil), ("replaced", nil),
        ("failing", "the scrapes of instance 'failing-b' fail"), ("failing for long", nil),
      ] as [(String, String?)] {
        let report = try await read(server, model, Self.interval, Self.interval)
        switch try #require(report.readings.first) {
        case .known: #expect(reason == nil, "\(model) is known")
        case .unknown(_, let said):
          #expect(reason.map(said.contains) == true, "\(model): \(said)")
        }
        #expect((report.lateSeconds != nil) == model.contains("late"), "\(model)")
        // All kinds are models of the same frontends.
        #expect(
          report.warnings.allSatisfy {
            $0.contains("of other models") || $0.contains("s late;")
              || model == "failing for long" && $0.contains("'failing-c'")
          }, "\(model): \(report.warnings)")
        #expect(
          report.warnings.contains { $0.contains("served within the last day") }
            == (model == "failing for long"))
      }
      try await findsOldGaps(server)
    }
  }

  /// Beyond the newest twenty intervals Prometheus itself looks for gaps.
  private func findsOldGaps(_ server: PrometheusServer) async throws {
    let report = try await read(server, "old gap", 3, 41)
    let unknown = zip(3..., report.readings).filter { $1.observation == nil }.map(\.0)
    #expect(unknown == [10])
    let whole = try await read(server, "whole", 3, 41)
    #expect(whole.readings.allSatisfy { $0.observation != nil })
    let idle = try await read(server, "idle with a gap", 3, 41)
    #expect(idle.readings.allSatisfy { $0.observation != nil })
  }
}
