import Foundation
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

@Suite("Arrivals from a real Prometheus")
struct DemandServerTests {
  typealias Frontend = DemandHistory.Frontend

  /// Overloaded from interval 3 to 6, drained in 7 and 8: 4 requests a second completed at most.
  private static func surge(_ second: Int) -> Int {
    let interval = (second - DemandHistory.start) / DemandHistory.intervalSeconds + 1
    switch interval {
    case 3...6: return 6
    case 7...8: return 1
    default: return 2
    }
  }

  private static func middle(_ interval: Int) -> Int { DemandHistory.end(interval) - 90 }

  /// Prometheus misses everything from interval 12 to the middle of 13.
  private static func outage(_ second: Int) -> Bool {
    !(DemandHistory.end(11)..<DemandHistory.end(13) - 80).contains(second)
  }

  private static let history: String = {
    var history = DemandHistory()
    // Two new frontends; west restarts in interval 10 and refuses much.
    history.add(
      Frontend(
        labels: #"model="new",instance="west""#, intervals: 0...14, arrivals: surge, capacity: 4,
        restarts: [middle(10)], refused: 3))
    history.add(
      Frontend(
        labels: #"model="new",instance="east""#, phase: 1, intervals: 0...14,
        arrivals: { _ in 1 }, capacity: 4))
    // Old ones don't count starts; the second is replaced by a pod of another name in interval 10.
    history.add(
      Frontend(
        labels: #"model="old",instance="west""#, countsStarts: false, intervals: 0...14,
        arrivals: surge, capacity: 4, restarts: [middle(5)], refused: 3))
    history.add(
      Frontend(
        labels: #"model="old",instance="a""#, countsStarts: false, intervals: 0...9,
        arrivals: { _ in 3 }, capacity: 4))
    history.add(
      Frontend(
        labels: #"model="old",instance="b""#, countsStarts: false, intervals: 10...14,
        arrivals: { _ in 3 }, capacity: 4))
    history.add(
      Frontend(
        labels: #"model="mixed",instance="old""#, countsStarts: false, intervals: 0...14,
        arrivals: surge, capacity: 4))
    history.add(
      Frontend(
        labels: #"model="mixed",instance="new""#, intervals: 0...14, arrivals: surge,
        capacity: 4))
    history.add(
      Frontend(
        labels: #"model="bare""#, countsStarts: false, hasGauges: false, intervals: 0...14,
        arrivals: surge, capacity: 4))
    history.add(
      Frontend(
        labels: #"model="gap""#, countsStarts: false, intervals: 0...16, arrivals: surge,
        capacity: 4, isScraped: outage))
    return history.openMetrics
  }()

  /// The true number of arrivals of an interval.
  private static func truth(_ interval: Int, _ arrivals: (Int) -> Int) -> Double {
    Double(
      (DemandHistory.end(interval - 1)..<DemandHistory.end(interval)).map(arrivals).reduce(0, +))
  }

  private func read(
    _ server: PrometheusServer, _ first: Int, _ last: Int, model: String?,
    client: (any HTTPClient)? = nil, wantsArrivals: Bool = true
  ) async throws -> TrafficReport {
    try await PrometheusTrafficSource(
      client: client ?? server.client,
      settings: PrometheusSettings(
        endpoint: server.endpoint, dynamoNamespace: "", isDisaggregated: true,
        wantsArrivals: wantsArrivals)
    ).readTraffic(
      TrafficWindow(
        firstIntervalEnd: DemandHistory.end(first), lastIntervalEnd: DemandHistory.end(last),
        intervalSeconds: DemandHistory.intervalSeconds), modelName: model)
  }

  @Test("are counted for both generations, through restarts, gaps, overload and draining")
  func arrivals() async throws {
    try await PrometheusServer.run(history: Self.history) { server in
      try await countsStarts(server)
      try await derivesFromGauges(server)
      try await addsUpGenerations(server)
      try await fallsBack(server)
      try await knowsNothingInAGap(server)
      try await asksLittle(server)
    }
  }

  private func countsStarts(_ server: PrometheusServer) async throws {
    let report = try await read(server, 2, 14, model: "NEW")
    for (interval, reading) in zip(2..., report.readings) {
      let observation = try #require(reading.observation)
      let arrivals = try #require(observation.arrivals)
      let truth = Self.truth(interval) { Self.surge($0) + 1 }
      #expect(arrivals.basis == .started)
      // A restart hides what came after the last scrape before it; increase extrapolates.
      let tolerance = interval == 10 ? 0.04 : 0.02
      #expect(abs(arrivals.count - truth) <= tolerance * truth + 8, "interval \(interval)")
    }
    // Until the end of interval 6 two a second were left waiting.
    let busy = try #require(report.readings[4].observation)
    #expect(busy.inFlightRequests.map { abs($0 - 4 * 180 * 2) < 20 } == true)
    #expect(busy.queuedRequests.map { abs($0 - 4 * 180) < 10 } == true)
    #expect(busy.requestCount < 920)
  }

  private func derivesFromGauges(_ server: PrometheusServer) async throws {
    let report = try await read(server, 2, 14, model: "old")
    for (interval, reading) in zip(2..., report.readings) {
      let arrivals = try #require(reading.observation?.arrivals)
      #expect(arrivals.basis == .completedAndInFlight)
      #expect(arrivals.indexOfDispersion == nil)
      let truth = Self.truth(interval) { Self.surge($0) + 3 }
      // What the restart in interval 5 cut off is taken to be what was in flight at the interval's
      // start, 720 instead of 900.
      let tolerance = interval == 5 ? 0.16 : 0.02
      #expect(
        abs(arrivals.count - truth) <= tolerance * truth + 12,
        "interval \(interval): \(arrivals.count) instead of \(truth)")
    }
    #expect(report.warnings.allSatisfy { !$0.contains("arrivals") })
  }

  private func addsUpGenerations(_ server: PrometheusServer) async throws {
    let report = try await read(server, 2, 9, model: "mixed")
    for (interval, reading) in zip(2..., report.readings) {
      let arrivals = try #require(reading.observation?.arrivals)
      let truth = Self.truth(interval) { 2 * Self.surge($0) }
      #expect(arrivals.basis == .completedAndInFlight)
      #expect(abs(arrivals.count - truth) <= 0.02 * truth + 8, "interval \(interval)")
    }
  }

  private func fallsBack(_ server: PrometheusServer) async throws {
    let report = try await read(server, 4, 5, model: "bare")
    for reading in report.readings {
      let observation = try #require(reading.observation)
      #expect(observation.arrivals?.basis == .completed)
      #expect(observation.arrivals?.count == observation.requestCount)
    }
    let warning = try #require(report.warnings.first { $0.contains("instead of arrivals") })
    #expect(warning.contains("no gauge of the requests in flight at the interval's end"))
    #expect(warning.contains("2023-11-14T22:24:00Z"))
  }

  /// After an outage of the scraping the gauge's change is not known: what was in flight before it
  /// has not arrived in this interval.
  private func knowsNothingInAGap(_ server: PrometheusServer) async throws {
    let report = try await read(server, 11, 16, model: "gap")
    #expect(report.readings[0].observation?.arrivals?.basis == .completedAndInFlight)
    #expect(report.readings[1].observation == nil)
    #expect(report.readings[2].observation == nil)
    #expect(report.readings[5].observation?.arrivals?.basis == .completedAndInFlight)
  }

  private func asksLittle(_ server: PrometheusServer) async throws {
    for (intervals, model) in [(1, "new"), (14, "new"), (14, "old")] {
      let client = CountingHTTPClient(server.client)
      _ = try await read(server, 15 - intervals, 14, model: model, client: client)
      // One of the old frontends is gone: whether it is still scraped is one question more.
      #expect(client.urls.count == (model == "old" ? 16 : 15))
    }
    let plain = CountingHTTPClient(server.client)
    let report = try await read(
      server, 2, 14, model: "new", client: plain, wantsArrivals: false)
    #expect(plain.urls.count == 9)
    #expect(report.readings.allSatisfy { $0.observation?.arrivals == nil })
    #expect(report.readings.allSatisfy { $0.observation?.spread == nil })
  }

  @Test("come with the spread of the lengths, of the newest 20 intervals")
  func spread() async throws {
    var history = DemandHistory()
    history.add(
      Frontend(labels: #"model="m""#, intervals: 0...30, arrivals: { _ in 4 }, capacity: 4))
    try await PrometheusServer.run(history: history.openMetrics) { server in
      let report = try await read(server, 1, 30, model: nil)
      let spreads = report.readings.map { $0.observation?.spread?.isl }
      #expect(spreads.prefix(10).allSatisfy { $0 == nil })
      for isl in spreads.dropFirst(10) {
        let isl = try #require(isl)
        #expect(isl.upperBounds == DemandHistory.bounds.map(Double.init))
        // Sixteen lengths, 100…1600, each as often.
        #expect(abs((isl.mean ?? 0) - 850) < 5)
        #expect(abs((isl.share(atMost: 430) ?? 0) - 4.0 / 16) < 0.01)
        let truth: Double = 100 * 100 * (16.0 * 16 - 1) / 12 / (850 * 850)
        let variability = isl.squaredCoefficientOfVariation ?? 0
        #expect(abs(variability - truth) < 0.05)
      }
      #expect(report.readings.allSatisfy { $0.observation?.spread?.ttftMilliseconds == nil })
    }
  }

  @Test("come from a router that labels the phase of a leg; another counts what is completed")
  func router() async throws {
    var history = TrafficHistory()
    for (name, phases) in [("old_router", false), ("new_router", true)] {
      history.addDisaggregatedRouter(
        "dynamo_namespace=\"\(name)\",router_id=\"1\"", in: 1...10, phases: phases
      ) { TrafficHistory.Load(requests: Double(60 + 12 * ($0 % 5)), ttft: 0.1, isl: 9, osl: 9) }
    }
    try await PrometheusServer.run(history: history.openMetrics) { server in
      for (namespace, basis) in [
        ("new-router", Arrivals.Basis.started), ("old-router", .completed),
      ] {
        let client = CountingHTTPClient(server.client)
        let source = try PrometheusTrafficSource(
          client: client,
          settings: PrometheusSettings(
            endpoint: server.endpoint, dynamoNamespace: namespace, source: .router,
            isDisaggregated: true, wantsArrivals: true))
        let report = try await source.readTraffic(
          TrafficWindow(
            firstIntervalEnd: TrafficHistory.end(2), lastIntervalEnd: TrafficHistory.end(9),
            intervalSeconds: TrafficHistory.intervalSeconds), modelName: "tiny-llama")
        #expect(client.urls.count == 14)
        for (interval, reading) in zip(2..., report.readings) {
          let arrivals = try #require(reading.observation?.arrivals)
          #expect(arrivals.basis == basis)
          #expect(abs(arrivals.count - Double(60 + 12 * (interval % 5))) < 1e-3)
        }
        #expect(
          report.warnings.contains { $0.contains("neither a counter of starts") }
            == (basis == .completed))
      }
    }
  }

  @Test("are not asked for when nothing is known of requests")
  func outage() async throws {
    let client = StandInHTTPClient(status: 500, "gone")
    let source = try PrometheusTrafficSource(
      client: client,
      settings: PrometheusSettings(
        endpoint: "http://p", dynamoNamespace: "", isDisaggregated: true, wantsArrivals: true))
    let window = TrafficWindow(
      firstIntervalEnd: 180, lastIntervalEnd: 360, intervalSeconds: 180)
    let report = try await source.readTraffic(window, modelName: "m")
    #expect(report.readings.allSatisfy { $0.observation == nil })
    #expect(client.requests.count == 9)
  }

  @Test("have an index of dispersion, where the scrapes are close enough")
  func dispersion() async throws {
    var random = SeededRandom(seed: 7)
    let poisson = (0..<200 * 180).map { _ in (0..<40).count { _ in random.below(10) == 0 } }
    func at(_ second: Int) -> Int { second - DemandHistory.end(-1) }
    func steady(_ second: Int) -> Int { poisson[at(second)] }
    // In half of the stretches of 30 s twice as much arrives, in the others nothing.
    func bursty(_ second: Int) -> Int { (at(second) / 30) % 2 == 0 ? 2 * poisson[at(second)] : 0 }
    var history = DemandHistory()
    let scrapes = [1, 5, 10, 15]
    for seconds in scrapes {
      for (name, arrivals) in [("steady", steady), ("bursty", bursty)] {
        history.add(
          Frontend(
            labels: "model=\"\(name)-\(seconds)\"", scrapeSeconds: seconds,
            phase: seconds == 1 ? 0 : 3 % seconds, intervals: 0...(seconds == 1 ? 20 : 60),
            arrivals: arrivals, capacity: 999))
      }
    }
    history.add(
      Frontend(
        labels: #"model="coarse""#, scrapeSeconds: 30, intervals: 0...20, arrivals: steady,
        capacity: 999))
    try await PrometheusServer.run(history: history.openMetrics) { server in
      func mean(_ model: String) async throws -> Double? {
        let last = model.hasSuffix("-1") ? 20 : 60
        let known = try await read(server, last - 19, last, model: model).readings
          .compactMap { $0.observation?.arrivals?.indexOfDispersion }
        return known.count == 20 ? known.reduce(0, +) / 20 : nil
      }
      for seconds in scrapes {
        let steady = try #require(try await mean("steady-\(seconds)"))
        // 40 chances of a tenth each: the variance is 0.9 of the mean.
        #expect(abs(steady - 0.9) < 0.35, "scraped every \(seconds) s: \(steady)")
        let bursty = try #require(try await mean("bursty-\(seconds)"))
        #expect(bursty > 25, "scraped every \(seconds) s: \(bursty)")
      }
      #expect(try await mean("coarse") == nil)
    }
  }
}
